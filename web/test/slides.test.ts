import { describe, expect, it, vi } from "vitest";

import { parseSpec } from "../src/pipeline/spec.js";
import { resizeRatio } from "../src/pipeline/ratio.js";
import { tissueOf } from "../src/pipeline/detect.js";
import { tissueAreaMm2 } from "../src/pipeline/tissue.js";
import { reflected } from "../src/pipeline/tiling.js";
import { whiten } from "../src/slides/absent_tiles.js";
import { jpegFile } from "../src/slides/jpeg_tile.js";
import { openSlide } from "../src/slides/opening.js";
import { overview, type Size } from "../src/slides/shrinking.js";
import { byHand, chosen, meanUm } from "../src/slides/spacing.js";
import { blankRaster, cut, type Raster } from "../src/pipeline/raster.js";
import { bytes, file as goldenFile, pure, raster, tiffs } from "./golden.js";
import { tiffOf } from "./tiff_file.js";

/** Browsers read a part of a file by this class, which Node.js has not. */
class PartReader {
  onload: (() => void) | null = null;
  result: ArrayBuffer | null = null;

  readAsArrayBuffer(part: Blob): void {
    void part.arrayBuffer().then((result) => {
      this.result = result;
      this.onload?.();
    });
  }
}

vi.stubGlobal("FileReader", PartReader);

describe("spacing", () => {
  it("is never assumed", () => {
    expect(chosen(null)).toMatch(/state no pixel size/);
    expect(chosen({ xUm: 352.8, yUm: 352.8, source: "resolution" })).toMatch(/no pixel size of a scan.*352\.8/);
    expect(chosen({ xUm: 0.25, yUm: 0.3, source: "x" })).toMatch(/not square/);
    const scan = { xUm: 0.25, yUm: 0.251, source: "aperio.MPP" };
    expect(chosen(scan)).toBe(scan);
    expect(byHand(" 0,25 ")).toEqual({ xUm: 0.25, yUm: 0.25, source: "set by hand" });
    for (const text of ["", "abc", "0", "-1", "96", "Infinity"]) expect(() => byHand(text)).toThrow(/must be 0\.05 to 5/);
  });

  it("too far from the model's is refused", () => {
    expect(() => resizeRatio(0.5, 0.25, "a.svs")).toThrow("a.svs: its spacing must be 0.0625 to 0.375");
    expect(resizeRatio(0.2549, 0.25, "a")).toEqual({ up: 1, down: 1 });
  });
});

describe("files", () => {
  const file = (bytes: number[]): Blob => new Blob([Uint8Array.from(bytes)]);

  it("of no known kind are refused by name", async () => {
    await expect(openSlide(file([]), "a.png")).rejects.toThrow("a.png: cannot be read: the file is empty");
    await expect(openSlide(file([1, 2, 3, 4]), "b.mrxs")).rejects.toThrow("b.mrxs: must be a PNG, JPEG, TIFF");
    await expect(openSlide(file([0x49, 0x49, 42, 0, 8, 0, 0, 0]), "c.tif")).rejects.toThrow("c.tif: cannot be opened");
  });

  it("that are grey or of 16 bits are refused before they are decoded", async () => {
    const header = (bits: number, kind: number): number[] => [
      0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, bits, kind, 0, 0, 0,
    ];
    await expect(openSlide(file(header(8, 0)), "g.png")).rejects.toThrow("Received: a grey image");
    await expect(openSlide(file(header(16, 2)), "d.png")).rejects.toThrow("must have 8 bits a channel. Received: 16");
  });
});

