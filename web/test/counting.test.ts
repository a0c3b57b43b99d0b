import { describe, expect, it } from "vitest";

import { atypicalShare } from "../src/counting/atypical.js";
import { countFigures } from "../src/counting/count.js";
import cutOffs from "../src/counting/cut_offs.json";
import { densestCircle, type Circle } from "../src/counting/hotspot.js";
import { pure } from "./golden.js";

const golden = pure();

describe("counts", () => {
  it("are those of the Python code", () => {
    for (const one of golden.counts) {
      const found = countFigures(one.xy, one.tissue_mm2, one.field_diameter_mm, one.false_per_mm2);
      expectSame(found, one.count);
      expectSame(densestCircle(one.xy, 0.05), one.small);
    }
  });

  it("of atypical figures are those of the Python code", () => {
    for (const { subtyping, atypical } of golden.atypical) {
      expect(atypicalShare(atypical.figures, atypical.of, subtyping)).toEqual(atypical);
    }
    expect(golden.atypical.some(({ atypical }) => atypical.corrected)).toBe(true);
  });

  it("have the same cut-offs", () => {
    expect(cutOffs).toEqual(golden.numbers.cut_offs);
  });

  it("count points on the border of the circle", () => {
    const radius = Math.sqrt(2 / Math.PI);
    const circle = densestCircle([[0, 0], [2 * radius, 0], [9, 9]], 2) as Circle;
    expect(circle.figures).toBe(2);
    expect(circle.x_mm).toBeCloseTo(radius, 9);
  });
});

/** Numbers to rounding, all else exactly. */
function expectSame(found: unknown, wanted: unknown): void {
  if (typeof wanted === "number") {
    expect(Math.abs((found as number) - wanted)).toBeLessThan(1e-6);
  } else if (typeof wanted === "object" && wanted !== null) {
    expect(Object.keys(found as object).sort()).toEqual(Object.keys(wanted).sort());
    for (const [key, value] of Object.entries(wanted)) {
      expectSame((found as Record<string, unknown>)[key], value);
    }
  } else {
    expect(found).toBe(wanted);
  }
}
