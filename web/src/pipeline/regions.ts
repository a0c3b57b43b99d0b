// Candidates of a slide from the probability maps of its tiles, equal to those of one whole map.
//
// Each tile gives the connected regions of its core. A region that touches a border which the core
// shares with a neighbour may go on there: it is *open*, and joined with its other parts when the
// tiles are done. Every pixel is in one core and every region is joined once.

import { components } from "./components.js";
import type { Core, TileGrid } from "./tiling.js";

/** A joined region with a longer side is no figure: its outline is its bounding box. */
export const LARGEST_OUTLINED_PX = 2048;

/** A region above the threshold; pixels of the plane. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
  area: number;
  sumX: number;
  sumY: number;
  /** The topmost pixel, the leftmost of those. */
  first: Core;
  /** Highest probability. */
  peak: number;
  /** May go on in a neighbouring tile. */
  open: boolean;
  /** Pixels of the box, a byte each; null where the box is too large to be outlined. */
  mask: Uint8Array | null;
}

/** The regions of one tile's core whose area is greater than the least, or that are open. */
export function tileRegions(
  own: Float32Array, core: Core, grid: TileGrid, threshold: number, minAreaPx: number,
): Region[] {
  const [width, height] = grid.own(core);
  const foreground = new Uint8Array(own.length);
  let any = false;
  for (let i = 0; i < own.length; i++) {
    if (own[i] > threshold) {
      foreground[i] = 1;
      any = true;
    }
  }
  if (!any) return [];
  const { labels, count } = components(foreground, width, height, true);
  const boxes = boxesOf(labels, count, width);
  const found: Region[] = [];
  boxes.forEach((box, i) => {
    const open = reachesNeighbour(box, core, grid);
    if (open || box.area > minAreaPx) found.push(region(own, labels, i + 1, box, core, width, open));
  });
  return found;
}

interface Box {
  left: number;
  top: number;
  right: number; // inclusive, as bottom is
  bottom: number;
  area: number;
}

function boxesOf(labels: Int32Array, count: number, width: number): Box[] {
  const boxes = Array.from(
    { length: count },
    (): Box => ({ left: Infinity, top: Infinity, right: -1, bottom: -1, area: 0 }),
  );
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i]) continue;
    const box = boxes[labels[i] - 1];
    const x = i % width;
    const y = (i - x) / width;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = y;
    box.area++;
  }
  return boxes;
}

function reachesNeighbour(box: Box, { x, y }: Core, grid: TileGrid): boolean {
  const last = grid.corePx - 1;
  return (
    (box.left === 0 && x > 0) ||
    (box.top === 0 && y > 0) ||
    (box.right === last && x + grid.corePx < grid.width) ||
    (box.bottom === last && y + grid.corePx < grid.height)
  );
}

function region(
  own: Float32Array, labels: Int32Array, label: number, box: Box, core: Core, coreWidth: number,
  open: boolean,
): Region {
  const width = box.right - box.left + 1;
  const height = box.bottom - box.top + 1;
  const made: Region = {
    left: box.left + core.x, top: box.top + core.y, width, height, area: box.area,
    sumX: 0, sumY: 0, first: { x: -1, y: -1 }, peak: 0, open, mask: new Uint8Array(width * height),
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (box.top + row) * coreWidth + box.left + column;
      if (labels[at] !== label) continue;
      const [x, y] = [made.left + column, made.top + row];
      if (made.first.x < 0) made.first = { x, y };
      made.mask![row * width + column] = 1;
      made.sumX += x;
      made.sumY += y;
      made.peak = Math.max(made.peak, own[at]);
    }
  }
  return made;
}

/** All regions of a slide, by the row of their topmost pixel, then by its column. */
export function joined(parts: readonly Region[], grid: TileGrid, minAreaPx: number): Region[] {
  const whole = parts.filter((part) => !part.open);
  for (const members of groups(parts.filter((part) => part.open), grid)) {
    const area = members.reduce((sum, part) => sum + part.area, 0);
    if (area > minAreaPx) whole.push(union(members));
  }
  return whole.sort((a, b) => a.first.y - b.first.y || a.first.x - b.first.x);
}

/** The open regions by the object that each is a part of. */
function groups(open: readonly Region[], grid: TileGrid): Region[][] {
  const owner = new Map<number, number>();
  const line = grid.width + 2;
  open.forEach((part, number) => {
    for (const [x, y] of pixels(part)) {
      const [column, row] = [x % grid.corePx, y % grid.corePx];
      const last = grid.corePx - 1;
      if (column === 0 || row === 0 || column === last || row === last) {
        owner.set(y * line + x + 1, number);
      }
    }
  });
  const parent = open.map((_, i) => i);
  const root = (of: number): number => {
    let at = of;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  };
  for (const [key, number] of owner) {
    for (const step of [1, line - 1, line, line + 1]) {
      const other = owner.get(key + step);
      if (other !== undefined) parent[root(other)] = root(number);
    }
  }
  const found = new Map<number, Region[]>();
  open.forEach((part, number) => {
    const own = root(number);
    found.set(own, [...(found.get(own) ?? []), part]);
  });
  return [...found.values()];
}

function* pixels({ left, top, width, mask }: Region): Generator<[number, number]> {
  if (!mask) return;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) yield [left + (i % width), top + Math.floor(i / width)];
  }
}

function union(members: readonly Region[]): Region {
  const left = Math.min(...members.map((part) => part.left));
  const top = Math.min(...members.map((part) => part.top));
  const width = Math.max(...members.map((part) => part.left + part.width)) - left;
  const height = Math.max(...members.map((part) => part.top + part.height)) - top;
  const fits = Math.max(width, height) <= LARGEST_OUTLINED_PX;
  const mask = fits ? new Uint8Array(width * height) : null;
  if (mask) {
    for (const part of members) {
      for (const [x, y] of pixels(part)) mask[(y - top) * width + x - left] = 1;
    }
  }
  const sum = (of: (part: Region) => number): number =>
    members.reduce((total, part) => total + of(part), 0);
  const firsts = members
    .map((part) => part.first)
    .sort((a, b) => a.y - b.y || a.x - b.x);
  return {
    left, top, width, height,
    area: sum((part) => part.area),
    sumX: sum((part) => part.sumX),
    sumY: sum((part) => part.sumY),
    first: firsts[0],
    peak: Math.max(...members.map((part) => part.peak)),
    open: false,
    mask,
  };
}
