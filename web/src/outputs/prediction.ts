// All that was found on one slide; the names are those of mitokeras' prediction.json.

import { atypicalShare, type Atypical, type Subtyping } from "../counting/atypical.js";
import { countFigures, type Count } from "../counting/count.js";
import type { Place } from "../counting/hotspot.js";
import type { Detection } from "../pipeline/detect.js";
import type { Outline } from "../pipeline/region.js";

export interface ImageFacts {
  name: string;
  width_px: number;
  height_px: number;
  spacing_um_px: number;
  pixel_um: [number, number];
  scan_corner_px: [number, number];
  spacing_source: string;
  format: string;
  /** Tissue that was never written at full resolution; left out where there is none. */
  unwritten_mm2?: number;
}

export interface ModelFacts {
  name: string;
  segmenter_sha256: string;
  classifier_sha256: string;
  spacing_um_px: number;
  segmenter_threshold: number;
  classifier_threshold: number;
  /** Of stage 3, where there is one; so all that follows of it. */
  subtyper_sha256?: string;
  subtyping?: Subtyping;
}

export interface Prediction {
  mitokeras: string;
  image: ImageFacts;
  model: ModelFacts;
  tiles: number;
  tiles_skipped: number;
  count: Count;
  atypical?: Atypical;
  detections: Detection[];
  /** Where figures were looked for; null is everywhere. */
  region: Outline | null;
  /** What the reader of the file had to say of it. */
  remarks: string[];
}

/** Places in mm from the upper left corner of the image. */
export function placesOf(
  points: readonly { x: number; y: number }[], [width, height]: [number, number],
): Place[] {
  return points.map(({ x, y }) => [((x + 0.5) * width) / 1000, ((y + 0.5) * height) / 1000]);
}

export function countAccepted(
  detections: readonly Detection[], pixelUm: [number, number], tissueMm2: number,
  fieldDiameterMm: number, falsePerMm2: number | null,
): Count {
  const places = placesOf(detections.filter((one) => one.accepted), pixelUm);
  return countFigures(places, tissueMm2, fieldDiameterMm, falsePerMm2);
}

/** How many of the accepted detections stage 3 calls atypical. */
export function atypicalAccepted(detections: readonly Detection[], subtyping: Subtyping): Atypical {
  const accepted = detections.filter((one) => one.accepted);
  const atypical = accepted.filter((one) => one.subtype === "atypical");
  return atypicalShare(atypical.length, accepted.length, subtyping);
}
