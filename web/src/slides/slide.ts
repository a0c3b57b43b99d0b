// An opened image of any size.

import type { Raster } from "../pipeline/raster.js";
import type { AbsentTiles } from "./absent_tiles.js";
import { overview, shrunkWindow, type ReadLevel, type Size } from "./shrinking.js";
import type { Spacing } from "./spacing.js";

export interface Opened {
  /** Sizes of the levels, the finest first. */
  levels: Size[];
  /** What the metadata state of the spacing; null where they state none. */
  stated: Spacing | null;
  /** Such as "aperio", "TIFF" or "PNG". */
  format: string;
  /** What must not be missed beside any number of it. */
  remarks: string[];
  /** Null where it has all. */
  absent: AbsentTiles | null;
  readLevel: ReadLevel;
}

export class Slide {
  readonly width: number;
  readonly height: number;

  constructor(readonly opened: Opened) {
    [this.width, this.height] = opened.levels[0];
  }

  /** A window of level 0 that lies inside. */
  read(x: number, y: number, width: number, height: number): Promise<Raster> {
    return this.opened.readLevel(0, x, y, width, height);
  }

  /**
   * The whole slide, each pixel the mean of `shrink` x `shrink` pixels of level 0; where that was
   * never written, what a coarser level has there.
   */
  overview(shrink: number): Promise<Raster> {
    return overview(this.opened.levels, shrink, this.opened.readLevel);
  }

  /** A window of level 0 that lies inside, shrunk. */
  shrunk(x: number, y: number, width: number, height: number, shrink: number): Promise<Raster> {
    return shrunkWindow(this.opened.levels, shrink, this.opened.readLevel, x, y, width, height);
  }
}
