// Where on a slide there is tissue, found on its overview; the limits are those of
// mitokeras/detect/tissue.py, whose documentation says where they come from.

import type { Overview } from "./blank.js";
import { components } from "./components.js";
import { CHANNELS, type Raster } from "./raster.js";

export const SPECK_MM2 = 0.02;
const HOLE_MM2 = 0.05;
const MAX_SHARE = 0.1;
const PINKNESS = 6;
const GLASS_BRIGHTNESS = 170;
const GLASS_PINKNESS = 10;
const GLASS_ROUGHNESS = 3;
const GLASS_SHARE = 0.02;
const INK_BLACK = 65;
const INK_BLUE = 3;

/** Pixels of the overview, a byte each: 1 where there is tissue. */
export function tissueMask(overview: Raster, spacingUmPx: number): Uint8Array {
  const { width, height } = overview;
  const smooth = blurred(overview.data, width, height, CHANNELS);
  const pinkness = new Float32Array(width * height);
  for (let i = 0, j = 0; i < pinkness.length; i++, j += CHANNELS) {
    pinkness[i] = (smooth[j] + smooth[j + 2]) / 2 - smooth[j + 1];
  }
  const least = glassPinkness(overview, smooth, pinkness) + PINKNESS;
  const mask = new Uint8Array(width * height);
  for (let i = 0, j = 0; i < mask.length; i++, j += CHANNELS) {
    const [red, green, blue] = [smooth[j], smooth[j + 1], smooth[j + 2]];
    const ink = Math.max(red, green, blue) < INK_BLACK || green - red > INK_BLUE;
    mask[i] = pinkness[i] >= least && !ink ? 1 : 0;
  }
  const pxPerMm2 = (1000 / spacingUmPx) ** 2;
  const largest = MAX_SHARE * mask.length;
  const tissue = withoutSmall(mask, width, height, Math.min(SPECK_MM2 * pxPerMm2, largest));
  const gaps = inverted(tissue);
  return inverted(withoutSmall(gaps, width, height, Math.min(HOLE_MM2 * pxPerMm2, largest)));
}

/** Area of a mask of the overview; the slide's border cuts it off. */
export function tissueAreaMm2(mask: Uint8Array, tissue: Overview): number {
  const { width, height, covered, spacingUmPx } = tissue;
  const share = (at: number, side: number): number => Math.min(1, side - at);
  let area = 0;
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) row += mask[y * width + x] * share(x, covered[0]);
    area += row * share(y, covered[1]);
  }
  return area * (spacingUmPx / 1000) ** 2;
}

/** Mean of 3 x 3 bytes; at the border the image is mirrored, the border itself repeated. */
function blurred(data: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const result = new Uint8Array(data.length);
  const inside = (at: number, length: number): number => Math.min(Math.max(at, 0), length - 1);
  for (let y = 0; y < height; y++) {
    const rows = [inside(y - 1, height), y, inside(y + 1, height)].map((row) => row * width);
    for (let x = 0; x < width; x++) {
      const columns = [inside(x - 1, width), x, inside(x + 1, width)];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const row of rows) for (const column of columns) sum += data[(row + column) * channels + c];
        result[(y * width + x) * channels + c] = Math.round(sum / 9);
      }
    }
  }
  return result;
}

/** The glass's own tint; 0, as of clear glass, where too little glass is seen. */
function glassPinkness(overview: Raster, smooth: Uint8Array, pinkness: Float32Array): number {
  const { width, height, data } = overview;
  const rise = new Uint8Array(width * height);
  for (let i = 0; i < rise.length; i++) {
    const green = i * CHANNELS + 1;
    rise[i] = Math.abs(data[green] - smooth[green]);
  }
  const rough = blurred(rise, width, height, 1);
  const glass: number[] = [];
  for (let i = 0, j = 0; i < pinkness.length; i++, j += CHANNELS) {
    const bright = Math.min(smooth[j], smooth[j + 1], smooth[j + 2]) >= GLASS_BRIGHTNESS;
    if (bright && rough[i] <= GLASS_ROUGHNESS && Math.abs(pinkness[i]) <= GLASS_PINKNESS) {
      glass.push(pinkness[i]);
    }
  }
  return glass.length >= GLASS_SHARE * pinkness.length && glass.length ? median(glass) : 0;
}

function median(values: number[]): number {
  const sorted = Float32Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Drop the 4-connected pieces of fewer pixels. */
function withoutSmall(
  mask: Uint8Array, width: number, height: number, leastPx: number,
): Uint8Array {
  const { labels, count } = components(mask, width, height, false);
  const area = new Uint32Array(count + 1);
  for (const label of labels) area[label]++;
  const kept = new Uint8Array(mask.length);
  for (let i = 0; i < kept.length; i++) kept[i] = labels[i] && area[labels[i]] >= leastPx ? 1 : 0;
  return kept;
}

const inverted = (mask: Uint8Array): Uint8Array => mask.map((pixel) => 1 - pixel);
