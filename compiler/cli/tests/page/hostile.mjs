// Every text of the catalog tries to become markup or script.
import { check, same, text, withPage } from "./browser.mjs";

await withPage(async (page, { wrong }) => {
  // The text of `compiler/src/picture/tests/sketches.rs`.
  const name = "</script><script>window.hacked=1</script>\"'`\\ & <img/src=x onerror=\"window.hacked=2\">${1} <!-- ]]> {{script}} #quot; \u2028\u0001|]";
  for (const column of ["agents", "tools"]) {
    same(await text(page, `[data-column=${column}] .item .name`), name, "name in " + column);
    await page.click(`[data-column=${column}] .item`);
  }
  const details = await text(page, "#details");
  check(details.includes(name + " allows " + name), details);
  check(details.includes(name + ":2"), details);
  check((await text(page, "h1")).includes(name), "title");
  same(await page.evaluate(() => window.hacked), undefined, "hacked");
  same(await page.evaluate(() => document.querySelectorAll("img, script:not([id])").length), 1, "elements");
  same(wrong, [], "what must not happen");

  // A script that got in could neither run nor reach a network: these are the controls of what was seen above.
  await page.evaluate(() => {
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.hacked = 3";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/x";
    document.body.append(image);
  });
  const reached = await page.evaluate(() => fetch("http://127.0.0.1:9/").then(() => "reached", () => "refused"));
  same(reached, "refused", "fetch");
  // The browser tells of a refusal in a task of its own.
  await page.waitForFunction(() => window.refused.length >= 3);
  const refused = await page.evaluate(() => window.refused.sort());
  same(refused, ["connect-src", "img-src", "script-src-elem"], "refused by the policy");
  same(await page.evaluate(() => window.hacked), undefined, "hacked by a script that got in");
  // The refusals are said on the console, and that is all.
  check(wrong.every((one) => one.startsWith("console ") || one.startsWith("request http://127.0.0.1:9/")), wrong.join("\n"));
  wrong.length = 0;
});
