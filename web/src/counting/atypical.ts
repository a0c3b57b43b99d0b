// How many of a slide's mitotic figures are atypical, and how sure that is; the reasoning is in
// mitokeras/counting/atypical.py.

import { roundTo } from "../pipeline/rounding.js";

export type Subtype = "normal" | "atypical";

/** How stage 3 calls a figure atypical, and how often it is right; rates are null where unmeasured. */
export interface Subtyping {
  threshold: number;
  chosen: string;
  sensitivity: number | null;
  specificity: number | null;
}

/** A share with its 95 % interval. */
export interface Estimate {
  share: number;
  low: number;
  high: number;
}

/** What stage 3 says about the accepted figures. */
export interface Atypical {
  figures: number;
  of: number;
  called: Estimate | null;
  /** The share that a stage 3 which errs as measured would call so often. */
  corrected: Estimate | null;
}

const Z95 = 1.959963984540054;

export function atypicalShare(figures: number, of: number, subtyping: Subtyping): Atypical {
  const called = of ? wilson(figures, of) : null;
  return { figures, of, called, corrected: called && corrected(called, subtyping) };
}

function wilson(figures: number, of: number): Estimate {
  const share = figures / of;
  const weight = 1 + Z95 ** 2 / of;
  const centre = (share + Z95 ** 2 / (2 * of)) / weight;
  const half = (Z95 / weight) * Math.sqrt((share * (1 - share)) / of + Z95 ** 2 / (4 * of ** 2));
  return estimate(share, figures === 0 ? 0 : centre - half, figures === of ? 1 : centre + half);
}

/** The estimate of Rogan and Gladen. */
function corrected(
  { share, low, high }: Estimate, { sensitivity, specificity }: Subtyping,
): Estimate | null {
  if (sensitivity === null || specificity === null || sensitivity + specificity <= 1) return null;
  if (high <= 1 - specificity || low >= sensitivity) return null;
  const right = (rate: number): number =>
    (rate - (1 - specificity)) / (sensitivity + specificity - 1);
  return estimate(right(share), right(low), right(high));
}

function estimate(...shares: [number, number, number]): Estimate {
  const [share, low, high] = shares.map((each) => roundTo(Math.min(Math.max(each, 0), 1), 4));
  return { share, low, high };
}
