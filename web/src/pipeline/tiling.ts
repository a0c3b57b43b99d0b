// The tiles of a field or slide. A *tile* is a square window whose outer `haloPx` is context only,
// mirrored where it leaves the image. The *core* is a tile without its halo; cores cover the image
// without overlap, so that each pixel of the map comes from exactly one tile.

import { blankRaster, CHANNELS, type Raster } from "./raster.js";

/** Top left of a core. */
export interface Core {
  x: number;
  y: number;
}

export class TileGrid {
  readonly corePx: number;

  constructor(
    readonly width: number,
    readonly height: number,
    readonly tilePx: number,
    readonly haloPx: number,
  ) {
    this.corePx = tilePx - 2 * haloPx;
  }

  /** All cores, row by row. */
  *cores(): Generator<Core> {
    for (let y = 0; y < this.height; y += this.corePx) {
      for (let x = 0; x < this.width; x += this.corePx) yield { x, y };
    }
  }

  /** Top left of the tile of a core; negative where it leaves the image. */
  corner({ x, y }: Core): Core {
    return { x: x - this.haloPx, y: y - this.haloPx };
  }

  /** Width and height of what a core has of the image. */
  own({ x, y }: Core): [number, number] {
    return [Math.min(this.corePx, this.width - x), Math.min(this.corePx, this.height - y)];
  }

  /** The core of a tile's map, without what lies outside the image. */
  ownMap(core: Core, tileMap: Float32Array): Float32Array {
    const [width, height] = this.own(core);
    const own = new Float32Array(width * height);
    for (let row = 0; row < height; row++) {
      const start = (this.haloPx + row) * this.tilePx + this.haloPx;
      own.set(tileMap.subarray(start, start + width), row * width);
    }
    return own;
  }
}

/** The pixel of a line that a place outside it mirrors; the border itself is not repeated. */
export function reflected(place: number, length: number): number {
  if (length === 1) return 0;
  let at = place;
  while (at < 0 || at >= length) at = at < 0 ? -at : 2 * (length - 1) - at;
  return at;
}

/** Reads a window that lies inside an image. */
export type ReadWindow = (
  x: number, y: number, width: number, height: number,
) => Raster | Promise<Raster>;

/** A square window of an image of a size, mirrored where it leaves the image. */
export async function mirrored(
  inside: ReadWindow,
  size: { width: number; height: number },
  corner: Core,
  sidePx: number,
): Promise<Raster> {
  const left = Math.max(corner.x, 0);
  const top = Math.max(corner.y, 0);
  const width = Math.min(corner.x + sidePx, size.width) - left;
  const height = Math.min(corner.y + sidePx, size.height) - top;
  const part = await inside(left, top, width, height);
  if (width === sidePx && height === sidePx) return part;
  const columns = Array.from(
    { length: sidePx },
    (_, i) => reflected(corner.x + i - left, width) * CHANNELS,
  );
  const whole = blankRaster(sidePx, sidePx);
  for (let row = 0, at = 0; row < sidePx; row++) {
    const start = reflected(corner.y + row - top, height) * width * CHANNELS;
    for (const column of columns) {
      for (let c = 0; c < CHANNELS; c++, at++) whole.data[at] = part.data[start + column + c];
    }
  }
  return whole;
}
