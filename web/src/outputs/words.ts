// What every output says in the same words.

import { HOTSPOT_MM2 } from "../counting/count.js";
import { BY_HAND } from "../slides/spacing.js";
import { subtypingDoubts } from "./atypical_words.js";
import type { Prediction } from "./prediction.js";

export const NOTICE = "Research software. Not a medical device.";

/** A number of which two digits mean something: 0.024, 3.1, 33, 1,091. */
export function aboutText(value: number): string {
  return value >= 9.95 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)));
}

/** What `mitokeras predict` looks at and the page does not. */
export const SUITABILITY_UNKNOWN =
  "whether stain and focus suit the model and whether it has learned from this tissue was not looked at: " +
  "mitokeras predict does";

/** What must not be missed beside any number of a slide, a clause each. */
export function warningsOf({ atypical, count, image, model, region, remarks }: Prediction): string[] {
  const found: string[] = [...remarks];
  if (image.spacing_source === BY_HAND) {
    found.push(`spacing of ${image.spacing_um_px} um per pixel, set by hand`);
  }
  if (region) {
    const [xs, ys] = [0, 1].map((axis) => region.map((point) => Math.round(point[axis])));
    found.push(
      `figures were looked for in a region only, pixels ${Math.min(...xs)} to ${Math.max(...xs)} ` +
        `across and ${Math.min(...ys)} to ${Math.max(...ys)} down`,
    );
  }
  if (image.unwritten_mm2) {
    found.push(
      `the file lacks ${image.unwritten_mm2.toFixed(2)} mm2 of the tissue at full resolution: no figure ` +
        "was looked for there",
    );
  }
  found.push(SUITABILITY_UNKNOWN, ...subtypingDoubts(model.subtyping, atypical));
  if (!count.false) found.push("the model's false figures were not measured at its thresholds");
  if (count.per_mm2 === null) {
    found.push("no tissue was found");
  } else if (count.ten_fields_exceed_tissue || count.hotspot_exceeds_tissue) {
    const small = [
      ...(count.hotspot_exceeds_tissue ? [`the hotspot of ${HOTSPOT_MM2} mm2`] : []),
      ...(count.ten_fields_exceed_tissue ? [`ten fields of ${count.field_diameter_mm} mm`] : []),
    ];
    found.push(`the tissue (${count.tissue_mm2.toFixed(2)} mm2) is smaller than ${small.join(" and ")}`);
  }
  return found;
}
