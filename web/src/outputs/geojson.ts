// The candidates of a slide as GeoJSON that QuPath imports; what is what there is said in
// mitokeras/report/slide/geojson.py.

import { v5 as uuid } from "uuid";

import type { Circle } from "../counting/hotspot.js";
import type { Detection } from "../pipeline/detect.js";
import { roundTo } from "../pipeline/rounding.js";
import type { ImageFacts, Prediction } from "./prediction.js";
import { NOTICE, warningsOf } from "./words.js";

const FIGURE = "Mitotic figure";
const REJECTED = "Rejected candidate";
const HOTSPOT = "Hotspot";
const TEN_FIELDS = "Ten high-power fields";

const COLOURS: Record<string, [number, number, number]> = {
  [FIGURE]: [240, 228, 66], [REJECTED]: [138, 143, 152],
  [HOTSPOT]: [0, 114, 178], [TEN_FIELDS]: [86, 180, 233],
};
const NAMESPACE = uuid("mitokeras", uuid.DNS);
const CIRCLE_CORNERS = 72; // a multiple of four: QuPath takes the ellipse in their bounding box

interface Feature {
  type: "Feature";
  id: string;
  geometry: { type: string; coordinates: unknown; isEllipse?: boolean };
  properties: Record<string, unknown>;
}

export function geojson(prediction: Prediction): unknown {
  const { image, model, count, atypical } = prediction;
  return {
    type: "FeatureCollection",
    mitokeras: {
      version: prediction.mitokeras,
      notice: NOTICE,
      image,
      spacing: image.spacing_source,
      region: prediction.region,
      warnings: warningsOf(prediction),
      model,
      count,
      ...(atypical ? { atypical } : {}),
    },
    features: [...features(prediction)],
  };
}

function* features(prediction: Prediction): Generator<Feature> {
  const { image, model, detections, count } = prediction;
  const about = `${JSON.stringify(image)}\n${JSON.stringify(model)}`;
  const feature = (
    name: string, geometry: Feature["geometry"], properties: Feature["properties"],
  ): Feature => ({
    type: "Feature", id: uuid(`${about}\n${name}`, NAMESPACE), geometry, properties,
  });
  for (const [i, one] of detections.entries()) {
    const name = `Candidate ${i + 1}`;
    yield feature(name, outline(one, image), candidate(name, one));
  }
  for (const [kind, accepted] of [[FIGURE, true], [REJECTED, false]] as const) {
    const points = detections
      .filter((one) => one.accepted === accepted)
      .map((one) => corner(one.x, one.y, image));
    if (!points.length) continue;
    const name = `${kind}s (${points.length})`;
    const shape = { type: "MultiPoint", coordinates: points };
    yield feature(`${kind}s`, shape, annotation(name, kind));
  }
  for (const [kind, circle, exceeds] of [
    [HOTSPOT, count.hotspot, count.hotspot_exceeds_tissue],
    [TEN_FIELDS, count.ten_fields, count.ten_fields_exceed_tissue],
  ] as const) {
    if (!circle) continue;
    const area = `${Number(circle.area_mm2.toPrecision(3))} mm2${exceeds ? " (the tissue is smaller)" : ""}`;
    yield feature(kind, ellipse(circle, image), {
      ...annotation(`${kind}, ${area}, mitotic figures: ${circle.figures}`, kind),
      isLocked: true,
      measurements: { "Mitotic figures": circle.figures, "Area mm^2": circle.area_mm2 },
    });
  }
}

function candidate(name: string, one: Detection): Feature["properties"] {
  const kind = one.accepted ? FIGURE : REJECTED;
  return {
    objectType: "detection",
    name,
    classification: { name: kind, color: COLOURS[kind] },
    measurements: {
      "Segmenter score": one.segmenter_score,
      "Classifier score": one.classifier_score,
      "Area \u00b5m^2": one.area_um2,
      ...(one.atypical_score === undefined ? {} : { "Atypical score": one.atypical_score }),
    },
  };
}

const annotation = (name: string, kind: string): Feature["properties"] => ({
  objectType: "annotation", name, classification: { name: kind, color: COLOURS[kind] },
});

/** A point of level 0, pixel centres at whole numbers, in QuPath's coordinates. */
function corner(x: number, y: number, { scan_corner_px: [left, top] }: ImageFacts): [number, number] {
  return [roundTo(x + 0.5 - left, 2), roundTo(y + 0.5 - top, 2)];
}

function outline(one: Detection, image: ImageFacts): Feature["geometry"] {
  const ring = one.outline.map(([x, y]) => corner(x, y, image));
  return { type: "Polygon", coordinates: [[...ring, ring[0]]] };
}

function ellipse(circle: Circle, image: ImageFacts): Feature["geometry"] {
  const [width, height] = image.pixel_um.map((side) => side / 1000);
  const radius = Math.sqrt(circle.area_mm2 / Math.PI);
  const ring = Array.from({ length: CIRCLE_CORNERS }, (_, step) => {
    const turn = (2 * Math.PI * step) / CIRCLE_CORNERS;
    return corner(
      (circle.x_mm + radius * Math.cos(turn)) / width - 0.5,
      (circle.y_mm + radius * Math.sin(turn)) / height - 0.5,
      image,
    );
  });
  return { type: "Polygon", coordinates: [[...ring, ring[0]]], isEllipse: true };
}
