// A small picture of a huge pyramid, in memory that depends on the picture only.

import { blankRaster, CHANNELS, cut, paste, type Raster } from "../pipeline/raster.js";
import { shrinkTo } from "../pipeline/resize.js";

/** Width, height. */
export type Size = [number, number];

/** Gives a window of a level, in its pixels. */
export type ReadLevel = (
  level: number, x: number, y: number, width: number, height: number,
) => Promise<Raster>;

/** Scanners halve a size several times, and round each time. */
const ROUNDED_PX = 2;

/** Edge of what is read at once. */
const BLOCK_PX = 2048;

/** A level of 16.03, which a scanner rounded from 16, is fine enough for a mean over 16. */
const TOO_COARSE = 1.01;

/** Whether a level can be the whole picture, or is of another shape, such as a slide's label. */
export function isCopy(full: Size, level: Size): boolean {
  return Math.abs(full[0] * level[1] - full[1] * level[0]) <= ROUNDED_PX * (full[0] + full[1]);
}

/** Area mean of a pyramid over `shrink` x `shrink` pixels of level 0. */
export async function overview(levels: Size[], shrink: number, read: ReadLevel): Promise<Raster> {
  const [index, across, down] = fineEnough(levels, shrink);
  const whole = wholeFactor(shrink, across, down);
  const picture = await shrunkLevel(levels[index], whole, (...window) => read(index, ...window));
  const width = Math.ceil(levels[0][0] / shrink);
  const height = Math.ceil(levels[0][1] / shrink);
  return fit(picture, [width, height], shrink / (across * whole), shrink / (down * whole));
}

/** A window of a pyramid, each pixel the mean of `shrink` x `shrink` pixels of level 0. */
export async function shrunkWindow(
  levels: Size[], shrink: number, read: ReadLevel,
  x: number, y: number, width: number, height: number,
): Promise<Raster> {
  const [index, across, down] = fineEnough(levels, shrink);
  const [left, right] = span(x, width, across, levels[index][0]);
  const [top, bottom] = span(y, height, down, levels[index][1]);
  const part = await shrunkLevel(
    [right - left, bottom - top],
    wholeFactor(shrink, across, down),
    (px, py, ...size) => read(index, left + px, top + py, ...size),
  );
  const [wide, high] = [Math.ceil(width / shrink), Math.ceil(height / shrink)];
  if (part.width === wide && part.height === high) return part;
  return shrinkTo(part, wide, high, part.width / wide, part.height / high);
}

function fineEnough(levels: Size[], shrink: number): [number, number, number] {
  const factors = levels.map((level) => downsample(levels[0], level));
  let index = 0;
  factors.forEach((factor, i) => {
    const fine = Math.max(...factor) <= shrink * TOO_COARSE;
    if (fine && factor[0] > factors[index][0]) index = i;
  });
  return [index, ...factors[index]];
}

function wholeFactor(shrink: number, across: number, down: number): number {
  return Math.max(1, Math.floor(shrink / Math.max(across, down) + 0.01));
}

function span(start: number, length: number, factor: number, end: number): [number, number] {
  const first = Math.min(Math.floor(start / factor), end - 1);
  return [first, Math.max(first + 1, Math.min(Math.ceil((start + length) / factor), end))];
}

/** In x and y. Scanners round the sizes of levels down: 4100 / 256 is meant as 16. */
function downsample(full: Size, level: Size): [number, number] {
  const factors: [number, number] = [full[0] / level[0], full[1] / level[1]];
  const nominal = Math.round((factors[0] + factors[1]) / 2);
  const fits = full.every((side, i) => Math.abs(side / nominal - level[i]) < 1);
  return fits ? [nominal, nominal] : factors;
}

async function shrunkLevel(
  [width, height]: Size,
  factor: number,
  read: (x: number, y: number, width: number, height: number) => Promise<Raster>,
): Promise<Raster> {
  const small = blankRaster(Math.ceil(width / factor), Math.ceil(height / factor));
  const step = Math.max(1, Math.floor(BLOCK_PX / factor)) * factor;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const block = await read(x, y, Math.min(step, width - x), Math.min(step, height - y));
      const mean = areaMean(block, factor);
      paste(mean, 0, 0, small, x / factor, y / factor, mean.width, mean.height);
    }
  }
  return small;
}

/** Mean of `factor` x `factor` pixels; those at the right and lower border are of what is left. */
export function areaMean(image: Raster, factor: number): Raster {
  if (factor === 1) return image;
  const small = blankRaster(Math.ceil(image.width / factor), Math.ceil(image.height / factor));
  for (const [top, bottom] of wholeAndRest(image.height, factor)) {
    for (const [left, right] of wholeAndRest(image.width, factor)) {
      const part = cut(image, left, top, right - left, bottom - top);
      const width = Math.ceil(part.width / factor);
      const height = Math.ceil(part.height / factor);
      const mean = shrinkTo(part, width, height, part.width / width, part.height / height);
      paste(mean, 0, 0, small, left / factor, top / factor, width, height);
    }
  }
  return small;
}

function wholeAndRest(length: number, factor: number): [number, number][] {
  const whole = Math.floor(length / factor) * factor;
  const spans: [number, number][] = [[0, whole], [whole, length]];
  return spans.filter(([start, end]) => start < end);
}

/** Shrink by factors of 1 to 2 to a size; what a rounded level lacks is its last pixels. */
function fit(picture: Raster, [width, height]: Size, across: number, down: number): Raster {
  const padded = widened(picture, Math.ceil(width * across), Math.ceil(height * down));
  if (across === 1 && down === 1) return cropped(padded, width, height);
  const wide = Math.round(padded.width / across);
  const high = Math.round(padded.height / down);
  return cropped(shrinkTo(padded, wide, high, across, down), width, height);
}

function cropped(image: Raster, width: number, height: number): Raster {
  return image.width === width && image.height === height
    ? image
    : cut(image, 0, 0, width, height);
}

function widened(image: Raster, leastWidth: number, leastHeight: number): Raster {
  const width = Math.max(image.width, leastWidth);
  const height = Math.max(image.height, leastHeight);
  if (width === image.width && height === image.height) return image;
  const whole = blankRaster(width, height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(y, image.height - 1) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.min(x, image.width - 1)) * CHANNELS;
      const to = (y * width + x) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) whole.data[to + c] = image.data[from + c];
    }
  }
  return whole;
}
