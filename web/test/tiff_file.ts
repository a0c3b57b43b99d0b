// A TIFF as the tests want it: tiled, uncompressed, each page of one grey.

const TILE = 16;
const TILE_BYTES = TILE * TILE * 3;

export interface Page {
  size: [number, number];
  grey: number;
  reduced?: boolean;
  /** Tiles without a place in the file. */
  noOffset?: number[];
  /** Tiles without any bytes. */
  noBytes?: number[];
}

export function tiffOf(pages: Page[]): Blob {
  const bytes: number[] = [];
  const put = (value: number, length: number, at = bytes.length): void => {
    for (let i = 0; i < length; i++) bytes[at + i] = (value >> (8 * i)) & 255;
  };
  const array = (values: number[]): number => {
    const at = bytes.length;
    values.forEach((value) => put(value, 4));
    return at;
  };
  put(0x2a4949, 4);
  put(0, 4);
  let link = 4;
  for (const { size: [width, height], grey, reduced, noOffset, noBytes } of pages) {
    const count = Math.ceil(width / TILE) * Math.ceil(height / TILE);
    const numbers = Array.from({ length: count }, (_, i) => i);
    const offsets = numbers.map((i) => {
      const at = bytes.length;
      for (let byte = 0; byte < TILE_BYTES; byte++) bytes.push(grey);
      return noOffset?.includes(i) ? 0 : at;
    });
    const counts = numbers.map((i) => (noBytes?.includes(i) ? 0 : TILE_BYTES));
    const list = (values: number[]): number => (values.length > 1 ? array(values) : values[0]);
    const tags = [
      [254, 1, reduced ? 1 : 0], [256, 1, width], [257, 1, height], [258, 3, array([8 | (8 << 16), 8])],
      [259, 1, 1], [262, 1, 2], [277, 1, 3], [322, 1, TILE], [323, 1, TILE],
      [324, count, list(offsets)], [325, count, list(counts)],
    ];
    put(bytes.length, 4, link);
    put(tags.length, 2);
    for (const [tag, number, value] of tags) {
      put(tag, 2);
      put(tag === 258 ? 3 : 4, 2);
      put(number, 4);
      put(value, 4);
    }
    link = bytes.length;
    put(0, 4);
  }
  return new Blob([Uint8Array.from(bytes)]);
}
