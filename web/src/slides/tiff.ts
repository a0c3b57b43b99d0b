// TIFF and what scanners make of it, read tile by tile from the local file.

import { fromBlob, getDecoder, type GeoTIFFImage } from "geotiff";

import { DataError } from "../pipeline/errors.js";
import { blankRaster, CHANNELS, paste, type Raster } from "../pipeline/raster.js";
import { absentCount, absentTiles, isAbsent, type AbsentTiles } from "./absent_tiles.js";
import { decodedJpeg, jpegFile } from "./jpeg_tile.js";
import { isCopy, type Size } from "./shrinking.js";
import type { Opened } from "./slide.js";
import { INCH_UM, perUnit, unitUm, type Spacing } from "./spacing.js";

const [NONE, LZW, JPEG, DEFLATE, OLD_DEFLATE] = [1, 5, 7, 8, 32946];
const COMPRESSIONS = [NONE, LZW, JPEG, DEFLATE, OLD_DEFLATE];
const [RGB, YCBCR] = [2, 6];
const UNIT_UM: Record<number, number | undefined> = { 2: INCH_UM, 3: 1e4 };

/** A page of less than this share of the pixels is a thumbnail, or the label of the slide. */
const LABEL_SHARE = 0.1;

/** Decoded at once. */
const LARGEST_TILE_PX = 2 ** 26;

/** Decoded tiles that are kept, in bytes. */
const KEPT_BYTES = 96 * 2 ** 20;

const WHITE = 255;

export async function openTiff(file: Blob, name: string): Promise<Opened> {
  let pages: GeoTIFFImage[];
  try {
    pages = await pagesOf(file);
  } catch (error) {
    throw new DataError(`${name}: cannot be opened: ${reason(error)}`);
  }
  const first = pages.reduce((best, page) => (area(page) > area(best) ? page : best));
  const text = await description(first);
  await refuseOthers(first, text, name);
  const format = text.startsWith("Aperio") ? "aperio" : "TIFF";
  const isOther = (page: GeoTIFFImage): boolean =>
    page !== first && !isReduced(page) && area(page) >= LABEL_SHARE * area(first);
  const others = pages.filter(isOther).length;
  if (others && format !== "aperio") {
    throw new DataError(
      `${name}: an image must be one picture. Received: ${others + 1} in one file`,
    );
  }
  // Aperio's pages of the same shape are copies whatever their tags say.
  const smaller = pages.filter(
    (page) => isLevel(first, page) && (format === "aperio" || isReduced(page)),
  );
  const [picture, ...copies] = await Promise.all([first, ...smaller].map((page) => levelOf(page, name)));
  const { absent } = picture;
  // A copy with gaps of its own would show glass for tissue.
  const levels = [picture, ...copies.filter((copy) => absent || !copy.absent)];
  levels.sort((a, b) => area(b.page) - area(a.page));
  const cache = new TileCache();
  return {
    levels: levels.map(({ page }) => sizeOf(page)),
    stated: await statedBy(first, text),
    format,
    remarks: remarksOn(absent),
    absent,
    readLevel: (level, x, y, width, height) =>
      readWindow(levels[level].page, levels[level].reader, cache, level, name, [x, y, width, height]),
  };
}

/** One size of the pyramid. */
interface Level {
  page: GeoTIFFImage;
  reader: PageReader;
  absent: AbsentTiles | null;
}

