// An image in memory.

/** RGB, row by row, a byte a channel. */
export interface Raster {
  width: number;
  height: number;
  data: Uint8Array<ArrayBuffer>;
}

export const CHANNELS = 3;

export function blankRaster(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * CHANNELS) };
}

/** A window that lies inside the image. */
export function cut(image: Raster, x: number, y: number, width: number, height: number): Raster {
  const part = blankRaster(width, height);
  paste(image, x, y, part, 0, 0, width, height);
  return part;
}

/** Copy a window of one image into another. */
export function paste(
  from: Raster, x: number, y: number,
  to: Raster, left: number, top: number,
  width: number, height: number,
): void {
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * from.width + x) * CHANNELS;
    to.data.set(
      from.data.subarray(start, start + width * CHANNELS),
      ((top + row) * to.width + left) * CHANNELS,
    );
  }
}

/** Pixels of RGBA laid on white glass, which is what a microscope shows where nothing is. */
export function onGlass(rgba: Uint8ClampedArray, width: number, height: number): Raster {
  const image = blankRaster(width, height);
  for (let i = 0, j = 0; i < rgba.length; i += 4, j += CHANNELS) {
    image.data[j] = rgba[i];
    image.data[j + 1] = rgba[i + 1];
    image.data[j + 2] = rgba[i + 2];
  }
  return image;
}
