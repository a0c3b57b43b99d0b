// The counts by a reader's verdicts, and by the model alone beside them; as
// mitokeras/review/corrected.py has them.

import { countFigures, type Count } from "../counting/count.js";
import { csvText, fixed, harmless, maybe, plain } from "../outputs/csv.js";
import { placesOf, type Prediction } from "../outputs/prediction.js";
import { warningsOf } from "../outputs/words.js";
import { isWithin } from "../pipeline/region.js";
import { caveatsOf } from "./caveats.js";
import type { Label, State } from "./standing.js";

/** A candidate of the model or a figure that the reader has added. */
interface Figure {
  candidate: number | null;
  x: number;
  y: number;
  score: number | null;
  accepted: boolean;
  /** Of stage 3; null where it has none. */
  atypicalScore: number | null;
  word: Label | "not looked at";
  atypical: boolean;
  inside: boolean;
  counted: boolean;
}

export interface Share {
  candidates: number;
  seen: number;
  accepted: number;
  accepted_seen: number;
  added: number;
}

export interface Corrected {
  lines: number;
  threshold: number;
  share: Share;
  model: Count;
  reviewed: Count;
  figures: Figure[];
  /** Whether the reader has drawn a region. */
  limited: boolean;
}

/** Count by the verdicts; `threshold` is another than the model's, to see what the counts would be. */
export function correct(
  prediction: Prediction, state: State, tissueMm2: number, threshold: number | null,
): Corrected {
  const figures = figuresOf(prediction, state, threshold);
  const inside = figures.filter((one) => one.inside);
  const candidates = inside.filter((one) => one.candidate !== null);
  const accepted = candidates.filter((one) => one.accepted);
  const seen = accepted.filter((one) => one.word !== "not looked at");
  const rate = threshold === null ? (prediction.count.false?.per_mm2 ?? null) : null;
  const unseenShare = accepted.length ? 1 - seen.length / accepted.length : 0;
  const left = unseenShare === 0 && threshold === null ? 0 : rate === null ? null : rate * unseenShare;
  const count = (
    chosen: Figure[], falsePerMm2: number | null, unjudged: number | null = null,
  ): Count => {
    const places = placesOf(chosen, prediction.image.pixel_um);
    return countFigures(places, tissueMm2, prediction.count.field_diameter_mm, falsePerMm2, unjudged);
  };
  return {
    lines: state.lines,
    threshold: threshold ?? prediction.model.classifier_threshold,
    share: {
      candidates: candidates.length,
      seen: candidates.filter((one) => one.word !== "not looked at").length,
      accepted: accepted.length,
      accepted_seen: seen.length,
      added: inside.length - candidates.length,
    },
    model: count(accepted, rate),
    reviewed: count(inside.filter((one) => one.counted), left, accepted.length - seen.length),
    figures,
    limited: state.outlines.length > 0,
  };
}

function figuresOf(prediction: Prediction, state: State, threshold: number | null): Figure[] {
  const { outlines } = state;
  const isInside = (x: number, y: number): boolean =>
    !outlines.length || outlines.some((outline) => isWithin([x, y], outline));
  const candidates = prediction.detections.map((one, i): Figure => {
    const said = (state.verdicts as Record<number, [Label, boolean] | undefined>)[i + 1];
    const accepted = threshold === null ? one.accepted : one.classifier_score >= threshold;
    const inside = isInside(one.x, one.y);
    return {
      candidate: i + 1, x: one.x, y: one.y, score: one.classifier_score, accepted,
      atypicalScore: one.atypical_score ?? null,
      word: said?.[0] ?? "not looked at",
      atypical: said?.[1] ?? false,
      inside,
      counted: inside && (said ? said[0] === "mitosis" : accepted),
    };
  });
  const added = Object.values(state.added).map(([x, y, atypical]): Figure => {
    const inside = isInside(x, y);
    return {
      candidate: null, x, y, score: null, accepted: false, atypicalScore: null, word: "mitosis",
      atypical, inside,
      counted: inside,
    };
  });
  return [...candidates, ...added];
}

const COLUMNS = [
  "image", "candidate", "x_px", "y_px", "x_um", "y_um", "model_score", "model_accepted", "verdict",
  "atypical", "added", "in_region", "counted", "reviewed", "spacing_um_px", "spacing_source",
  "model", "classifier_threshold", "warnings",
];

/** After the others, where the model tells atypical figures from normal ones. */
const ATYPICAL_COLUMNS = ["model_atypical_score", "atypical_threshold"];

/** One row a candidate or added figure, with what the reader says of it. */
export function reviewedTable(prediction: Prediction, corrected: Corrected): string {
  const { image, model } = prediction;
  const { share } = corrected;
  const { subtyping } = model;
  const same = [
    `${share.seen} of ${share.candidates} candidates were looked at, ${share.accepted_seen} of the ` +
      `${share.accepted} that the model counts among them, and ${share.added} added`,
    plain(image.spacing_um_px),
    harmless(image.spacing_source),
    harmless(model.name),
    plain(corrected.threshold),
    harmless([...warningsOf({ ...prediction, count: corrected.reviewed }), ...caveatsOf(corrected)].join("; ")),
  ];
  const rows = corrected.figures.map((one) => [
    harmless(image.name),
    one.candidate === null ? "" : String(one.candidate),
    fixed(one.x, 2), fixed(one.y, 2),
    fixed((one.x + 0.5) * image.pixel_um[0], 2), fixed((one.y + 0.5) * image.pixel_um[1], 2),
    maybe(one.score),
    String(one.accepted), one.word, String(one.atypical), String(one.candidate === null),
    String(one.inside), String(one.counted), ...same,
    ...(subtyping ? [maybe(one.atypicalScore), plain(subtyping.threshold)] : []),
  ]);
  return csvText(subtyping ? [...COLUMNS, ...ATYPICAL_COLUMNS] : COLUMNS, rows);
}
