// Whether the mitotic score of a slide can be given: the one place that decides.

import type { ByChance } from "./chance.js";
import { cutOffs, FIELDS, fieldAreaMm2, mitoticScore, type Score } from "./nottingham.js";

/** The score, or in a sentence why there is none. */
export interface Verdict {
  score: Score | null;
  no_score: string | null;
}

/**
 * Score the figures in ten fields, unless false figures alone could have made the score: as
 * `judge_score` of mitokeras/counting/score.py, which has the reasoning.
 */
export function judgeScore(
  figures: number, tissueMm2: number, fieldDiameterMm: number, byChance: ByChance | null,
): Verdict {
  const none = (reason: string): Verdict => ({ score: null, no_score: reason });
  const row = cutOffs(fieldDiameterMm);
  const tenFieldsMm2 = FIELDS * fieldAreaMm2(fieldDiameterMm);
  if (tissueMm2 <= 0) return none("There is no tissue to count on.");
  if (tissueMm2 < tenFieldsMm2) {
    return none(
      `The tissue (${tissueMm2.toFixed(2)} mm2) is smaller than ten fields of ` +
        `${fieldDiameterMm.toFixed(2)} mm (${tenFieldsMm2.toFixed(2)} mm2).`,
    );
  }
  if (!row) return none(`The table of cut-offs has no field of ${fieldDiameterMm.toFixed(2)} mm.`);
  if (!byChance) return none("The false figures of this model at its thresholds were not measured.");
  const score = mitoticScore(figures, row);
  if (byChance.most > row.score1Max) {
    return none(
      `The ten fullest fields of so much tissue can hold ${byChance.most} false figures of this ` +
        `model alone, and score 2 begins at ${row.score1Max + 1}.`,
    );
  }
  if (mitoticScore(figures - byChance.most, row) !== score) {
    const begins = (score === 2 ? row.score1Max : row.score2Max) + 1;
    return none(
      `Of the ${figures} figures in ten fields ${byChance.most} can be false, and score ${score} ` +
        `begins at ${begins}.`,
    );
  }
  return { score, no_score: null };
}
