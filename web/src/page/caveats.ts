// What must not be missed beside the reader's counts; as `caveats` in
// mitokeras/review/results/words.py.

import type { Corrected } from "./corrected.js";

const were = (number: number): string => (number === 1 ? "was" : "were");

/** What the reader has not looked at, or counts apart, a clause each. */
export function caveatsOf({ share, reviewed, figures, limited }: Corrected): string[] {
  const found: string[] = [];
  const unseen = share.accepted - share.accepted_seen;
  if (unseen) {
    found.push(
      `${unseen} of the figures counted here ${were(unseen)} found by the model and not looked at by the reader`,
    );
  }
  const rejected = share.candidates - share.accepted - (share.seen - share.accepted_seen);
  if (rejected) {
    const plural = rejected === 1 ? "" : "s";
    found.push(`${rejected} candidate${plural} that the model rejected ${were(rejected)} not looked at`);
  }
  if (limited) {
    found.push(`figures are counted in a drawn region only, ${reviewed.tissue_mm2.toFixed(2)} mm2`);
  }
  const unsure = figures.filter((one) => one.word === "unsure" && one.inside).length;
  if (unsure) found.push(`${unsure} of which the reader is unsure ${were(unsure)} not counted`);
  return found;
}
