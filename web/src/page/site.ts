// What lies in the folder beside the page: the model.

import { falsePerMm2, parseCurve, type FalseCurve } from "../pipeline/curve.js";
import { DataError } from "../pipeline/errors.js";
import { parseSpec, type DetectorSpec } from "../pipeline/spec.js";
import { FOLDER } from "./workers.js";

export interface Site {
  version: string;
  model: string;
  spec: DetectorSpec;
  curve: FalseCurve | null;
  /** False figures per mm2 at the model's thresholds; null where they were not measured. */
  falsePerMm2: number | null;
  hasCard: boolean;
}

export async function loadSite(): Promise<Site> {
  const about = (await json("site.json")) as {
    mitokeras: string;
    model: string;
    files: string[];
  };
  const spec = parseSpec(await json("detector.json"));
  const measured = about.files.includes("crossvalidation.json") ? await json("crossvalidation.json") : {};
  const curve = parseCurve(measured, spec.segmenter_threshold);
  return {
    version: about.mitokeras,
    model: about.model,
    spec,
    curve,
    falsePerMm2: falsePerMm2(curve, spec.segmenter_threshold, spec.classifier_threshold),
    hasCard: about.files.includes("card.html"),
  };
}

async function json(name: string): Promise<unknown> {
  const answer = await fetch(FOLDER + name);
  if (!answer.ok) throw new DataError(`${name}: cannot be loaded from the folder of this page`);
  return answer.json();
}
