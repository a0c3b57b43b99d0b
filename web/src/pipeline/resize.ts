// Resizing to the byte as OpenCV does it: bilinear in fixed point upwards, area mean downwards.

import { blankRaster, CHANNELS, type Raster } from "./raster.js";
import { isOne, type Ratio } from "./ratio.js";
import { roundHalfEven } from "./rounding.js";

const COEFFICIENT = 2048; // of OpenCV's fixed point, INTER_RESIZE_COEF_SCALE

/** Enlarge (bilinear) or shrink (area mean) by a ratio; sizes are rounded as OpenCV does. */
export function resize(image: Raster, ratio: Ratio): Raster {
  if (isOne(ratio)) return image;
  const factor = ratio.up / ratio.down;
  const width = roundHalfEven(image.width * factor);
  const height = roundHalfEven(image.height * factor);
  return factor < 1
    ? shrinkTo(image, width, height, 1 / factor, 1 / factor)
    : enlargeTo(image, width, height, 1 / factor);
}

interface Taps {
  first: Int32Array;
  second: Int32Array;
  weight: Int16Array; // of the first, then of the second
}

/** OpenCV clamps the weights of columns at the border, and of rows only which are taken. */
function taps(length: number, target: number, scale: number, clamped: boolean): Taps {
  const found: Taps = {
    first: new Int32Array(target),
    second: new Int32Array(target),
    weight: new Int16Array(2 * target),
  };
  for (let i = 0; i < target; i++) {
    const at = Math.fround((i + 0.5) * scale - 0.5);
    const start = Math.floor(at);
    const outside = start < 0 || start >= length - 1;
    const rest = clamped && outside ? 0 : Math.fround(at - start);
    found.first[i] = Math.min(Math.max(start, 0), length - 1);
    found.second[i] = Math.min(start + 1, length - 1);
    found.weight[2 * i] = roundHalfEven(Math.fround(Math.fround(1 - rest) * COEFFICIENT));
    found.weight[2 * i + 1] = roundHalfEven(Math.fround(rest * COEFFICIENT));
  }
  return found;
}

function enlargeTo(image: Raster, width: number, height: number, scale: number): Raster {
  const columns = taps(image.width, width, scale, true);
  const rows = taps(image.height, height, scale, false);
  const result = blankRaster(width, height);
  const across = (y: number): Int32Array => {
    const line = new Int32Array(width * CHANNELS);
    const start = y * image.width * CHANNELS;
    for (let x = 0; x < width; x++) {
      const left = start + columns.first[x] * CHANNELS;
      const right = start + columns.second[x] * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) {
        line[x * CHANNELS + c] =
          image.data[left + c] * columns.weight[2 * x] +
          image.data[right + c] * columns.weight[2 * x + 1];
      }
    }
    return line;
  };
  const lines = new Map<number, Int32Array>();
  const lineOf = (y: number): Int32Array => {
    let line = lines.get(y);
    if (!line) {
      line = across(y);
      lines.set(y, line);
      for (const known of lines.keys()) if (known < y - 1) lines.delete(known);
    }
    return line;
  };
  for (let y = 0; y < height; y++) {
    const [upper, lower] = [lineOf(rows.first[y]), lineOf(rows.second[y])];
    const [above, below] = [rows.weight[2 * y], rows.weight[2 * y + 1]];
    const start = y * width * CHANNELS;
    for (let i = 0; i < width * CHANNELS; i++) {
      result.data[start + i] =
        (((above * (upper[i] >> 4)) >> 16) + ((below * (lower[i] >> 4)) >> 16) + 2) >> 2;
    }
  }
  return result;
}

/** Area mean over `across` x `down` pixels, whole or not, to an image of a size. */
export function shrinkTo(
  image: Raster, width: number, height: number, across: number, down: number,
): Raster {
  if (Number.isInteger(across) && Number.isInteger(down)) {
    return meanOfBlocks(image, width, height, across, down);
  }
  return meanOfAreas(image, width, height, across, down);
}

/** Blocks at the right and lower border may be cut off: of them it is the mean of what is there. */
function meanOfBlocks(
  image: Raster, width: number, height: number, across: number, down: number,
): Raster {
  const result = blankRaster(width, height);
  const sums = new Uint32Array(width * CHANNELS);
  const share = Math.fround(1 / (across * down));
  const isFour = across === 2 && down === 2; // OpenCV rounds the half of these upwards
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    const rows = Math.min(down, image.height - y * down);
    for (let row = y * down; row < y * down + rows; row++) {
      let at = row * image.width * CHANNELS;
      const end = at + Math.min(width * across, image.width) * CHANNELS;
      for (let to = 0; at < end; to += CHANNELS) {
        for (let i = 0; i < across && at < end; i++, at += CHANNELS) {
          sums[to] += image.data[at];
          sums[to + 1] += image.data[at + 1];
          sums[to + 2] += image.data[at + 2];
        }
      }
    }
    for (let x = 0, i = 0; x < width; x++) {
      const columns = Math.min(across, image.width - x * across);
      const isWhole = rows === down && columns === across;
      for (let c = 0; c < CHANNELS; c++, i++) {
        const at = y * width * CHANNELS + i;
        if (!isWhole) result.data[at] = roundHalfEven(Math.fround(sums[i] / (rows * columns)));
        else if (isFour) result.data[at] = (sums[i] + 2) >> 2;
        else result.data[at] = roundHalfEven(Math.fround(sums[i] * share));
      }
    }
  }
  return result;
}

interface Part {
  from: number;
  to: number;
  weight: number;
}

/** Which pixels, by how much, make each pixel of the shrunk line. */
function areas(length: number, target: number, scale: number): Part[] {
  const parts: Part[] = [];
  for (let to = 0; to < target; to++) {
    const start = to * scale;
    const end = start + scale;
    const cell = Math.min(scale, length - start);
    const first = Math.ceil(start);
    const last = Math.min(Math.floor(end), length - 1);
    const from = Math.min(first, last);
    if (from - start > 1e-3) {
      parts.push({ to, from: from - 1, weight: Math.fround((from - start) / cell) });
    }
    for (let i = from; i < last; i++) parts.push({ to, from: i, weight: Math.fround(1 / cell) });
    if (end - last > 1e-3) {
      const rest = Math.min(Math.min(end - last, 1), cell);
      parts.push({ to, from: last, weight: Math.fround(rest / cell) });
    }
  }
  return parts;
}

function meanOfAreas(
  image: Raster, width: number, height: number, across: number, down: number,
): Raster {
  const columns = areas(image.width, width, across);
  const result = blankRaster(width, height);
  const line = new Float32Array(width * CHANNELS);
  const sum = new Float32Array(width * CHANNELS);
  const flush = (y: number): void => {
    const start = y * width * CHANNELS;
    for (let i = 0; i < sum.length; i++) {
      result.data[start + i] = Math.min(255, roundHalfEven(sum[i]));
    }
    sum.fill(0);
  };
  let now = 0;
  for (const row of areas(image.height, height, down)) {
    if (row.to !== now) {
      flush(now);
      now = row.to;
    }
    line.fill(0);
    const start = row.from * image.width * CHANNELS;
    for (const { from, to, weight } of columns) {
      for (let c = 0; c < CHANNELS; c++) {
        line[to * CHANNELS + c] += Math.fround(image.data[start + from * CHANNELS + c] * weight);
      }
    }
    for (let i = 0; i < sum.length; i++) sum[i] += Math.fround(row.weight * line[i]);
  }
  flush(now);
  return result;
}
