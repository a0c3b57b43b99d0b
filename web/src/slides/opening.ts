// Opening a file with the reader that knows it.

import { DataError } from "../pipeline/errors.js";
import { isJpeg, isPng, openPicture } from "./picture.js";
import { Slide } from "./slide.js";
import { openTiff } from "./tiff.js";

/** II or MM, then 42 (TIFF) or 43 (BigTIFF). */
function isTiff(start: Uint8Array): boolean {
  const [little, big] = [start[0] === 0x49 && start[1] === 0x49, start[0] === 0x4d && start[1] === 0x4d];
  const version = little ? start[2] + 256 * start[3] : start[3] + 256 * start[2];
  return (little || big) && (version === 42 || version === 43);
}

export async function openSlide(file: Blob, name: string): Promise<Slide> {
  if (!file.size) throw new DataError(`${name}: cannot be read: the file is empty`);
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (isTiff(start)) return new Slide(await openTiff(file, name));
  if (isPng(start) || isJpeg(start)) return new Slide(await openPicture(file, name));
  throw new DataError(
    `${name}: must be a PNG, JPEG, TIFF or a slide in TIFF, such as SVS. Other formats are read by ` +
      "mitokeras predict",
  );
}
