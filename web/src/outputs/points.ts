// The candidates of a slide as the "Multiple points" of grand-challenge.org.

import { roundTo } from "../pipeline/rounding.js";
import type { Prediction } from "./prediction.js";

/** All candidates, each with the probability that stage 2 gives it; mm from the first pixel. */
export function multiplePoints({ image, detections }: Prediction): unknown {
  const [width, height] = image.pixel_um;
  return {
    name: `mitotic figures, ${image.spacing_um_px} um per pixel, ${image.spacing_source}`,
    type: "Multiple points",
    points: detections.map((one) => ({
      name: one.accepted ? "mitotic figure" : "non-mitotic figure",
      point: [roundTo((one.x * width) / 1000, 6), roundTo((one.y * height) / 1000, 6), 0],
      probability: one.classifier_score,
    })),
    version: { major: 1, minor: 0 },
  };
}
