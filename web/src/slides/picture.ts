// PNG and JPEG, decoded as a whole by the browser.

import { DataError } from "../pipeline/errors.js";
import { cut, onGlass, type Raster } from "../pipeline/raster.js";
import type { Opened } from "./slide.js";
import { INCH_UM, perUnit, type Spacing } from "./spacing.js";

/** 8000 x 8000, 4 mm2 at 0.25 um; larger pictures want a tiled TIFF. */
export const LARGEST_PICTURE_PX = 64_000_000;

const METRE_UM = 1e6;
const PNG_START = 8;
const PALETTE = 3;
const GREY_TYPES = [0, 4];

export const isPng = (start: Uint8Array): boolean =>
  start[0] === 0x89 && start[1] === 0x50 && start[2] === 0x4e && start[3] === 0x47;
export const isJpeg = (start: Uint8Array): boolean => start[0] === 0xff && start[1] === 0xd8;

/** What a header says. */
interface Header {
  width: number;
  height: number;
  stated: Spacing | null;
}

export async function openPicture(file: Blob, name: string): Promise<Opened> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const format = isPng(bytes) ? "PNG" : "JPEG";
  const header = isPng(bytes) ? pngHeader(bytes, name) : jpegHeader(bytes, name);
  if (header.width * header.height > LARGEST_PICTURE_PX) {
    throw new DataError(
      `${name}: a picture must have at most ${LARGEST_PICTURE_PX} px; a larger one can be read ` +
        `as a tiled TIFF. Received: ${header.width} x ${header.height} px`,
    );
  }
  const parts = isPng(bytes) ? withoutExif(bytes) : [bytes];
  const image = await decoded(new Blob(parts, { type: file.type }), header, name);
  return {
    levels: [[image.width, image.height]],
    stated: header.stated,
    format,
    remarks: [],
    absent: null,
    readLevel: (_level, x, y, width, height) => Promise.resolve(cut(image, x, y, width, height)),
  };
}

async function decoded(file: Blob, header: Header, name: string): Promise<Raster> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, {
      colorSpaceConversion: "none",
    });
  } catch {
    throw new DataError(`${name}: cannot be decoded: damaged, or no PNG or JPEG`);
  }
  const { width, height } = picture;
  if (width !== header.width || height !== header.height) {
    throw new DataError(
      `${name}: a picture must have the size that its header states, ${header.width} x ${header.height} px. ` +
        `Received: ${width} x ${height} px`,
    );
  }
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0);
  picture.close();
  return onGlass(context.getImageData(0, 0, width, height).data, width, height);
}

function pngHeader(bytes: Uint8Array, name: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [bits, kind] = [bytes[24], bytes[25]];
  if (GREY_TYPES.includes(kind)) {
    throw new DataError(`${name}: an image must be in colour, RGB. Received: a grey image`);
  }
  if (bits !== 8 && kind !== PALETTE) {
    throw new DataError(`${name}: an image must have 8 bits a channel. Received: ${bits}`);
  }
  let stated: Spacing | null = null;
  for (const [tag, at] of pngChunks(bytes)) {
    if (tag === "IDAT") break;
    if (tag === "pHYs" && bytes[at + 16] === 1) {
      stated = perUnit(view.getUint32(at + 8), view.getUint32(at + 12), METRE_UM, "resolution");
    }
  }
  return { width, height, stated };
}

/** EXIF says how to turn a picture, but not what coordinates refer to. */
function withoutExif(png: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const kept = [...pngChunks(png)].filter(([tag]) => tag !== "eXIf");
  return [png.subarray(0, PNG_START), ...kept.map(([, at, end]) => png.subarray(at, end))];
}

/** Name, start and end of each chunk. */
function* pngChunks(bytes: Uint8Array): Generator<[string, number, number]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_START; at + 12 <= bytes.length; ) {
    const end = at + view.getUint32(at) + 12;
    yield [String.fromCharCode(...bytes.subarray(at + 4, at + 8)), at, end];
    at = end;
  }
}

function jpegHeader(bytes: Uint8Array, name: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let stated: Spacing | null = null;
  let size: [number, number] | null = null;
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) { // fills up
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const channels = bytes[at + 9];
      if (channels !== 3) {
        const kind = channels === 1 ? "a grey image" : `${channels} channels`;
        throw new DataError(`${name}: an image must be in colour, RGB. Received: ${kind}`);
      }
      size = [view.getUint16(at + 7), view.getUint16(at + 5)];
    }
    if (marker === 0xda && size) return { width: size[0], height: size[1], stated };
    if (marker === 0xe0 && String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === "JFIF") {
      const unit = [undefined, INCH_UM, 1e4][bytes[at + 11]];
      if (unit) stated = perUnit(view.getUint16(at + 12), view.getUint16(at + 14), unit, "resolution");
    }
    // EXIF becomes a comment.
    if (marker === 0xe1) bytes[at + 1] = 0xfe;
    at += 2 + view.getUint16(at + 2);
  }
  throw new DataError(`${name}: cannot be decoded: it ends before its picture`);
}
