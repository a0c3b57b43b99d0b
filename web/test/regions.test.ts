import { describe, expect, it } from "vitest";

import { outlineOf, type Point } from "../src/pipeline/outlines.js";
import { joined, tileRegions, type Region } from "../src/pipeline/regions.js";
import { roundTo } from "../src/pipeline/rounding.js";
import { TileGrid } from "../src/pipeline/tiling.js";
import { field, FIELDS, floats } from "./golden.js";

/** The regions of a map that is cut into tiles. */
function regionsOf(
  map: Float32Array, width: number, height: number, tilePx: number, threshold: number, least: number,
): Region[] {
  const grid = new TileGrid(width, height, tilePx, 0);
  const parts: Region[] = [];
  for (const core of grid.cores()) {
    const [wide, high] = grid.own(core);
    const own = new Float32Array(wide * high);
    for (let y = 0; y < high; y++) {
      const start = (core.y + y) * width + core.x;
      own.set(map.subarray(start, start + wide), y * wide);
    }
    parts.push(...tileRegions(own, core, grid, threshold, least));
  }
  return joined(parts, grid, least);
}

const facts = ({ left, top, width, height, area, sumX, sumY, first, peak, mask }: Region): unknown => ({
  left, top, width, height, area, sumX, sumY, first, peak, mask,
});

describe("regions", () => {
  it("are those of the Python detector on its own maps", () => {
    let compared = 0;
    for (let number = 0; number < FIELDS; number++) {
      const golden = field(number);
      const [height, width] = golden.map.shape;
      const threshold = Math.fround(golden.prediction.model.segmenter_threshold);
      const found = regionsOf(floats(golden.map), width, height, 384, threshold, 100);
      const { detections } = golden.prediction;
      // Blank tiles are looked at here.
      if (golden.prediction.tiles_skipped) continue;
      expect(found.length).toBe(detections.length);
      const factor = width / golden.prediction.image.width_px;
      found.forEach((region, i) => {
        expect(roundTo(region.peak, 6)).toBe(detections[i].segmenter_score);
        if (factor !== 1) return;
        expect(roundTo(region.sumX / region.area, 2)).toBe(detections[i].x);
        expect(roundTo(region.sumY / region.area, 2)).toBe(detections[i].y);
        expect(roundTo(region.area * golden.spacing_um_px ** 2, 2)).toBe(detections[i].area_um2);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(10);
  });

  it("do not depend on the tiles", () => {
    const [width, height] = [61, 47];
    let state = 7;
    const map = Float32Array.from({ length: width * height }, () => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state / 2 ** 31;
    });
    const whole = regionsOf(map, width, height, 64, 0.62, 3).map(facts);
    expect(whole.length).toBeGreaterThan(20);
    for (const tile of [5, 8, 13, 32]) {
      expect(regionsOf(map, width, height, tile, 0.62, 3).map(facts)).toEqual(whole);
    }
  });
});

function regionOf(rows: string[]): Region {
  const mask = Uint8Array.from(rows.join("").split("").map((cell) => (cell === "#" ? 1 : 0)));
  return {
    left: 10, top: 20, width: rows[0].length, height: rows.length, area: 0, sumX: 0, sumY: 0,
    first: { x: 0, y: 0 }, peak: 0, open: false, mask,
  };
}

const areaOf = (outline: Point[]): number =>
  outline.reduce((sum, [x, y], i) => {
    const [nx, ny] = outline[(i + 1) % outline.length];
    return sum + (x * ny - nx * y) / 2;
  }, 0);

describe("outlines", () => {
  it("surround a pixel by a quarter of one", () => {
    expect(outlineOf(regionOf(["#"]))).toEqual(
      [[10.75, 19.25], [10.75, 20.75], [9.25, 20.75], [9.25, 19.25]],
    );
  });

  it("join what touches at a corner, and leave holes out", () => {
    // Two squares of 1.5 whose overlap is a square of a half.
    expect(areaOf(outlineOf(regionOf(["#.", ".#"])))).toBeCloseTo(2 * 2.25 - 0.25, 12);
    expect(areaOf(outlineOf(regionOf(["###", "#.#", "###"])))).toBeCloseTo(3.5 ** 2, 12);
  });

  it("are boxes where the region is huge", () => {
    const huge = { ...regionOf(["##", "##"]), mask: null };
    expect(outlineOf(huge)).toEqual([[9.5, 19.5], [11.5, 19.5], [11.5, 21.5], [9.5, 21.5]]);
  });

  it("have the area of Python's to what those cut off from corners", () => {
    let compared = 0;
    for (let number = 0; number < FIELDS; number++) {
      const golden = field(number);
      const [height, width] = golden.map.shape;
      const { detections, image, tiles_skipped } = golden.prediction;
      if (width !== image.width_px || tiles_skipped) continue;
      const threshold = Math.fround(golden.prediction.model.segmenter_threshold);
      const found = regionsOf(floats(golden.map), width, height, 384, threshold, 100);
      found.forEach((region, i) => {
        const share = areaOf(outlineOf(region)) / Math.abs(areaOf(detections[i].outline));
        expect(Math.abs(share - 1)).toBeLessThan(0.05);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(10);
  });
});
