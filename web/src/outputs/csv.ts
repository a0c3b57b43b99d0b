// Tables for spreadsheets, pandas and R, which a spreadsheet may open without running any of it.

import { roundTo } from "../pipeline/rounding.js";
import type { Prediction } from "./prediction.js";
import { warningsOf } from "./words.js";

const COLUMNS = [
  "image", "candidate", "x_px", "y_px", "x_um", "y_um", "area_um2", "segmenter_score",
  "classifier_score", "accepted", "spacing_um_px", "spacing_source", "model",
  "classifier_threshold", "false_per_mm2", "warnings",
];

/** After the others, where the model tells atypical figures from normal ones. */
const ATYPICAL_COLUMNS = ["atypical_score", "subtype", "atypical_threshold"];

/** Where a formula may begin: also after what parts cells in many countries, and in full width. */
const FORMULA = /^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** Put a quote before what a spreadsheet would take for a formula. */
export const harmless = (text: string): string => text.replace(FORMULA, "'");

export function csvText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [columns, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** A number with so many decimals, rounded as Python rounds. */
export const fixed = (value: number, digits: number): string =>
  roundTo(value, digits).toFixed(digits);

/** A number as Python writes it. */
export const plain = (value: number): string =>
  Number.isInteger(value) ? `${value}.0` : String(value);

/** A score, or an empty cell. */
export const maybe = (score: number | null | undefined): string =>
  score === null || score === undefined ? "" : fixed(score, 6);

/** One row a candidate, rejected ones as well: as `detections.csv` of mitokeras predict. */
export function predictionTable(prediction: Prediction): string {
  const { image, model, count } = prediction;
  const [width, height] = image.pixel_um;
  const same = [
    plain(image.spacing_um_px),
    harmless(image.spacing_source),
    harmless(model.name),
    plain(model.classifier_threshold),
    count.false ? String(Number(count.false.per_mm2.toPrecision(4))) : "",
    harmless(warningsOf(prediction).join("; ")),
  ];
  const { subtyping } = model;
  const rows = prediction.detections.map((one, i) => [
    harmless(image.name), String(i + 1), fixed(one.x, 2), fixed(one.y, 2),
    fixed((one.x + 0.5) * width, 2), fixed((one.y + 0.5) * height, 2), fixed(one.area_um2, 2),
    fixed(one.segmenter_score, 6), fixed(one.classifier_score, 6), String(one.accepted), ...same,
    ...(subtyping ? [maybe(one.atypical_score), one.subtype ?? "", plain(subtyping.threshold)] : []),
  ]);
  return csvText(subtyping ? [...COLUMNS, ...ATYPICAL_COLUMNS] : COLUMNS, rows);
}
