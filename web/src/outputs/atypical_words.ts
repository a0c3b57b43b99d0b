// What is said of atypical figures, as mitokeras/report/slide/atypical_words.py says it.

import type { Atypical, Estimate, Subtyping } from "../counting/atypical.js";
import { roundTo } from "../pipeline/rounding.js";
import type { Prediction } from "./prediction.js";

const percent = (share: number): string => `${roundTo(100 * share, 0)}%`;

const intervalText = ({ low, high }: Estimate): string => `${roundTo(100 * low, 0)} to ${percent(high)}`;

/** How many figures are called atypical; empty where the model does not tell, or there is none. */
export function atypicalText({ atypical, model }: Prediction): string {
  if (!atypical?.called || !model.subtyping) return "";
  return [calledText(atypical, atypical.called), correctedText(atypical, model.subtyping)]
    .filter(Boolean)
    .join("; ");
}

function calledText({ figures, of }: Atypical, called: Estimate): string {
  const are = figures === 1 ? "is" : "are";
  return (
    `${figures} of ${of} mitotic figure${of === 1 ? "" : "s"} ${are} called atypical: ` +
    `${percent(called.share)} (95% interval ${intervalText(called)})`
  );
}

function correctedText({ corrected }: Atypical, subtyping: Subtyping): string {
  if (!corrected) return "";
  return (
    `with the errors that were measured (the model calls ${errorsText(subtyping)} so) that is ` +
    `what a true share of ${percent(corrected.share)} (${intervalText(corrected)}) gives`
  );
}

/** How much of either kind stage 3 calls atypical; empty where that was not measured. */
export function errorsText({ sensitivity, specificity }: Subtyping): string {
  if (sensitivity === null || specificity === null) return "";
  return `${percent(sensitivity)} of atypical and ${percent(1 - specificity)} of normal figures`;
}

/** Why the number of atypical figures may mean little, a clause each. */
export function subtypingDoubts(subtyping: Subtyping | undefined, atypical?: Atypical): string[] {
  if (!subtyping) return [];
  const { sensitivity, specificity } = subtyping;
  if (sensitivity === null || specificity === null) {
    return ["how often the model is right about atypical figures was not measured"];
  }
  if (sensitivity + specificity <= 1) {
    return [`as measured, the model calls ${errorsText(subtyping)} atypical, which tells nothing`];
  }
  if (atypical?.called && !atypical.corrected) {
    return [
      `no true share gives ${percent(atypical.called.share)} of figures called atypical with the errors ` +
        `that were measured (the model calls ${errorsText(subtyping)} so): they do not hold on this slide`,
    ];
  }
  return [];
}
