// The circle of a given size that holds the most points, exactly.

import { packEnclose } from "d3-hierarchy";

/** A point counts that lies outside by this share of the radius, whatever the rounding. */
const TOLERANCE = 1e-9;
const ROUNDING = 1e-12; // share of the radius; far above that of a double, far below the tolerance

export type Place = [number, number];

/** The circle of its size that holds the most figures, from the upper left corner in mm. */
export interface Circle {
  x_mm: number;
  y_mm: number;
  area_mm2: number;
  figures: number;
}

/**
 * Find the circle of a size that holds the most points, its border included; null without points.
 * Its centre is that of the smallest circle around the points that it holds.
 *
 * A fullest circle can be pushed to the right until it is about to lose a point. So it is enough
 * to turn a circle about each point, through the half turn that has its centre on the right, and to
 * count the neighbours that enter and leave it.
 */
export function densestCircle(places: readonly Place[], areaMm2: number): Circle | null {
  if (!places.length) return null;
  const points = [...places].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const radius = Math.sqrt(areaMm2 / Math.PI) * (1 + TOLERANCE);
  const [x, y] = fullestCentre(points, radius);
  const inside = points.filter(
    ([px, py]) => Math.hypot(px - x, py - y) <= radius * (1 + ROUNDING),
  );
  const around = packEnclose(inside.map(([px, py]) => ({ x: px, y: py, r: 0 })));
  return { x_mm: around.x, y_mm: around.y, area_mm2: areaMm2, figures: inside.length };
}

/** Centre of a circle with the most of the points, which are sorted by x. */
function fullestCentre(points: readonly Place[], radius: number): Place {
  let most = 0;
  let centre = points[0];
  let from = 0; // points before it lie too far to the left
  points.forEach((pivot) => {
    while (points[from][0] < pivot[0] - 2 * radius) from++;
    const turned = sweep(points, from, pivot, radius);
    if (turned.count > most) {
      most = turned.count;
      centre = [
        pivot[0] + radius * Math.cos(turned.angle),
        pivot[1] + radius * Math.sin(turned.angle),
      ];
    }
  });
  return centre;
}

/** Turn a circle about a point; the count of the fullest, and the direction of its centre. */
function sweep(
  points: readonly Place[], from: number, pivot: Place, radius: number,
): { count: number; angle: number } {
  const enters: number[] = [];
  const leaves: number[] = [];
  for (let i = from; i < points.length && points[i][0] <= pivot[0] + 2 * radius; i++) {
    const [dx, dy] = [points[i][0] - pivot[0], points[i][1] - pivot[1]];
    const away = Math.hypot(dx, dy);
    if (away > 2 * radius) continue;
    // The circle holds a neighbour while its centre is at most this angle from its direction.
    const half = Math.acos(Math.min(away / (2 * radius), 1));
    const towards = Math.atan2(dy, dx);
    const first = away === 0 ? -Math.PI / 2 : Math.max(towards - half, -Math.PI / 2);
    const last = away === 0 ? Math.PI / 2 : Math.min(towards + half, Math.PI / 2);
    if (first > last) continue;
    enters.push(first);
    leaves.push(last);
  }
  enters.sort((a, b) => a - b);
  leaves.sort((a, b) => a - b);
  let best = { count: 0, angle: 0 };
  let left = 0;
  enters.forEach((angle, i) => {
    while (leaves[left] < angle) left++;
    const count = i + 1 - left;
    // Half way to the next event no point lies on the border by accident of rounding.
    if (count > best.count) best = { count, angle: (angle + leaves[left]) / 2 };
  });
  return best;
}
