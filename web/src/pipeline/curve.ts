// False figures by the threshold of stage 2, as a cross-validation has measured them.

export interface CurvePoint {
  classifier_threshold: number;
  fp_per_mm2: number;
}

/** Of `crossvalidation.json`, as far as it is needed here. */
export interface FalseCurve {
  segmenterThreshold: number;
  points: CurvePoint[];
}

interface Measured {
  thresholds?: { segmenter: number } | null;
  curve?: CurvePoint[];
}

export function parseCurve(value: unknown, segmenterThreshold: number): FalseCurve | null {
  const measured = value as Measured;
  const points = [...(measured.curve ?? [])].sort(
    (a, b) => a.classifier_threshold - b.classifier_threshold,
  );
  const stage1 = measured.thresholds?.segmenter ?? segmenterThreshold;
  return points.length ? { segmenterThreshold: stage1, points } : null;
}

/**
 * False figures per mm2 at any thresholds, between two points in a straight line; null where it is
 * not measured. That none was seen does not mean that there are none: the lowest rate is taken.
 */
export function falsePerMm2(
  curve: FalseCurve | null, segmenterThreshold: number, classifierThreshold: number,
): number | null {
  if (!curve || segmenterThreshold !== curve.segmenterThreshold) return null;
  const seen = curve.points.map((point) => point.fp_per_mm2).filter((rate) => rate > 0);
  if (!seen.length) return null;
  const lowest = Math.min(...seen);
  const at = curve.points.map((point) => point.classifier_threshold);
  const rates = curve.points.map((point) => Math.max(point.fp_per_mm2, lowest));
  const last = at.length - 1;
  if (!(classifierThreshold >= at[0] && classifierThreshold <= at[last])) return null;
  // Of equal thresholds the last, as numpy.interp takes it.
  let i = last;
  while (i > 0 && at[i] > classifierThreshold) i--;
  if (i === last) return rates[last];
  const slope = (rates[i + 1] - rates[i]) / (at[i + 1] - at[i]);
  return slope * (classifierThreshold - at[i]) + rates[i];
}
