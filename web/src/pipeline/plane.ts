// A slide at the spacing that a model works at.

import { cut, type Raster } from "./raster.js";
import { isOne, resizedPx, type Ratio } from "./ratio.js";
import { resize } from "./resize.js";
import { mirrored, type Core, type ReadWindow } from "./tiling.js";

const MARGIN = 1; // ratios' lengths on each side, so that weights at a window's edge are right

/** What a plane needs of a slide: pixels of level 0. */
export interface Level0 {
  width: number;
  height: number;
  read: ReadWindow;
}

/** The pixel grid on which a model sees a slide; a window equals that of the whole resized. */
export class Plane {
  readonly width: number;
  readonly height: number;

  constructor(readonly slide: Level0, readonly ratio: Ratio) {
    this.width = resizedPx(slide.width, ratio);
    this.height = resizedPx(slide.height, ratio);
  }

  /** A square window, mirrored where it leaves the slide. */
  read(corner: Core, sidePx: number): Promise<Raster> {
    return mirrored((...window) => this.window(...window), this, corner, sidePx);
  }

  /** A window that lies inside the plane. */
  async window(x: number, y: number, width: number, height: number): Promise<Raster> {
    if (isOne(this.ratio)) return this.slide.read(x, y, width, height);
    const columns = this.#below(x, width, this.slide.width);
    const rows = this.#below(y, height, this.slide.height);
    const { up, down } = this.ratio;
    const below = await this.slide.read(
      columns.start, rows.start, columns.end - columns.start, rows.end - rows.start,
    );
    const left = x - (columns.start / down) * up;
    const top = y - (rows.start / down) * up;
    return cut(resize(below, this.ratio), left, top, width, height);
  }

  /** The pixels of the slide below a span, from one where both grids meet. */
  #below(start: number, length: number, end: number): { start: number; end: number } {
    const { up, down } = this.ratio;
    const first = Math.max(0, Math.floor(start / up) - MARGIN) * down;
    const last = (Math.ceil((start + length) / up) + MARGIN) * down;
    return { start: first, end: Math.min(last, end) };
  }
}
