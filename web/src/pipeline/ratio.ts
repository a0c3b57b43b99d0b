// Bringing an image to the spacing that a model was trained at: by which factor.

import { DataError } from "./errors.js";

/** Spacings that differ by less are taken as equal: the scanners' own differ by as much. */
export const TOLERANCE = 0.02;

/** Beyond it chromatin that was never recorded would be made up. */
export const LARGEST_FACTOR = 1.5;

/** Below it the image is no histology at the resolution that it claims. */
export const SMALLEST_FACTOR = 0.25;

/** Factors are ratios of small whole numbers, so that windows can start where both grids do. */
export const LARGEST_DENOMINATOR = 64;

/** `up` pixels of the plane to `down` of the image. */
export interface Ratio {
  up: number;
  down: number;
}

export const ONE: Ratio = { up: 1, down: 1 };

export const isOne = ({ up, down }: Ratio): boolean => up === down;

/** How much to enlarge an image so that its pixels have the target spacing. */
export function resizeRatio(spacingUmPx: number, targetUmPx: number, name: string): Ratio {
  const factor = spacingUmPx / targetUmPx;
  if (!(factor >= SMALLEST_FACTOR && factor <= LARGEST_FACTOR)) {
    const [low, high] = [SMALLEST_FACTOR * targetUmPx, LARGEST_FACTOR * targetUmPx];
    throw new DataError(
      `${name}: its spacing must be ${low} to ${high} µm/px for a model of ${targetUmPx} µm/px. ` +
        `Received: ${spacingUmPx} µm/px`,
    );
  }
  return Math.abs(factor - 1) <= TOLERANCE ? ONE : asRatio(factor);
}

/** The nearest ratio whose lower number is at most `LARGEST_DENOMINATOR`. */
export function asRatio(factor: number): Ratio {
  let best = ONE;
  let least = Infinity;
  for (let down = 1; down <= LARGEST_DENOMINATOR; down++) {
    const up = Math.round(factor * down);
    const away = Math.abs(factor - up / down);
    if (away < least) [best, least] = [{ up, down }, away];
  }
  return best;
}

/** Length of a side after resizing; half a pixel goes down, which any window still gives. */
export function resizedPx(sidePx: number, { up, down }: Ratio): number {
  return Math.max(1, Math.ceil((2 * sidePx * up - down) / (2 * down)));
}
