// Which outlines are no region of a slide; as `check_outlines` in mitokeras/verdicts/regions.py.

import type { ImageFacts } from "../outputs/prediction.js";
import { DataError } from "../pipeline/errors.js";
import type { Point } from "../pipeline/outlines.js";
import type { Outline } from "../pipeline/region.js";

/** So far an outline may lie beyond the slide. */
const MARGIN_PX = 1;

/** Raises DataError where an outline crosses itself, has no area, or leaves the slide. */
export function checkOutlines(outlines: Outline[], image: ImageFacts): void {
  outlines.forEach((outline, i) => {
    if (meetsItself(outline) || areaOf(outline) < 1) {
      throw new DataError(`outline ${i + 1} of the region must not cross or touch itself`);
    }
    const least = -0.5 - MARGIN_PX;
    const [right, bottom] = [image.width_px, image.height_px].map((side) => side - 0.5 + MARGIN_PX);
    if (!outline.every(([x, y]) => x >= least && x <= right && y >= least && y <= bottom)) {
      throw new DataError(`outline ${i + 1} of the region must lie on the slide`);
    }
  });
}

function areaOf(outline: Outline): number {
  const twice = outline.reduce((sum, [ax, ay], i) => {
    const [bx, by] = outline[(i + 1) % outline.length];
    return sum + ax * by - bx * ay;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Whether two edges have more in common than the corner between them. */
function meetsItself(outline: Outline): boolean {
  const corners = outline.filter((point, i) => !isSame(point, outline[(i + 1) % outline.length]));
  const edges = corners.map((point, i): [Point, Point] => [point, corners[(i + 1) % corners.length]]);
  return edges.some((edge, i) =>
    edges.slice(i + 1).some((other, further) => {
      if (further === 0) return turnsBack(edge[0], edge[1], other[1]);
      if (i === 0 && further === edges.length - 2) return turnsBack(other[0], other[1], edge[1]);
      return meet(edge, other);
    }),
  );
}

const isSame = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1];

/** Positive where c lies on one side of the line through a and b, negative on the other. */
const side = (a: Point, b: Point, c: Point): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

const turnsBack = (a: Point, b: Point, c: Point): boolean =>
  side(a, b, c) === 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;

function meet([a, b]: [Point, Point], [c, d]: [Point, Point]): boolean {
  const apart = [0, 1].some(
    (axis) =>
      Math.max(a[axis], b[axis]) < Math.min(c[axis], d[axis]) ||
      Math.max(c[axis], d[axis]) < Math.min(a[axis], b[axis]),
  );
  return !apart && side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}
