// The page with a model that has a stage 3.

import { readFileSync } from "node:fs";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { subtyped, SUBTYPED, SUBTYPING_MODEL, table } from "../test/golden.js";
import { chromiumPath, launch, open, serve, type Served } from "./served.js";

const NUMBER = SUBTYPED[0];

describe.skipIf(!chromiumPath)("the page with a stage 3", () => {
  let served: Served;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    served = await serve(SUBTYPING_MODEL);
    browser = await launch();
    ({ page } = await open(await browser.newContext({ acceptDownloads: true }), served.address));
    await page.waitForSelector("#start:not([hidden])");
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    served.end();
  });

  const saved = async (button: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    return readFileSync(await download.path(), "utf8");
  };

  it("says which figures are called atypical, and what share", async () => {
    expect(await page.textContent("#model-facts")).toContain("atypical from 0.99 on, which has no clinical reading");
    await page.setInputFiles("#file", new URL(`../golden/${NUMBER}.png`, import.meta.url).pathname);
    await page.waitForSelector("#opened:not([hidden])");
    await page.fill("#spacing", "0.25");
    await page.click("#go");
    await page.waitForFunction(() => document.body.dataset.ready, null, { timeout: 120_000 });
    const { text, prediction } = subtyped(NUMBER);
    expect(await page.textContent("#warnings")).toContain(text);
    const told = (await page.locator("#gallery button").allTextContents()).join("\n");
    expect(told.match(/counted, atypical \(0\.99\d\)/g)?.length).toBe(prediction.atypical.figures);
    expect(told).not.toMatch(/rejected, /);
    const last = (csv: string): string[] =>
      csv.trim().split("\n").map((line) => line.split(",").slice(-2).join());
    expect(last(await saved("#save-csv"))).toEqual(last(table(`subtyping_${NUMBER}`)));
    const { mitokeras } = JSON.parse(await saved("#save-geojson")) as { mitokeras: { atypical: unknown } };
    expect(mitokeras.atypical).toEqual(prediction.atypical);
    expect(await saved("#save-review")).toContain(",model_atypical_score,atypical_threshold");
    await page.selectOption("#order", "atypical");
    expect(await page.textContent("#what")).toContain("called ");
  }, 180_000);
});
