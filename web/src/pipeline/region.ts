// A drawn region: what lies in it, and how much of it is tissue.

import { isWithin as withinOutlines } from "../../../mitokeras/review/page/model.js";
import type { Tissue } from "./blank.js";
import type { Point } from "./outlines.js";

/** Corners in pixels of level 0, in order, not closed. */
export type Outline = Point[];

/** Whether a point lies in a region. */
export const isWithin = ([x, y]: Point, region: Outline): boolean => withinOutlines(x, y, [region]);

/** The tissue whose pixels of the overview have their centres in the region. */
export function tissueWithin(tissue: Tissue, region: Outline): Uint8Array {
  const { width, height, shrink } = tissue;
  const corners = region.map(([x, y]): Point => [(x + 0.5) / shrink - 0.5, (y + 0.5) / shrink - 0.5]);
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const crossings: number[] = [];
    corners.forEach(([ax, ay], i) => {
      const [bx, by] = corners[(i + 1) % corners.length];
      if (ay > y !== by > y) crossings.push(ax + ((y - ay) * (bx - ax)) / (by - ay));
    });
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i]));
      const end = Math.min(width, Math.max(0, Math.floor(crossings[i + 1]) + 1));
      for (let x = first; x < end; x++) mask[y * width + x] = tissue.mask[y * width + x];
    }
  }
  return mask;
}
