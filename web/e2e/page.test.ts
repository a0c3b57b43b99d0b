// The page as a user meets it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { field } from "../test/golden.js";
import { chromiumPath, launch, open, PYTHON, serve, type Served, type Watched } from "./served.js";

const GOLDEN = (name: string): string => new URL(`../golden/${name}`, import.meta.url).pathname;
const NUMBER = 11; // a field of several tiles and candidates

/** What LiteRT tells the console of itself, and that there is no GPU. */
const CHATTER = /^(INFO|WARNING): |WebGPU/;

describe.skipIf(!chromiumPath)("the page", () => {
  let served: Served;
  let browser: Browser;
  let folder: string;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    served = await serve();
    browser = await launch();
    folder = mkdtempSync(join(tmpdir(), "mitokeras-"));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    served.end();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    watched = await open(await browser.newContext({ acceptDownloads: true }), served.address);
    ({ page } = watched);
    await page.waitForSelector("#start:not([hidden])");
  });

  afterEach(async () => {
    const outside = watched.requests.filter((url) => !url.startsWith(served.address) && !url.startsWith("blob:"));
    expect(outside).toEqual([]);
    expect(watched.complaints.filter((text) => !CHATTER.test(text))).toEqual([]);
    await page.context().close();
  });

  const choose = async (path: string): Promise<void> => {
    await page.setInputFiles("#file", path);
    await page.waitForSelector("#opened:not([hidden])");
  };

  const find = async (): Promise<void> => {
    await page.click("#go");
    await page.waitForFunction(() => document.body.dataset.ready, null, { timeout: 120_000 });
  };

  const saved = async (button: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    return readFileSync(await download.path(), "utf8");
  };

  it("counts a field, takes verdicts by key and gives the files", async () => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await choose(GOLDEN(`${NUMBER}.png`));
    await page.click("#go");
    expect(await page.textContent("#alerts")).toContain("state the size of a pixel");
    await page.fill("#spacing", "0.25");
    await find();
    const golden = field(NUMBER);
    const { figures } = golden.prediction.count;
    expect(await page.textContent("#m-figures")).toBe(String(figures));
    expect(await page.textContent("#warnings")).toMatch(/set by hand\. Whether stain .* was not looked at.*\. The tissue .* is smaller than .* false figures are expected/);
    const rows = (await saved("#save-csv")).trim().split("\n").slice(1);
    const wanted = readFileSync(GOLDEN(`${NUMBER}.csv`), "utf8").trim().split("\n").slice(1);
    const places = (lines: string[]): string[][] => lines.map((line) => line.split(",").slice(1, 7));
    expect(places(rows)).toEqual(places(wanted));
    const points = JSON.parse(await saved("#save-points")) as { points: unknown[] };
    expect(points.points.length).toBe(golden.prediction.detections.length);
    const collection = JSON.parse(await saved("#save-geojson")) as { features: unknown[] };
    expect(collection.features.length).toBe(golden.geojson.features.length);

    await page.selectOption("#order", "score");
    await page.keyboard.press("Escape");
    await page.locator("#judge").focus();
    await page.keyboard.press("n");
    await page.waitForFunction((n) => document.querySelector("#r-figures")!.textContent === String(n), figures - 1);
    expect(await saved("#save-review")).toContain("not mitosis");
    await page.keyboard.press("z");
    await page.waitForFunction((n) => document.querySelector("#r-figures")!.textContent === String(n), figures);
    expect(await page.locator("#gallery button").count()).toBe(golden.prediction.detections.length);
  }, 180_000);

  it("reads the spacing of a slide, looks in a region, and can be cancelled", async () => {
    const slide = join(folder, "<img src=x onerror=alert(1)>.svs");
    execFileSync(PYTHON, ["-m", "tests.web.slide", slide], { cwd: new URL("../..", import.meta.url).pathname });
    await choose(slide);
    expect(await page.textContent("#opened-name")).toBe("<img src=x onerror=alert(1)>.svs");
    expect(await page.inputValue("#spacing")).toBe("0.25");
    await page.click("#go");
    await page.click("#cancel");
    await page.waitForSelector("#settings:not([hidden])");
    for (const [id, mm] of [["x", "0.1"], ["y", "0.1"], ["width", "0.15"], ["height", "0.12"]]) {
      await page.fill(`#region-${id}`, mm);
    }
    expect(await page.textContent("#area")).toContain("0.02 mm²");
    await find();
    expect(await page.textContent("#warnings")).toContain("in a region only, pixels 400 to 1000 across");
    const python = JSON.parse(readFileSync(`${slide}.json`, "utf8")) as { x: number; y: number; accepted: boolean }[];
    const inside = python.filter(({ x, y }) => x >= 399.5 && x < 999.5 && y >= 399.5 && y < 879.5);
    const rows = (await saved("#save-csv")).trim().split("\n").slice(1).map((line) => line.split(","));
    expect(inside.length).toBeGreaterThan(0);
    expect(rows.length).toBe(inside.length);
    expect(rows.map((row) => row[9])).toEqual(inside.map((one) => String(one.accepted)));
  }, 240_000);

  it("looks in the region that stands in the page, whatever was typed first", async () => {
    await choose(GOLDEN(`${NUMBER}.png`)); // 389 x 389 px, which states no spacing
    const fields = ["x", "y", "width", "height"].map((id) => `#region-${id}`);
    for (const field of fields) await page.fill(field, "0.02");
    expect(await page.isChecked("#where-region")).toBe(true);
    await page.fill("#spacing", "0.25");
    expect(await page.textContent("#area")).toMatch(/^0\.00 mm² of the picture$/);
    await page.fill("#region-y", "0.0x");
    expect(await page.textContent("#area")).toContain("no region is drawn yet");
    await page.click("#go");
    expect(await page.textContent("#alerts")).toContain("Draw a region first");
    await page.fill("#region-y", "0.02");
    await page.fill("#region-width", "0.05");
    await page.fill("#region-height", "0.05");
    await page.fill("#spacing", "0.26");
    await find();
    expect(await page.textContent("#warnings")).toContain("in a region only, pixels 77 to 269 across and 77 to 269 down");
  }, 180_000);

  it("writes the region that is drawn in mm, and clears it with the next image", async () => {
    await choose(GOLDEN(`${NUMBER}.png`));
    await page.locator("#overview").scrollIntoViewIfNeeded();
    const box = (await page.locator("#overview").boundingBox())!;
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.up();
    expect(await page.inputValue("#region-width")).toBe("");
    await page.fill("#spacing", "0.25");
    const width = Number(await page.inputValue("#region-width"));
    expect(width).toBeGreaterThan(0.02);
    await page.fill("#spacing", "0.5");
    expect(Number(await page.inputValue("#region-width"))).toBeCloseTo(2 * width, 2);
    await choose(GOLDEN("0.png"));
    await page.waitForFunction(() => document.querySelector("#opened-name")!.textContent === "0.png");
    await page.waitForFunction(() => (document.querySelector("#region-width") as HTMLInputElement).value === "");
  }, 60_000);

  it("refuses what it cannot read in one line", async () => {
    await page.setInputFiles("#file", { name: "a.ndpi", mimeType: "", buffer: Buffer.from("text") });
    await page.waitForSelector("#alerts p");
    expect(await page.textContent("#alerts")).toContain("a.ndpi: must be a PNG, JPEG, TIFF");
  });

  it("fits a narrow window at 200 %, and tells a screen reader what is what", async () => {
    await page.setViewportSize({ width: 640, height: 512 }); // 1280 x 1024 at 200 %
    await choose(GOLDEN("0.png"));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(640);
    for (const name of ["Size of a pixel, µm", "Diameter of a high-power field, mm", "left", "width"]) {
      expect(await page.getByLabel(name, { exact: true }).count(), name).toBe(1);
    }
    expect(await page.getByRole("main").count()).toBe(1);
    await page.fill("#spacing", "0.25");
    await page.focus("#diameter");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => document.body.dataset.ready ?? document.querySelector("#alerts p"), null, { timeout: 60_000 },
    );
    const after = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(after).toBeLessThanOrEqual(640);
  }, 90_000);
});
