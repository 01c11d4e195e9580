// Opens a page in the installed Chromium and collects what must not happen: requests, errors, dialogs.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function same(found, expected, what) {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${what}: ${one}, expected ${other}`);
}

// Runs `visit` on the page that the command line names, then holds the page to its promises.
export async function withPage(visit) {
  const [folder, file] = process.argv.slice(2);
  const require = createRequire(join(folder, "package.json"));
  const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")));
  const browser = await puppeteer.launch({
    executablePath: join(folder, "chromium"),
    headless: "shell",
    timeout: 30_000,
    defaultViewport: { width: 1400, height: 1000 },
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await browser.newPage();
    const wrong = [];
    const url = pathToFileURL(file).href;
    page.on("request", (request) => { if (request.url() !== url) wrong.push("request " + request.url()); });
    page.on("pageerror", (error) => wrong.push("error " + error.message));
    page.on("console", (message) => { if (message.type() === "error") wrong.push("console " + message.text()); });
    page.on("dialog", (dialog) => { wrong.push("dialog " + dialog.message()); return dialog.dismiss(); });
    await page.goto(url);
    await visit(page, { wrong });
    same(wrong, [], "what must not happen");
    if (process.env.BAILIWICK_PICTURES) {
      await page.screenshot({ path: join(process.env.BAILIWICK_PICTURES, process.argv[1].split("/").at(-1) + ".png") });
    }
    console.log("all held");
  } finally {
    await browser.close();
  }
}

// Names of the items of a column, as they are read aloud.
export const items = (page, column) =>
  page.$$eval(`[data-column=${column}] .item`, (rows) => rows.map((row) => row.getAttribute("aria-label")));

export const text = (page, selector) => page.$eval(selector, (element) => element.textContent);

export const click = (page, column, name) =>
  page.evaluate(([column, name]) => {
    const rows = [...document.querySelectorAll(`[data-column=${column}] .item`)];
    rows.find((row) => row.querySelector(".name").textContent === name).click();
  }, [column, name]);
