// Tiles of a TIFF that were never written, as of glass between two pieces of tissue.

import type { GeoTIFFImage } from "geotiff";

import { DataError } from "../pipeline/errors.js";
import { CHANNELS, type Raster } from "../pipeline/raster.js";

const WHITE = 255;

/** Which tiles of level 0 the file does not have. */
export interface AbsentTiles {
  /** A byte a tile, row by row: 1 where it was never written. */
  grid: Uint8Array;
  across: number;
  tileWidth: number;
  tileHeight: number;
}

const tagsOf = (page: GeoTIFFImage) =>
  page.isTiled
    ? (["TileOffsets", "TileByteCounts"] as const)
    : (["StripOffsets", "StripByteCounts"] as const);

/** Null where a page has all; raises DataError where it has none, or lacks strips. */
export async function absentTiles(page: GeoTIFFImage, name: string): Promise<AbsentTiles | null> {
  const [offsets, counts] = (await Promise.all(
    tagsOf(page).map((tag) => page.fileDirectory.loadValue(tag)),
  )) as ArrayLike<number | bigint>[];
  const [tileWidth, tileHeight] = [page.getTileWidth(), page.getTileHeight()];
  const across = Math.ceil(page.getWidth() / tileWidth);
  const length = across * Math.ceil(page.getHeight() / tileHeight);
  const grid = Uint8Array.from({ length }, (_, i) => (offsets[i] && counts[i] ? 0 : 1));
  const absent = absentCount(grid);
  if (!absent) return null;
  if (absent === length || !page.isTiled) {
    throw new DataError(`${name}: its tiles must be there. Received: ${absent} without any bytes`);
  }
  return { grid, across, tileWidth, tileHeight };
}

export const absentCount = (grid: Uint8Array): number => grid.reduce((sum, one) => sum + one, 0);

/** Whether one tile was never written: it has no place in the file, or no bytes. */
export async function isAbsent(page: GeoTIFFImage, column: number, row: number): Promise<boolean> {
  const number = row * Math.ceil(page.getWidth() / page.getTileWidth()) + column;
  const found = await Promise.all(
    tagsOf(page).map((tag) => page.fileDirectory.loadValueIndexed(tag, number)),
  );
  return !found.every(Boolean);
}

/** Make an overview white where level 0 was never written. */
export function whiten({ data, width, height }: Raster, absent: AbsentTiles, shrink: number): void {
  const { grid, across, tileWidth, tileHeight } = absent;
  const down = grid.length / across;
  const tileOf = (at: number, side: number, count: number): number =>
    Math.min(Math.floor(((at + 0.5) * shrink) / side), count - 1);
  for (let y = 0; y < height; y++) {
    const row = tileOf(y, tileHeight, down) * across;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * CHANNELS;
      if (grid[row + tileOf(x, tileWidth, across)]) data.fill(WHITE, at, at + CHANNELS);
    }
  }
}