describe("a picture that EXIF would turn", () => {
  const text = (word: string): number[] => [...Buffer.from(word)];
  const chunk = (name: string, ...data: number[]): number[] => [0, 0, 0, data.length, ...text(name), ...data, 1, 2, 3, 4];
  const seen: number[][] = [];
  const decoder = (width: number, height: number) => async (file: Blob): Promise<unknown> => {
    seen.push([...new Uint8Array(await file.arrayBuffer())]);
    return { width, height };
  };

  it("is decoded without, or refused if the browser has turned it", async () => {
    const start = [0x89, ...text("PNG"), 13, 10, 26, 10, ...chunk("IHDR", 0, 0, 0, 2, 0, 0, 0, 3, 8, 2, 0, 0, 0)];
    const exif = chunk("eXIf", 77, 77);
    const rest = [chunk("IDAT", 7), chunk("IEND")];
    vi.stubGlobal("createImageBitmap", decoder(3, 2));
    const turned = openSlide(new Blob([Uint8Array.from([...start, ...exif, ...rest[0], ...exif, ...rest[1]])]), "a.png");
    await expect(turned).rejects.toThrow("a.png: a picture must have the size that its header states, 2 x 3 px. Received: 3 x 2 px");
    expect(seen.pop()).toEqual([...start, ...rest[0], ...rest[1]]);
  });

  it("has it before or after the size, in a JPEG", async () => {
    const exif = (marker: number): number[] => [0xff, marker, 0, 4, 77, 77];
    const frame = [0xff, 0xc0, 0, 17, 8, 0, 3, 0, 2, 3, ...new Array<number>(9).fill(0)];
    const jpeg = (marker: number): number[] => [
      0xff, 0xd8, ...exif(marker), ...frame, ...exif(marker), 0xff, 0xda, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xd9,
    ];
    vi.stubGlobal("createImageBitmap", decoder(3, 2));
    await expect(openSlide(new Blob([Uint8Array.from(jpeg(0xe1))]), "a.jpg")).rejects.toThrow("2 x 3 px. Received: 3 x 2 px");
    expect(seen.pop()).toEqual(jpeg(0xfe));
  });
});

describe("TIFF", () => {
  it("of scanners that lay tiles over one another is refused", async () => {
    await expect(openSlide(goldenFile("philips.tif"), "philips.tif")).rejects.toThrow(
      "philips.tif: of scanners' own formats only Aperio's is read here. Received: Philips's",
    );
  });

  it.each(tiffs().filter(({ name }) => name !== "philips.tif"))("is read as Python reads it: $name", async ({ name, spacing_um_px, window, overview: small }) => {
    const slide = await openSlide(goldenFile(name), name);
    const spacing = chosen(slide.opened.stated);
    expect(typeof spacing === "string" ? null : meanUm(spacing)).toEqual(spacing_um_px);
    const read = await slide.read(50, 30, 200, 150);
    expect(Buffer.compare(read.data, bytes(window))).toBe(0);
    const whole = await slide.overview(5);
    expect([whole.height, whole.width]).toEqual(small.shape.slice(0, 2));
    expect(Buffer.compare(whole.data, bytes(small))).toBe(0);
  });
});

describe("pages of a TIFF", () => {
  const full = { size: [64, 32] as [number, number], grey: 100 };
  const half = { size: [32, 16] as [number, number], grey: 50 };
  const levels = async (...pages: Parameters<typeof tiffOf>[0]): Promise<Size[]> =>
    (await openSlide(tiffOf(pages), "a.tif")).opened.levels;

  it("are copies only if they say so, have the same shape and no gaps of their own", async () => {
    expect(await levels(full, { ...half, reduced: true })).toEqual([[64, 32], [32, 16]]);
    expect(await levels(full, { ...half, reduced: true, size: [16, 16] })).toEqual([[64, 32]]);
    expect(await levels(full, { ...half, reduced: true, noBytes: [1] })).toEqual([[64, 32]]);
    const sparse = { ...full, noOffset: [2] };
    expect(await levels(sparse, { ...half, reduced: true, noBytes: [1] })).toEqual([[64, 32], [32, 16]]);
  });

  it("are other pictures unless they say that they are copies", async () => {
    await expect(levels(full, half)).rejects.toThrow("a.tif: an image must be one picture. Received: 2 in one file");
    expect(await levels(full, { ...half, size: [16, 8] })).toEqual([[64, 32]]);
  });

  it("lack the tiles that have no place in the file, or no bytes", async () => {
    const slide = await openSlide(tiffOf([{ ...full, noOffset: [2], noBytes: [5] }]), "a.tif");
    expect([...slide.opened.absent!.grid]).toEqual([0, 0, 1, 0, 0, 1, 0, 0]);
    const { data } = await slide.read(30, 15, 4, 2);
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([100, 100, 255, 255, 255, 255, 100, 100]);
  });
});

