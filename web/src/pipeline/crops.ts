// From a candidate to the square that the classifier looks at.

import type { Core } from "./tiling.js";

/** Top left of the square about a centre: half of it up and left of the pixel the centre is in. */
export function cropCorner(x: number, y: number, cropPx: number): Core {
  const half = Math.floor(cropPx / 2);
  return { x: Math.floor(x + 0.5) - half, y: Math.floor(y + 0.5) - half };
}
