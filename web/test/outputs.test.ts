import { describe, expect, it } from "vitest";

import { atypicalText, subtypingDoubts } from "../src/outputs/atypical_words.js";
import { harmless, predictionTable } from "../src/outputs/csv.js";
import { geojson } from "../src/outputs/geojson.js";
import { multiplePoints } from "../src/outputs/points.js";
import { atypicalAccepted, type Prediction } from "../src/outputs/prediction.js";
import { SUITABILITY_UNKNOWN, warningsOf } from "../src/outputs/words.js";
import { falsePerMm2, parseCurve } from "../src/pipeline/curve.js";
import { BY_HAND } from "../src/slides/spacing.js";
import { field, FIELDS, pure, SUBTYPED, subtyped, table } from "./golden.js";

const prediction = (number: number): Prediction =>
  ({ ...field(number).prediction, region: null, remarks: [] }) as unknown as Prediction;

/** A table without what the page alone must say. */
const comparable = (csv: string): string =>
  csv.replaceAll(`${SUITABILITY_UNKNOWN}; `, "").replaceAll(new RegExp(`(; )?${SUITABILITY_UNKNOWN}`, "g"), "");

/** Shape and properties of each feature. */
const properties = (collection: unknown): unknown =>
  (collection as { features: { geometry: { type: string }; properties: unknown }[] }).features.map(
    (one) => [one.geometry.type, one.properties],
  );

describe("files", () => {
  it("are those of mitokeras predict", () => {
    for (let number = 0; number < FIELDS; number++) {
      const golden = field(number);
      const made = prediction(number);
      expect(comparable(predictionTable(made))).toBe(table(number));
      expect(multiplePoints(made)).toEqual(golden.points);
      expect(properties(geojson(made))).toEqual(properties(golden.geojson));
    }
  });

  it("say of atypical figures what mitokeras predict says", () => {
    expect(SUBTYPED.length).toBe(2);
    for (const number of SUBTYPED) {
      const golden = subtyped(number);
      const made = { ...golden.prediction, region: null, remarks: [] } as unknown as Prediction;
      const { figures, of } = golden.prediction.atypical;
      expect([0 < figures, figures < of]).toEqual([true, true]);
      expect(atypicalAccepted(made.detections, made.model.subtyping!)).toEqual(golden.prediction.atypical);
      expect(comparable(predictionTable(made))).toBe(table(`subtyping_${number}`));
      expect(properties(geojson(made))).toEqual(properties(golden.geojson));
      expect(atypicalText(made)).toBe(golden.text);
    }
    for (const { subtyping, atypical, doubts } of pure().atypical) {
      expect(subtypingDoubts(subtyping, atypical)).toEqual(doubts);
    }
    expect(atypicalText({ ...prediction(11), atypical: undefined } as unknown as Prediction)).toBe("");
  });

  it("close their polygons", () => {
    const { features } = geojson(prediction(11)) as ReturnType<typeof field>["geojson"];
    const rings = features.filter((one) => one.geometry.type === "Polygon").map((one) => one.geometry.coordinates[0]);
    expect(rings.length).toBeGreaterThan(2);
    for (const ring of rings) expect(ring.at(-1)).toEqual(ring[0]);
  });

  it("hold no formula", () => {
    expect(harmless("=1+1")).toBe("'=1+1");
    expect(harmless("a;-2")).toBe("a;'-2");
    expect(harmless("plain-name.svs")).toBe("plain-name.svs");
  });

});

describe("the warnings", () => {
  it("say what was done by hand, what the file lacks and what was not looked at", () => {
    const own = prediction(11);
    const changed: Prediction = {
      ...own,
      image: { ...own.image, spacing_source: BY_HAND },
      region: [[9.5, 4.5], [19.5, 4.5], [19.5, 14.5], [9.5, 14.5]],
      remarks: ["3 tiles are white"],
    };
    const found = warningsOf(changed);
    expect(found[0]).toBe("3 tiles are white");
    expect(found[1]).toBe("spacing of 0.25 um per pixel, set by hand");
    expect(found[2]).toBe("figures were looked for in a region only, pixels 10 to 20 across and 5 to 15 down");
    expect(found.length).toBe(warningsOf(own).length + 3);
    expect(warningsOf(own)[0]).toBe(SUITABILITY_UNKNOWN);
    expect(warningsOf({ ...own, image: { ...own.image, unwritten_mm2: 0.1234 } })[0]).toBe(
      "the file lacks 0.12 mm2 of the tissue at full resolution: no figure was looked for there",
    );
  });
});

describe("the rate of false figures", () => {
  const curve = parseCurve(
    {
      thresholds: { segmenter: 0.7 },
      curve: [
        { classifier_threshold: 0.9, fp_per_mm2: 0 },
        { classifier_threshold: 0.5, fp_per_mm2: 8 },
        { classifier_threshold: 0.7, fp_per_mm2: 4 },
      ],
    },
    0.6,
  );

  it("lies on a straight line between two points, and never below the lowest seen", () => {
    expect(falsePerMm2(curve, 0.7, 0.6)).toBeCloseTo(6, 12);
    expect(falsePerMm2(curve, 0.7, 0.9)).toBe(4);
  });

  it("is not known elsewhere", () => {
    expect(falsePerMm2(curve, 0.7, 0.4)).toBeNull();
    expect(falsePerMm2(curve, 0.6, 0.6)).toBeNull();
    expect(falsePerMm2(null, 0.7, 0.6)).toBeNull();
    expect(parseCurve({}, 0.7)).toBeNull();
  });
});
