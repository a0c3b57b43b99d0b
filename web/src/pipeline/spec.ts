// `detector.json`, the one contract of every run and bundle.

import type { Subtyping } from "../counting/atypical.js";
import { DataError } from "./errors.js";

export const FORMAT_VERSION = 1;

export interface ModelFile {
  file: string;
  sha256: string;
}

export interface DetectorSpec {
  format_version: number;
  spacing_um_px: number;
  tile_px: number;
  halo_px: number;
  color_order: string;
  value_range: [number, number];
  stain: { policy: string };
  segmenter_threshold: number;
  classifier_threshold: number;
  thresholds_chosen: string;
  min_area_px: number;
  crop_px: number;
  protocol: string;
  /** Of stage 3, where there is one. */
  subtyping?: Subtyping | null;
  models: { segmenter: ModelFile; classifier: ModelFile; subtyper?: ModelFile };
}

const NUMBERS = [
  "spacing_um_px", "tile_px", "halo_px", "segmenter_threshold", "classifier_threshold",
  "min_area_px", "crop_px",
] as const;

/** Check what this page needs of the file; what it does not know is refused, not passed over. */
export function parseSpec(value: unknown): DetectorSpec {
  const wrong = (rule: string, received: unknown): DataError =>
    new DataError(`detector.json: ${rule}. Received: ${JSON.stringify(received)}`);
  if (typeof value !== "object" || value === null) throw wrong("must be an object", value);
  const spec = value as DetectorSpec;
  if (spec.format_version !== FORMAT_VERSION) {
    throw wrong(`format_version must be ${FORMAT_VERSION}`, spec.format_version);
  }
  for (const name of NUMBERS) {
    if (!Number.isFinite(spec[name])) throw wrong(`${name} must be a number`, spec[name]);
  }
  if (spec.color_order !== "RGB") throw wrong("color_order must be RGB", spec.color_order);
  if (String(spec.value_range) !== "0,255") {
    throw wrong("value_range must be 0 to 255", spec.value_range);
  }
  if (spec.stain.policy !== "none") throw wrong("the stain policy must be none", spec.stain);
  if (spec.subtyping) {
    if (!Number.isFinite(spec.subtyping.threshold)) {
      throw wrong("subtyping.threshold must be a number", spec.subtyping);
    }
    if (!spec.models.subtyper) throw wrong("models must name a subtyper", spec.models);
  }
  return spec;
}
