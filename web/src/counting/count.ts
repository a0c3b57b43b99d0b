// Counts of one slide or region: per square millimetre, in the hotspot, in ten high-power fields.

import { falseFigures, falseOf, type FalseFigures } from "./chance.js";
import { densestCircle, type Circle, type Place } from "./hotspot.js";
import { FIELDS, fieldAreaMm2, type Score } from "./nottingham.js";
import { judgeScore } from "./score.js";

/** Area of the hotspot: about ten fields of 0.5 mm diameter, which are 1.96 mm2. */
export const HOTSPOT_MM2 = 2;

/** What is counted; the names are those of mitokeras' records. */
export interface Count {
  figures: number;
  tissue_mm2: number;
  per_mm2: number | null;
  hotspot: Circle | null;
  hotspot_exceeds_tissue: boolean;
  field_diameter_mm: number;
  ten_fields: Circle | null;
  ten_fields_exceed_tissue: boolean;
  false: FalseFigures | null;
  score: Score | null;
  no_score: string | null;
}

/**
 * Count figures by their places in mm; `falsePerMm2` is null where it was not measured, and `unjudged`
 * says how many no reader has judged, as no other can be false.
 */
export function countFigures(
  places: readonly Place[], tissueMm2: number, fieldDiameterMm: number, falsePerMm2: number | null,
  unjudged: number | null = null,
): Count {
  const tenFieldsMm2 = FIELDS * fieldAreaMm2(fieldDiameterMm);
  const tenFields = densestCircle(places, tenFieldsMm2);
  const ofAll =
    falsePerMm2 === null ? null : falseFigures(falsePerMm2, tissueMm2, HOTSPOT_MM2, tenFieldsMm2);
  const byModel = ofAll && unjudged !== null ? falseOf(ofAll, unjudged) : ofAll;
  return {
    figures: places.length,
    tissue_mm2: tissueMm2,
    per_mm2: tissueMm2 > 0 ? places.length / tissueMm2 : null,
    hotspot: densestCircle(places, HOTSPOT_MM2),
    hotspot_exceeds_tissue: tissueMm2 < HOTSPOT_MM2,
    field_diameter_mm: fieldDiameterMm,
    ten_fields: tenFields,
    ten_fields_exceed_tissue: tissueMm2 < tenFieldsMm2,
    false: byModel,
    ...judgeScore(tenFields?.figures ?? 0, tissueMm2, fieldDiameterMm, byModel?.ten_fields ?? null),
  };
}
