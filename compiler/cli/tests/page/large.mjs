// 500 agents and 5,000 tools.
import { check, click, items, same, text, withPage } from "./browser.mjs";

await withPage(async (page) => {
  const rows = () => page.$$eval("#map button", (all) => all.length);
  check(await rows() < 120, `${await rows()} rows before anything is chosen`);
  check((await text(page, "#summary")).startsWith("500 agents, 0 roles, 5000 tools"), await text(page, "#summary"));

  // Opening a group shows its members only.
  await page.click("[data-column=agents] .group");
  same((await items(page, "agents")).length, 20, "agents of the first team");
  await click(page, "agents", "bot0");
  same((await items(page, "agents")).length, 1, "the agent that is chosen");
  const tools = await items(page, "tools");
  check(tools.length >= 10 && tools.length <= 60, `${tools.length} tools of one agent`);
  check((await page.$$("#lines path")).length > 0, "lines of what is chosen");

  // Every answer to a key comes before a person has pressed the next.
  const slowest = await page.evaluate(async () => {
    const search = document.getElementById("search");
    let slowest = 0;
    for (const typed of ["t", "to", "tool", "tool4", "tool49", "bot4", ""]) {
      const start = performance.now();
      search.value = typed;
      search.dispatchEvent(new Event("input"));
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      slowest = Math.max(slowest, performance.now() - start);
    }
    return slowest;
  });
  console.log(`slowest answer ${Math.round(slowest)} ms`);
  check(slowest < 2000, `a search took ${slowest} ms`);
  await page.keyboard.press("Escape");
});
