// Which tiles of a slide have tissue; the others are blank and reach no network.

import { roundHalfEven } from "./rounding.js";
import type { Core, TileGrid } from "./tiling.js";

/** Tissue is told from glass at this spacing. */
export const OVERVIEW_UM_PX = 8;

/** A tile is looked at when tissue lies so near to its core. */
export const MARGIN_UM = 16;

/** A slide's overview, without its pixels. */
export interface Overview {
  width: number;
  height: number;
  /** Pixels of level 0 to one of the mask. */
  shrink: number;
  /** Size of a pixel of the mask. */
  spacingUmPx: number;
  /** Width and height of the slide in pixels of the mask, of which it may cover the last in part. */
  covered: [number, number];
}

/** Tissue on a slide's overview. */
export interface Tissue extends Overview {
  mask: Uint8Array;
  /**
   * Tissue that a coarser level shows where level 0 was never written, so that no figure can be
   * looked for there; it is not in the mask. 0 where less than a speck.
   */
  unwrittenMm2: number;
}

export const overviewShrink = (spacingUmPx: number): number =>
  Math.max(1, roundHalfEven(OVERVIEW_UM_PX / spacingUmPx));

/** The cores that have tissue, or some near to them. */
export function coresWithTissue(tissue: Tissue, grid: TileGrid, factor: number): Core[] {
  const shrink = tissue.shrink * factor; // pixels of the plane to one of the mask
  const margin = roundHalfEven((MARGIN_UM / tissue.spacingUmPx) * shrink);
  const sums = integral(tissue.mask, tissue.width, tissue.height);
  const span = (start: number, most: number): [number, number] => [
    clip(Math.floor((start - margin) / shrink), most),
    clip(Math.ceil((start + grid.corePx + margin) / shrink), most),
  ];
  const line = tissue.width + 1;
  return [...grid.cores()].filter(({ x, y }) => {
    const [left, right] = span(x, tissue.width);
    const [top, bottom] = span(y, tissue.height);
    const inside =
      sums[bottom * line + right] - sums[top * line + right] -
      sums[bottom * line + left] + sums[top * line + left];
    return inside > 0;
  });
}

const clip = (value: number, most: number): number => Math.min(Math.max(value, 0), most);

function integral(mask: Uint8Array, width: number, height: number): Int32Array {
  const sums = new Int32Array((width + 1) * (height + 1));
  for (let y = 1; y <= height; y++) {
    for (let x = 1; x <= width; x++) {
      const at = y * (width + 1) + x;
      sums[at] =
        mask[(y - 1) * width + x - 1] + sums[at - 1] + sums[at - width - 1] - sums[at - width - 2];
    }
  }
  return sums;
}