describe("JPEG tiles", () => {
  it("get their tables and the word on their colours, and lose another's", () => {
    const tables = Uint8Array.from([0xff, 0xd8, 0xff, 0xdb, 0, 3, 9, 0xff, 0xd9]);
    const tile = Uint8Array.from([0xff, 0xd8, 0xff, 0xee, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9]);
    expect([...jpegFile(tile, tables, false)]).toEqual([
      0xff, 0xd8, 0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, 0,
      0xff, 0xdb, 0, 3, 9, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9,
    ]);
    expect(jpegFile(tile, null, true)[17]).toBe(1);
  });
});

describe("overviews", () => {
  it("come from the coarsest level that is fine enough", async () => {
    const picture = raster(pure().images.drawn);
    const levels: Size[] = [[picture.width * 4, picture.height * 4], [picture.width, picture.height]];
    const read: number[] = [];
    const found = await overview(levels, 8, (level, x, y, width, height) => {
      read.push(level);
      return Promise.resolve(cut(picture, x, y, width, height));
    });
    expect(read).toEqual([1]);
    expect([found.width, found.height]).toEqual([Math.ceil(picture.width / 2), Math.ceil(picture.height / 2)]);
  });
});

describe("mirroring", () => {
  it("does not repeat the border", () => {
    expect([-2, -1, 0, 1, 2, 3, 4].map((place) => reflected(place, 3))).toEqual([2, 1, 0, 1, 2, 1, 0]);
    expect(reflected(-5, 1)).toBe(0);
  });
});

describe("detector.json", () => {
  it("of another version or stain policy is refused", () => {
    const spec = {
      format_version: 1, spacing_um_px: 0.25, tile_px: 512, halo_px: 64, color_order: "RGB",
      value_range: [0, 255], stain: { policy: "none" }, segmenter_threshold: 0.7,
      classifier_threshold: 0.9, min_area_px: 100, crop_px: 64,
    };
    expect(parseSpec(spec)).toBe(spec);
    expect(() => parseSpec({ ...spec, format_version: 2 })).toThrow("format_version must be 1. Received: 2");
    expect(() => parseSpec({ ...spec, stain: { policy: "macenko" } })).toThrow("stain policy must be none");
    expect(() => parseSpec({ ...spec, tile_px: null })).toThrow("tile_px must be a number");
    const subtyping = { threshold: 0.5, chosen: "by hand", sensitivity: null, specificity: null };
    const models = { segmenter: {}, classifier: {} };
    expect(() => parseSpec({ ...spec, subtyping, models })).toThrow("models must name a subtyper");
    expect(() => parseSpec({ ...spec, subtyping: { threshold: "0.5" } })).toThrow("threshold must be a number");
  });
});

describe("tiles that were never written", () => {
  it("are white on the overview, whatever a coarser level has there", () => {
    const picture = blankRaster(8, 3);
    // Pixels of 3 x 3 px: their centres lie at 1.5, 4.5 and so on.
    whiten(picture, { grid: Uint8Array.of(0, 1, 0, 0, 0, 1), across: 3, tileWidth: 8, tileHeight: 4 }, 3);
    expect([...picture.data].filter((_, i) => i % 3 === 1)).toEqual([
      0, 0, 0, 255, 255, 0, 0, 0,
      0, 0, 0, 0, 0, 255, 255, 255,
      0, 0, 0, 0, 0, 255, 255, 255,
    ]);
  });

  it("lack tissue if a coarser level shows some there", async () => {
    const pink = (width: number, height: number): Raster => {
      const picture = blankRaster(width, height);
      for (let i = 0; i < picture.data.length; i++) picture.data[i] = [220, 120, 200][i % 3];
      return picture;
    };
    const found = (grid: number[] | null): ReturnType<typeof tissueOf> => tissueOf({
      name: "a.tif", spacingUmPx: 8, width: 100, height: 50,
      read: (_x, _y, width, height) => Promise.resolve(pink(width, height)),
      absent: grid && { grid: Uint8Array.from(grid), across: 10, tileWidth: 10, tileHeight: 50 },
      overview: () => Promise.resolve(pink(100, 50)),
    });
    const whole = await found(null);
    expect(whole.unwrittenMm2).toBe(0);
    const half = await found([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(half.unwrittenMm2).toBeCloseTo(0.16, 2);
    expect(half.unwrittenMm2 + tissueAreaMm2(half.mask, half)).toBeCloseTo(tissueAreaMm2(whole.mask, whole), 9);
  });
});
