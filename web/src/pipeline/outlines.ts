// Polygons around segmented regions.

import type { Region } from "./regions.js";

/** The polygon keeps so much distance, so that parts that touch at a corner are one polygon. */
export const BORDER_PX = 0.25;

export type Point = [number, number];

const STEPS: readonly Point[] = [[1, 0], [0, 1], [-1, 0], [0, -1]]; // clockwise, y down

/**
 * The polygon around a region in pixels of the plane, whose centres are at whole numbers; holes are
 * left out. Corners in order, not closed, no self-intersection.
 */
export function outlineOf(region: Region): Point[] {
  const { left, top, width, height, mask } = region;
  if (!mask) {
    const [right, bottom] = [left + width - 0.5, top + height - 0.5];
    return [[left - 0.5, top - 0.5], [right, top - 0.5], [right, bottom], [left - 0.5, bottom]];
  }
  return traced(mask, width, height).map(([x, y]) => [x + left, y + top]);
}

/** Walks around the mask with the region on the right hand, along the edges of its pixels. */
function traced(mask: Uint8Array, width: number, height: number): Point[] {
  const has = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  // The four pixels about a corner of the grid, seen in a direction: ahead on the left and right.
  const ahead = (x: number, y: number, [dx, dy]: Point): [boolean, boolean] => {
    const [px, py] = [x + (dx - 1) / 2 , y + (dy - 1) / 2];
    return [
      has(Math.round(px + dy / 2), Math.round(py - dx / 2)),
      has(Math.round(px - dy / 2), Math.round(py + dx / 2)),
    ];
  };
  const start = mask.indexOf(1); // topmost row, leftmost pixel: its upper left corner
  let [x, y] = [start, 0];
  let direction = 0;
  const outline: Point[] = [];
  do {
    x += STEPS[direction][0];
    y += STEPS[direction][1];
    const [onLeft, onRight] = ahead(x, y, STEPS[direction]);
    // A pixel ahead on the left belongs to the region, also where it touches by a corner alone.
    const turn = onLeft ? -1 : onRight ? 0 : 1;
    if (turn) {
      const [dx, dy] = STEPS[direction];
      direction = (direction + turn + 4) % 4;
      const [nx, ny] = STEPS[direction];
      // Outwards is to the left of the way, before the corner and after it.
      outline.push([x - 0.5 + BORDER_PX * (dy + ny), y - 0.5 - BORDER_PX * (dx + nx)]);
    }
  } while (x !== start || y !== 0 || direction !== 0);
  return outline;
}