async function levelOf(page: GeoTIFFImage, name: string): Promise<Level> {
  const reader = await pageReader(page, name); // refuses tiles without pixels
  return { page, reader, absent: await absentTiles(page, name) };
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function pagesOf(file: Blob): Promise<GeoTIFFImage[]> {
  const tiff = await fromBlob(file);
  const count = await tiff.getImageCount();
  return Promise.all(Array.from({ length: count }, (_, i) => tiff.getImage(i)));
}

const area = (page: GeoTIFFImage): number => page.getWidth() * page.getHeight();
const sizeOf = (page: GeoTIFFImage): Size => [page.getWidth(), page.getHeight()];

/** Whether it says that it is a smaller copy of another page. */
const isReduced = (page: GeoTIFFImage): boolean =>
  ((page.fileDirectory.getValue("NewSubfileType") ?? 0) & 1) === 1;

function isLevel(first: GeoTIFFImage, page: GeoTIFFImage): boolean {
  const smaller = page.getWidth() < first.getWidth() && page.getHeight() < first.getHeight();
  return smaller && page.isTiled && first.isTiled && isCopy(sizeOf(first), sizeOf(page));
}

async function description(page: GeoTIFFImage): Promise<string> {
  return ((await page.fileDirectory.loadValue("ImageDescription")) ?? "").replace(/\0+$/, "");
}

/** Scanners whose TIFF lays tiles over one another, or has parts that only OpenSlide knows. */
const OTHERS: readonly [string, RegExp][] = [
  ["Hamamatsu", /hamamatsu/i], ["Ventana", /iscan|ventana/i], ["Trestle", /medscan/i],
  ["Philips", /philips/i], ["Leica", /<scn\b/],
];
const NDPI_TAG = 65420;
const XMP_TAG = 700;

async function refuseOthers(page: GeoTIFFImage, text: string, name: string): Promise<void> {
  const directory = page.fileDirectory;
  const xmp = directory.hasTag(XMP_TAG) ? ((await directory.loadValue(XMP_TAG)) as unknown) : "";
  const said = [
    text,
    await directory.loadValue("Software"),
    await directory.loadValue("Make"),
    typeof xmp === "string" ? xmp : new TextDecoder().decode(Uint8Array.from(xmp as number[])),
  ].join("\n");
  const found = directory.hasTag(NDPI_TAG) ? "Hamamatsu" : OTHERS.find(([, sign]) => sign.test(said))?.[0];
  if (found) {
    throw new DataError(
      `${name}: of scanners' own formats only Aperio's is read here. Received: ${found}'s; ` +
        "mitokeras predict reads it",
    );
  }
}

/** Decodes the bytes of a tile or strip to RGB. */
interface PageReader {
  decode(bytes: ArrayBuffer): Promise<ArrayBufferLike>;
}

async function pageReader(page: GeoTIFFImage, name: string): Promise<PageReader> {
  const directory = page.fileDirectory;
  const compression = directory.getValue("Compression") ?? NONE;
  const photometric = Number(directory.getValue("PhotometricInterpretation"));
  if (!COMPRESSIONS.includes(compression)) {
    throw new DataError(
      `${name}: its compression must be none, LZW, Deflate or JPEG to be read here. ` +
        `Received: TIFF compression ${compression}; mitokeras predict reads more`,
    );
  }
  const bits = Array.from({ length: page.getSamplesPerPixel() }, (_, i) => page.getBitsPerSample(i));
  const isColour = photometric === RGB || (photometric === YCBCR && compression === JPEG);
  if (!isColour || bits.length !== CHANNELS || page.planarConfiguration !== 1) {
    throw new DataError(
      `${name}: an image must be in colour, RGB. Received: ${bits.length} channels, ` +
        `photometric interpretation ${photometric}`,
    );
  }
  if (bits.some((each) => each !== 8)) {
    throw new DataError(`${name}: an image must have 8 bits a channel. Received: ${bits.join(", ")}`);
  }
  const tilePx = page.getTileWidth() * page.getTileHeight();
  if (!(tilePx > 0 && tilePx <= LARGEST_TILE_PX)) {
    throw new DataError(
      `${name}: a tile or strip must have 1 to ${LARGEST_TILE_PX} px. Received: ${tilePx}`,
    );
  }
  if (compression !== JPEG) return plainReader(page, compression);
  const stored = await directory.loadValue("JPEGTables");
  const tables = stored ? Uint8Array.from(stored) : null;
  return {
    decode: async (bytes) =>
      (await decodedJpeg(jpegFile(new Uint8Array(bytes), tables, photometric === YCBCR)))
        .buffer,
  };
}

async function plainReader(page: GeoTIFFImage, compression: number): Promise<PageReader> {
  const predictor = (await page.fileDirectory.loadValue("Predictor")) ?? 1;
  return getDecoder(compression, {
    tileWidth: page.getTileWidth(),
    tileHeight: page.getTileHeight(),
    predictor,
    bitsPerSample: [8, 8, 8],
    planarConfiguration: 1,
    samplesPerPixel: CHANNELS,
  });
}

const remarksOn = (absent: AbsentTiles | null): string[] =>
  absent ? [`${absentCount(absent.grid)} tiles have no bytes in the file and are taken for white glass`] : [];

async function statedBy(page: GeoTIFFImage, text: string): Promise<Spacing | null> {
  if (text.startsWith("Aperio")) {
    const found = /\|\s*MPP\s*=\s*([0-9.eE+-]+)/.exec(text);
    const um = found ? Number(found[1]) : NaN;
    return um > 0 ? { xUm: um, yUm: um, source: "aperio.MPP" } : null;
  }
  if (text.includes("<OME")) return statedByOme(text, page.getWidth(), page.getHeight());
  return statedByTags(page, text);
}

/** Of the picture of this size in the metadata of an OME-TIFF. */
function statedByOme(text: string, width: number, height: number): Spacing | null {
  for (const [tag] of text.matchAll(/<(?:\w+:)?Pixels\s[^>]*>/g)) {
    const value = (name: string): string | undefined =>
      new RegExp(`\\s${name}\\s*=\\s*"([^"]*)"`).exec(tag)?.[1];
    if (Number(value("SizeX")) !== width || Number(value("SizeY")) !== height) continue;
    const [x, y] = ["X", "Y"].map(
      (axis) =>
        Number(value(`PhysicalSize${axis}`) ?? NaN) *
        (unitUm(value(`PhysicalSize${axis}Unit`) ?? "um") ?? NaN),
    );
    if (x > 0 && y > 0) return { xUm: x, yUm: y, source: "OME-XML" };
  }
  return null;
}

/** By the resolution of the TIFF; ImageJ leaves its unit empty and names its own. */
async function statedByTags(page: GeoTIFFImage, text: string): Promise<Spacing | null> {
  const number = async (tag: "XResolution" | "YResolution"): Promise<number> => {
    const value = (await page.fileDirectory.loadValue(tag)) as ArrayLike<number> | undefined;
    return value && value[1] ? value[0] / value[1] : 0;
  };
  const [x, y] = [await number("XResolution"), await number("YResolution")];
  const um = UNIT_UM[(await page.fileDirectory.loadValue("ResolutionUnit")) ?? 0];
  if (um !== undefined) return perUnit(x, y, um, "TIFF resolution");
  if (!text.startsWith("ImageJ")) return null;
  const unit = /^unit=(.*)$/m.exec(text)?.[1].replace("\\u00B5", "\u00b5") ?? "";
  const own = unitUm(unit.trim());
  return own === undefined ? null : perUnit(x, y, own, "ImageJ");
}

/** The tiles that were decoded last. */
class TileCache {
  readonly #tiles = new Map<string, Promise<Raster>>();

  get(key: string, tileBytes: number, decode: () => Promise<Raster>): Promise<Raster> {
    const known = this.#tiles.get(key);
    if (known) {
      this.#tiles.delete(key); // and to the end of the queue
      this.#tiles.set(key, known);
      return known;
    }
    const tile = decode();
    this.#tiles.set(key, tile);
    const most = Math.max(4, Math.floor(KEPT_BYTES / tileBytes));
    while (this.#tiles.size > most) this.#tiles.delete(this.#tiles.keys().next().value!);
    return tile;
  }
}

async function readWindow(
  page: GeoTIFFImage, reader: PageReader, cache: TileCache, level: number, name: string,
  [x, y, width, height]: [number, number, number, number],
): Promise<Raster> {
  const [tileWidth, tileHeight] = [page.getTileWidth(), page.getTileHeight()];
  const window = blankRaster(width, height);
  const wanted: Promise<void>[] = [];
  const tile = async (column: number, row: number): Promise<void> => {
    const whole = await cache.get(
      `${level}/${column}/${row}`,
      tileWidth * tileHeight * CHANNELS,
      () => decodedTile(page, reader, column, row, name),
    );
    const [left, top] = [column * tileWidth, row * tileHeight];
    const [fromX, fromY] = [Math.max(x, left), Math.max(y, top)];
    const wide = Math.min(x + width, left + tileWidth) - fromX;
    const high = Math.min(y + height, top + tileHeight) - fromY;
    paste(whole, fromX - left, fromY - top, window, fromX - x, fromY - y, wide, high);
  };
  for (let row = Math.floor(y / tileHeight); row * tileHeight < y + height; row++) {
    for (let column = Math.floor(x / tileWidth); column * tileWidth < x + width; column++) {
      wanted.push(tile(column, row));
    }
  }
  await Promise.all(wanted);
  return window;
}

async function decodedTile(
  page: GeoTIFFImage, reader: PageReader, column: number, row: number, name: string,
): Promise<Raster> {
  const width = page.getTileWidth();
  const height = page.isTiled ? page.getTileHeight() : page.getBlockHeight(row);
  const image = blankRaster(width, height);
  try {
    if (await isAbsent(page, column, row)) {
      image.data.fill(WHITE);
      return image;
    }
    const { data } = await page.getTileOrStrip(column, row, 0, reader as never);
    const decoded = new Uint8Array(data);
    if (decoded.length < image.data.length) throw new Error("its tile is cut off");
    image.data.set(decoded.subarray(0, image.data.length));
    return image;
  } catch (error) {
    throw new DataError(`${name}: is damaged at tile ${column}, ${row}: ${reason(error)}`);
  }
}
