// The JPEG tiles of a TIFF, decoded by the browser.

import { onGlass } from "../pipeline/raster.js";

const [MARKER, SOI, EOI, SOS, APP14] = [0xff, 0xd8, 0xd9, 0xda, 0xee];

/** Where a JPEG's tables end and its picture begins: after the marker of its start. */
const START_BYTES = 2;

/**
 * One JPEG file of a tile and the tables that all tiles share. The colours are those that the TIFF
 * states, YCbCr or RGB: without a word of Adobe's in the file a decoder would guess.
 */
export function jpegFile(tile: Uint8Array, tables: Uint8Array | null, isYcbcr: boolean): Uint8Array {
  const adobe = [
    MARKER, APP14, 0, 14, ...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, isYcbcr ? 1 : 0,
  ];
  const shared = tables ? inner(tables) : new Uint8Array();
  const own = withoutAdobe(tile.subarray(START_BYTES));
  return Uint8Array.from([MARKER, SOI, ...adobe, ...shared, ...own]);
}

function inner(tables: Uint8Array): Uint8Array {
  const last = tables.length - START_BYTES;
  const ends = tables[last] === MARKER && tables[last + 1] === EOI;
  return tables.subarray(START_BYTES, ends ? last : tables.length);
}

/** The segments of a tile without an APP14, whose word would go before ours. */
function withoutAdobe(segments: Uint8Array): Uint8Array {
  const kept: number[] = [];
  let at = 0;
  while (at + 3 < segments.length && segments[at] === MARKER && segments[at + 1] !== SOS) {
    const length = 2 + segments[at + 2] * 256 + segments[at + 3];
    if (segments[at + 1] !== APP14) kept.push(...segments.subarray(at, at + length));
    at += length;
  }
  const rest = segments.subarray(at);
  const whole = new Uint8Array(kept.length + rest.length);
  whole.set(kept);
  whole.set(rest, kept.length);
  return whole;
}

/** Decode a JPEG file to RGB. */
export async function decodedJpeg(file: Uint8Array): Promise<Uint8Array> {
  const blob = new Blob([file as Uint8Array<ArrayBuffer>], { type: "image/jpeg" });
  const picture = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0);
  picture.close();
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return onGlass(data, width, height).data;
}
