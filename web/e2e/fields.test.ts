// The browser and `Detector.predict` on the same fields.

import { readFileSync } from "node:fs";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Detection } from "../src/pipeline/detect.js";
import type { DetectorSpec } from "../src/pipeline/spec.js";
import { field, FIELDS, floats } from "../test/golden.js";
import { chromiumPath, harness, launch, open, serve, type Served } from "./served.js";

/** One step of the int8 output of stage 1. */
const STEP = 1 / 256;

interface Seen {
  detections: Detection[];
  tilesSkipped: number;
  tissueMm2: number;
  map: number[];
}

describe.skipIf(!chromiumPath)("the browser on 20 fields of odd sizes", () => {
  let served: Served;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    served = await serve();
    browser = await launch();
    ({ page } = await open(await browser.newContext(), served.address));
    await page.evaluate((script) => {
      const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
      (window as unknown as { harness: Worker }).harness = new Worker(url);
    }, await harness());
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    served.end();
  });

  it("finds what Python finds", async () => {
    const spec = (await (await fetch(`${served.address}detector.json`)).json()) as DetectorSpec;
    let candidates = 0;
    let worst = 0;
    let far = 0;
    let pixels = 0;
    const differing: string[] = [];
    for (let number = 0; number < FIELDS; number++) {
      const golden = field(number);
      const found = await detected(page, number, golden.spacing_um_px, spec, served.address);
      const map = floats(golden.map);
      found.map.forEach((value, i) => {
        const away = Math.abs(value - map[i]);
        worst = Math.max(worst, away);
        if (away > STEP) far++;
        pixels++;
      });
      const { detections, count, tiles_skipped } = golden.prediction;
      expect(found.tissueMm2, `tissue of field ${number}`).toBeCloseTo(count.tissue_mm2, 9);
      expect(found.tilesSkipped).toBe(tiles_skipped);
      candidates += detections.length;
      const facts = ({ x, y, accepted, area_um2 }: Detection): unknown => ({ x, y, accepted, area_um2 });
      if (JSON.stringify(found.detections.map(facts)) !== JSON.stringify(detections.map(facts))) {
        differing.push(`field ${number}: ${JSON.stringify(found.detections.map(facts))} for ${JSON.stringify(detections.map(facts))}`);
      }
      found.detections.forEach((one, i) => {
        const other = detections.at(i);
        if (!other) return;
        worst = Math.max(worst, Math.abs(one.classifier_score - other.classifier_score));
      });
    }
    console.log(
      `${candidates} candidates; largest difference ${worst.toFixed(6)}; ` +
        `${far} of ${pixels} pixels of the maps beyond one int8 step; ${differing.length} fields differ`,
    );
    expect(differing).toEqual([]);
    expect(far / pixels).toBeLessThan(1e-4);
  }, 300_000);
});

async function detected(
  page: Page, number: number, spacingUmPx: number, spec: DetectorSpec, folder: string,
): Promise<Seen> {
  const png = readFileSync(new URL(`../golden/${number}.png`, import.meta.url)).toString("base64");
  return page.evaluate(
    async ([content, um, of, address]) => {
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      const worker = (window as unknown as { harness: Worker }).harness;
      const answer = new Promise<{ found: Omit<Seen, "map">; map: Float32Array; error?: string }>(
        (resolve) => worker.addEventListener("message", ({ data }) => resolve(data as never), { once: true }),
      );
      worker.postMessage({ folder: address, file: new File([bytes], "field.png"), spacingUmPx: um, spec: of, threads: 1 });
      const { found, map, error } = await answer;
      if (error) throw new Error(error);
      return { ...found, map: Array.from(map) };
    },
    [png, spacingUmPx, spec, folder] as const,
  );
}
