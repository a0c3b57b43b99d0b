// The mitotic score of the Nottingham grade by the size of the microscope's field.

import { roundTo } from "../pipeline/rounding.js";
import table from "./cut_offs.json";

/** High-power fields that mitoses are counted in. */
export const FIELDS = 10;

/** Diameter of a high-power field, where nothing else is said: field number 22 under 40x. */
export const FIELD_DIAMETER_MM = 0.55;

export type Score = 1 | 2 | 3;

/** Highest counts of score 1 and 2, by the diameter of one field in mm. */
export interface CutOffs {
  score1Max: number;
  score2Max: number;
}

// The table of mitokeras/counting/nottingham.py, which names its source; a test holds them equal.
const BY_DIAMETER = new Map(
  table.map(([mm, score1Max, score2Max]): [number, CutOffs] => [mm, { score1Max, score2Max }]),
);

/** The row of a field, by its diameter rounded to two decimals. */
export function cutOffs(fieldDiameterMm: number): CutOffs | undefined {
  return BY_DIAMETER.get(roundTo(fieldDiameterMm, 2));
}

export function mitoticScore(figures: number, row: CutOffs): Score {
  if (figures <= row.score1Max) return 1;
  return figures <= row.score2Max ? 2 : 3;
}

export const fieldAreaMm2 = (diameterMm: number): number => (Math.PI * diameterMm ** 2) / 4;
