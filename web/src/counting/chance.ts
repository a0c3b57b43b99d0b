// How many of a slide's figures may be false, by what was measured of the model; the reasoning is
// in mitokeras/counting/chance.py.

import { roundTo } from "../pipeline/rounding.js";

/** What is said to hold "at most" is exceeded on so many slides: 1 of 20. */
const DOUBT = 0.05;

/** False figures in the circle of a slide that holds the most of them. */
export interface ByChance {
  expected: number;
  /** No more than that on 19 of 20 slides with as much tissue. */
  most: number;
}

export interface FalseFigures {
  per_mm2: number;
  expected: number;
  hotspot: ByChance;
  ten_fields: ByChance;
}

export function falseFigures(
  perMm2: number, tissueMm2: number, hotspotMm2: number, tenFieldsMm2: number,
): FalseFigures {
  return {
    per_mm2: perMm2,
    expected: roundTo(perMm2 * tissueMm2, 3),
    hotspot: byChance(perMm2, tissueMm2, hotspotMm2),
    ten_fields: byChance(perMm2, tissueMm2, tenFieldsMm2),
  };
}

/** Where only so many figures can be false at all, as a reader has judged the others. */
export function falseOf(found: FalseFigures, figures: number): FalseFigures {
  const of = ({ expected, most }: ByChance): ByChance => ({
    expected: Math.min(expected, figures),
    most: Math.min(most, figures),
  });
  return {
    ...found,
    expected: Math.min(found.expected, figures),
    hotspot: of(found.hotspot),
    ten_fields: of(found.ten_fields),
  };
}

function byChance(perMm2: number, tissueMm2: number, circleMm2: number): ByChance {
  const chance = chanceOf(perMm2, tissueMm2, circleMm2);
  let most = 0;
  chance.forEach((share, k) => {
    if (share > DOUBT) most = k;
  });
  return { expected: roundTo(chance.slice(1).reduce((sum, share) => sum + share, 0), 3), most };
}

/** At index k the chance that the fullest circle of a slide holds k or more false figures. */
export function chanceOf(perMm2: number, tissueMm2: number, circleMm2: number): number[] {
  const area = Math.min(circleMm2, tissueMm2);
  const mean = perMm2 * area;
  if (!(mean > 0)) return [1];
  const radius = Math.sqrt(area / Math.PI);
  const side = Math.sqrt(tissueMm2) - Math.sqrt(area); // of the square that the centre moves in
  const length = Math.floor(mean + 12 * Math.sqrt(mean)) + 40;
  const exactly: number[] = [];
  let logFactorial = 0;
  for (let k = 0; k < length; k++) {
    if (k) logFactorial += Math.log(k);
    exactly.push(Math.exp(k * Math.log(mean) - mean - logFactorial));
  }
  const crowds = exactly.map((share, k) => {
    const single = Math.max(0, 1 - mean / Math.max(k, 1));
    const inPlane = (side ** 2 * k ** 2 * single ** 3 * share) / area;
    return inPlane + 2 * side * 2 * radius * perMm2 * (k ? exactly[k - 1] : 0) * single;
  });
  // Where k is less there are no fewer; near the mean the crowds run into one another.
  for (let k = length - 2; k >= 0; k--) crowds[k] = Math.max(crowds[k], crowds[k + 1]);
  let fewer = 0;
  return crowds.map((expected, k) => {
    fewer = Math.min(fewer + (k ? exactly[k - 1] : 0), 1);
    return 1 - fewer * Math.exp(-expected);
  });
}
