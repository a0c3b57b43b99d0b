// What the page asks of a worker, and what it answers.

import type { Detection } from "../pipeline/detect.js";
import type { Outline } from "../pipeline/region.js";
import type { DetectorSpec } from "../pipeline/spec.js";
import type { Spacing } from "../slides/spacing.js";

/** What a file is, before anything is looked for in it. */
export interface SlideFacts {
  name: string;
  width: number;
  height: number;
  format: string;
  stated: Spacing | null;
  remarks: string[];
}

/** What a run of all stages gives. */
export interface Result {
  detections: Detection[];
  tiles: number;
  tilesSkipped: number;
  tissueMm2: number;
  unwrittenMm2: number;
  threads: number;
  seconds: number;
}

/** A window of level 0, which may leave the slide, and the width that it is wanted with. */
export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
  outWidth: number;
}

export interface Requests {
  open: { ask: { file: File }; answer: SlideFacts };
  picture: { ask: Window; answer: ImageBitmap };
  tissue: {
    ask: { spacing: Spacing; outlines: Outline[]; region: Outline | null };
    answer: { areaMm2: number };
  };
  detect: {
    ask: {
      spacing: Spacing;
      spec: DetectorSpec;
      folder: string;
      region: Outline | null;
      mostThreads: number;
    };
    answer: Result;
  };
}

export type Kind = keyof Requests;
export type Ask<K extends Kind> = Requests[K]["ask"];
export type Reply<K extends Kind> = Requests[K]["answer"];

export interface Progress {
  stage: "tiles" | "candidates" | "networks";
  done: number;
  all: number;
}

export interface ToWorker {
  number: number;
  kind: Kind;
  ask: Ask<Kind>;
}

export type FromWorker =
  | { number: number; answer: Reply<Kind> }
  | { number: number; error: string; isData: boolean }
  | { number: number; progress: Progress };
