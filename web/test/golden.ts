// The golden files of golden.py.

import { existsSync, readFileSync } from "node:fs";

import type { Atypical, Subtyping } from "../src/counting/atypical.js";
import type { Count } from "../src/counting/count.js";
import type { Detection } from "../src/pipeline/detect.js";
import type { Raster } from "../src/pipeline/raster.js";

const FOLDER = new URL("../golden/", import.meta.url);

export const FIELDS = 20;

/** That model. */
export const SUBTYPING_MODEL = new URL("subtyping", FOLDER).pathname;

export interface Coded {
  shape: number[];
  base64: string;
}

export interface GoldenField {
  spacing_um_px: number;
  plane: Coded;
  map: Coded;
  prediction: {
    detections: Detection[];
    count: Count;
    tiles: number;
    tiles_skipped: number;
    image: { width_px: number; height_px: number };
    model: { segmenter_threshold: number };
  };
  geojson: { features: { geometry: { type: string; coordinates: number[][][] } }[] };
  points: unknown;
}

export interface GoldenPure {
  numbers: {
    rounded: [number, number, number][];
    ratios: [number, number, number][];
    resized: [number, number, number][];
    cut_offs: number[][];
  };
  images: {
    picture: Coded;
    resized: [number, number, Coded][];
    means: [number, Coded][];
    drawn: Coded;
    tissue: [number, Coded][];
  };
  counts: {
    xy: [number, number][];
    tissue_mm2: number;
    field_diameter_mm: number;
    false_per_mm2: number | null;
    count: Count;
    small: Count["hotspot"];
  }[];
  atypical: { subtyping: Subtyping; atypical: Atypical; doubts: string[] }[];
}

/** A field by a model with a stage 3. */
export interface GoldenSubtyping {
  prediction: GoldenField["prediction"] & { atypical: Atypical };
  geojson: GoldenField["geojson"];
  text: string;
}

export interface GoldenTiff {
  name: string;
  spacing_um_px: number | null;
  window: Coded;
  overview: Coded;
}

function read(name: string): Buffer {
  const path = new URL(name, FOLDER);
  if (!existsSync(path)) throw new Error(`run \`python web/golden.py\` first: no golden/${name}`);
  return readFileSync(path);
}

/** The fields that a model with a stage 3 sees as well. */
export const SUBTYPED = JSON.parse(read("subtyped.json").toString()) as number[];

export const pure = (): GoldenPure => JSON.parse(read("pure.json").toString()) as GoldenPure;

export const tiffs = (): GoldenTiff[] => JSON.parse(read("tiff.json").toString()) as GoldenTiff[];

export const file = (name: string): Blob => new Blob([new Uint8Array(read(name))]);

export const field = (number: number): GoldenField =>
  JSON.parse(read(`${number}.json`).toString()) as GoldenField;

export const subtyped = (number: number): GoldenSubtyping =>
  JSON.parse(read(`subtyping_${number}.json`).toString()) as GoldenSubtyping;

export const table = (name: number | string): string => read(`${name}.csv`).toString();

export const bytes = ({ base64 }: Coded): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(base64, "base64"));

export const floats = (coded: Coded): Float32Array => new Float32Array(bytes(coded).buffer);

export function raster(coded: Coded): Raster {
  const [height, width] = coded.shape;
  return { width, height, data: bytes(coded) };
}
