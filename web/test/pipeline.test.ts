import { describe, expect, it } from "vitest";

import { asRatio, resizedPx } from "../src/pipeline/ratio.js";
import { resize } from "../src/pipeline/resize.js";
import { roundTo } from "../src/pipeline/rounding.js";
import { tissueAreaMm2, tissueMask } from "../src/pipeline/tissue.js";
import { areaMean } from "../src/slides/shrinking.js";
import { bytes, pure, raster } from "./golden.js";

const { numbers, images } = pure();

describe("numbers as Python gives them", () => {
  it("rounds", () => {
    for (const [value, two, three] of numbers.rounded) {
      expect([roundTo(value, 2), roundTo(value, 3)], String(value)).toEqual([two, three]);
    }
  });

  it("finds the ratio of a factor", () => {
    for (const [factor, up, down] of numbers.ratios) expect(asRatio(factor)).toEqual({ up, down });
  });

  it("knows the length of a resized side", () => {
    for (const [side, factor, px] of numbers.resized) {
      expect(resizedPx(side, asRatio(factor)), `${side} by ${factor}`).toBe(px);
    }
  });
});

describe("images to the byte as OpenCV gives them", () => {
  it.each(images.resized)("resizes by %i / %i", (up, down, coded) => {
    const found = resize(raster(images.picture), { up, down });
    expect([found.height, found.width]).toEqual(coded.shape.slice(0, 2));
    expect(differing(found.data, bytes(coded))).toBe(0);
  });

  it.each(images.means)("takes the mean of blocks of %i px", (factor, coded) => {
    expect(differing(areaMean(raster(images.picture), factor).data, bytes(coded))).toBe(0);
  });

  it.each(images.tissue)("finds tissue at %f um", (um, coded) => {
    const found = tissueMask(raster(images.drawn), um);
    expect(differing(found, bytes(coded))).toBe(0);
    expect(found).toContain(0);
    expect(found).toContain(1);
  });
});

describe("the area of tissue", () => {
  it("ends with the slide, which covers the overview's last pixels in part", () => {
    const tissue = { width: 3, height: 2, shrink: 32, spacingUmPx: 8 };
    const all = new Uint8Array(6).fill(1);
    const of = (mask: Uint8Array, covered: [number, number]): number =>
      tissueAreaMm2(mask, { ...tissue, covered });
    expect(of(all, [3, 2])).toBeCloseTo(6 * 64e-6, 12);
    expect(of(all, [2.25, 1.5])).toBeCloseTo(2.25 * 1.5 * 64e-6, 12);
    expect(of(Uint8Array.of(0, 0, 1, 0, 0, 1), [2.25, 1.5])).toBeCloseTo(0.25 * 1.5 * 64e-6, 12);
  });
});

function differing(found: Uint8Array, wanted: Uint8Array): number {
  expect(found.length).toBe(wanted.length);
  return found.reduce((count, value, i) => count + (value === wanted[i] ? 0 : 1), 0);
}
