// A person uses the page of the example with three environments.
import { check, click, items, same, text, withPage } from "./browser.mjs";

await withPage(async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.id);
  const reset = () => page.keyboard.press("Escape");

  // Environments.
  same(await page.$$eval("#environment option", (all) => all.map((one) => one.textContent)), ["dev", "prod", "stage"], "environments");
  await page.select("#environment", "=prod");
  check((await items(page, "agents")).includes("agent, triage-bot"), "prod has triage-bot");

  // Search leaves what is found and what it is connected to.
  await page.keyboard.press("/");
  same(await focused(), "search", "focus after /");
  await page.keyboard.type("query-docs");
  same((await items(page, "tools")).map((name) => name.split(",")[1]), [" context7:query-docs"], "tools found");
  check(!(await items(page, "agents")).includes("agent, triage-bot"), "triage-bot has no way to what was found");
  await reset();
  same(await page.$eval("#search", (input) => input.value), "", "search after Esc");

  // Filters.
  const tools = (await items(page, "tools")).length;
  await page.select("#class", "=confidential");
  const classified = await items(page, "tools");
  check(classified.length > 0 && classified.length < tools, "a data class leaves some tools");
  check(classified.every((name) => name.includes("memory:")), "only memory has confidential data");
  await reset();
  await page.select("#agent", "=helpdesk");
  same(await items(page, "agents"), ["agent, helpdesk"], "agents of the filter");
  await reset();
  await page.select("#team", "=support");
  check((await items(page, "agents")).length > 1, "the team's agents");
  await reset();

  // A path by mouse: each step with its line, and the line drawn.
  await click(page, "agents", "triage-bot");
  await click(page, "tools", "search_nodes");
  const path = await page.$$eval("#about ol li", (steps) => steps.map((step) => step.textContent));
  same(path.length, 2, "steps");
  check(/^triage-bot holds case-reader.*catalogs\/support\/prod\.kdl:\d+$/.test(path[0]), path[0]);
  check(/^case-reader allows memory:search_nodes.*catalogs\/support\/catalog\.kdl:\d+$/.test(path[1]), path[1]);
  same((await page.$$("#lines path.path")).length, 2, "lines of the path");
  check((await page.$$(".on-path")).length >= 3, "items of the path");
  await reset();
  same((await page.$$("#lines path.path")).length, 0, "lines of the path after Esc");

  // The same by keyboard alone: one stop of Tab for each column, arrows inside.
  await page.focus("#open");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  check((await focused()).startsWith("agent, "), "Tab enters the agents: " + await focused());
  await page.keyboard.press("End");
  same(await focused(), "agent, triage-bot", "End");
  await page.keyboard.press("Enter");
  same(await page.$eval(":focus", (item) => item.getAttribute("aria-pressed")), "true", "chosen by Enter");
  await page.keyboard.press("ArrowRight");
  check((await focused()).startsWith("role, "), "ArrowRight goes to the roles: " + await focused());
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  check((await focused()).startsWith("tool, "), "ArrowDown goes from the group to a tool: " + await focused());
  await page.keyboard.press("Enter");
  check((await text(page, "#about h3")).startsWith("How triage-bot reaches "), await text(page, "#about h3"));
  await reset();

  // Enough contrast in light and dark, and a narrow window shows all without scrolling sideways.
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const ratios = await page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const luminance = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const style = getComputedStyle(document.documentElement);
      const of = (name) => luminance(style.getPropertyValue(name).trim());
      const ratio = (one, other) => {
        const [light, dark] = [of(one), of(other)].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
      };
      return { text: ratio("--text", "--ground"), item: ratio("--text", "--surface"), quiet: ratio("--quiet", "--ground"),
        chosen: ratio("--on-chosen", "--chosen"), path: ratio("--path", "--ground") };
    });
    for (const [what, ratio] of Object.entries(ratios)) {
      check(ratio >= (what === "path" ? 3 : 7), `${scheme}: contrast of ${what} is ${ratio}`);
    }
  }
  await page.setViewport({ width: 320, height: 800 });
  check(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "320 pixels need scrolling sideways");
  await page.setViewport({ width: 1400, height: 1000 });
});
