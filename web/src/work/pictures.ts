// Pictures of a slide for the page: tiles of the viewer, crops, the whole.

import { CHANNELS, type Raster } from "../pipeline/raster.js";
import type { Slide } from "../slides/slide.js";
import type { Window } from "./messages.js";

/** A window of level 0; what lies outside the slide is transparent. */
export async function picture(slide: Slide, wanted: Window): Promise<ImageBitmap> {
  const { x, y, width, height, outWidth } = wanted;
  const scale = outWidth / width;
  const outHeight = Math.max(1, Math.round(height * scale));
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  const right = Math.min(slide.width, Math.ceil(x + width));
  const bottom = Math.min(slide.height, Math.ceil(y + height));
  const canvas = new OffscreenCanvas(outWidth, outHeight);
  if (right > left && bottom > top) {
    const shrink = Math.max(1, Math.floor(1 / scale));
    const part = await slide.shrunk(left, top, right - left, bottom - top, shrink);
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    const bitmap = await createImageBitmap(imageData(part));
    context.drawImage(
      bitmap,
      (left - x) * scale, (top - y) * scale, part.width * shrink * scale, part.height * shrink * scale,
    );
    bitmap.close();
  }
  return canvas.transferToImageBitmap();
}

function imageData({ width, height, data }: Raster): ImageData {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0, j = 0; i < data.length; i += CHANNELS, j += 4) {
    rgba[j] = data[i];
    rgba[j + 1] = data[i + 1];
    rgba[j + 2] = data[i + 2];
  }
  return new ImageData(rgba, width, height);
}
