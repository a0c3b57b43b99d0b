// The way of one slide through all stages.

import type { Subtype } from "../counting/atypical.js";
import { coresWithTissue, overviewShrink, type Tissue } from "./blank.js";
import { cropCorner } from "./crops.js";
import { DataError } from "./errors.js";
import { outlineOf, type Point } from "./outlines.js";
import { Plane, type Level0 } from "./plane.js";
import type { Raster } from "./raster.js";
import { resizeRatio, type Ratio } from "./ratio.js";
import { isWithin, tissueWithin, type Outline } from "./region.js";
import { joined, tileRegions, type Region } from "./regions.js";
import { roundTo } from "./rounding.js";
import type { DetectorSpec } from "./spec.js";
import { SPECK_MM2, tissueAreaMm2, tissueMask } from "./tissue.js";
import { TileGrid, type Core } from "./tiling.js";
import { whiten, type AbsentTiles } from "../slides/absent_tiles.js";

/** Limit for a slide. The busiest have some thousands; a model that marks more marks everything. */
export const MAX_CANDIDATES = 30_000;

/** The networks: one tile or crop, RGB -> probabilities. */
export interface Networks {
  segment: (tile: Raster) => Promise<Float32Array>;
  classify: (crop: Raster) => Promise<number>;
  /** Stage 3, where there is one. */
  subtype?: (crop: Raster) => Promise<number>;
}

/** A candidate of stage 1, and what the other stages say about it; pixels of level 0, whole at their centres. */
export interface Detection {
  x: number;
  y: number;
  area_um2: number;
  segmenter_score: number;
  classifier_score: number;
  accepted: boolean;
  /** Of stage 3; left out without one, and where the candidate is not accepted. */
  atypical_score?: number;
  subtype?: Subtype;
  outline: Point[];
}

export interface Found {
  detections: Detection[];
  tiles: number;
  tilesSkipped: number;
  tissueMm2: number;
  unwrittenMm2: number;
}

/** Pieces of work: tiles first, then candidates. */
export type Tick = (stage: "tiles" | "candidates", done: number, all: number) => void;

/** What the detector needs of a slide beside its pixels. */
export interface Scan extends Level0 {
  name: string;
  spacingUmPx: number;
  /** Tiles that were never written. */
  absent: AbsentTiles | null;
  overview(shrink: number): Promise<Raster>;
}

/** The tissue of a slide, on its overview. */
export async function tissueOf(slide: Scan): Promise<Tissue> {
  const shrink = overviewShrink(slide.spacingUmPx);
  const picture = await slide.overview(shrink);
  const spacingUmPx = shrink * slide.spacingUmPx;
  const covered: [number, number] = [slide.width / shrink, slide.height / shrink];
  const overview = { width: picture.width, height: picture.height, shrink, spacingUmPx, covered };
  const seen = tissueMask(picture, spacingUmPx);
  if (!slide.absent) return { ...overview, mask: seen, unwrittenMm2: 0 };
  whiten(picture, slide.absent, shrink);
  const mask = tissueMask(picture, spacingUmPx);
  const lost = tissueAreaMm2(seen.map((pixel, i) => (pixel && !mask[i] ? 1 : 0)), overview);
  return { ...overview, mask, unwrittenMm2: lost < SPECK_MM2 ? 0 : lost };
}

/**
 * Find the candidates of a slide, or of a region of it. In a region they are those that the whole
 * slide would have there, as far as they are no longer than the halo of a tile.
 */
export async function detect(
  slide: Scan, spec: DetectorSpec, networks: Networks, region: Outline | null, tick: Tick,
): Promise<Found> {
  const ratio = resizeRatio(slide.spacingUmPx, spec.spacing_um_px, slide.name);
  const plane = new Plane(slide, ratio);
  const grid = new TileGrid(plane.width, plane.height, spec.tile_px, spec.halo_px);
  const tissue = await tissueOf(slide);
  const mask = region ? tissueWithin(tissue, region) : tissue.mask;
  const tissueMm2 = tissueAreaMm2(mask, tissue);
  if (!tissueMm2) {
    const where = region ? "a region" : "a slide";
    throw new DataError(`${slide.name}: ${where} must have tissue. Received: glass alone`);
  }
  const cores = coresWithTissue(tissue, grid, ratio.up / ratio.down);
  const wanted = region ? cores.filter((core) => meets(core, grid, region, ratio)) : cores;
  const regions = await segment(plane, grid, spec, networks, wanted, tick);
  const inside = region
    ? regions.filter((one) => isWithin(centre(one, ratio), region))
    : regions;
  if (inside.length > MAX_CANDIDATES) {
    throw new DataError(
      `${slide.name}: a slide must give at most ${MAX_CANDIDATES} candidates. Received: ` +
        `${inside.length}; the model does not know this stain, or the slide is no H&E`,
    );
  }
  const detections = await judge(plane, spec, networks, inside, slide.spacingUmPx, tick);
  const all = [...grid.cores()].length;
  return { detections, tiles: all, tilesSkipped: all - wanted.length, tissueMm2, unwrittenMm2: tissue.unwrittenMm2 };
}

/** Whether a tile can hold a part of a candidate whose centre is in the region. */
function meets(core: Core, grid: TileGrid, region: Outline, { up, down }: Ratio): boolean {
  const [xs, ys] = [0, 1].map((axis) =>
    region.map((point) => ((point[axis] + 0.5) * up) / down),
  );
  const reach = grid.haloPx;
  return (
    core.x < Math.max(...xs) + reach && core.x + grid.corePx > Math.min(...xs) - reach &&
    core.y < Math.max(...ys) + reach && core.y + grid.corePx > Math.min(...ys) - reach
  );
}

async function segment(
  plane: Plane, grid: TileGrid, spec: DetectorSpec, networks: Networks, cores: Core[], tick: Tick,
): Promise<Region[]> {
  const found: Region[] = [];
  tick("tiles", 0, cores.length);
  let next = cores.length ? plane.read(grid.corner(cores[0]), spec.tile_px) : null;
  for (let i = 0; i < cores.length; i++) {
    const tile = await next!;
    // The tile after it is read while the network works on this one.
    next = i + 1 < cores.length ? plane.read(grid.corner(cores[i + 1]), spec.tile_px) : null;
    next?.catch(() => undefined); // it is awaited in its turn, or never
    const map = await networks.segment(tile);
    const own = grid.ownMap(cores[i], map);
    found.push(
      ...tileRegions(own, cores[i], grid, Math.fround(spec.segmenter_threshold), spec.min_area_px),
    );
    tick("tiles", i + 1, cores.length);
  }
  return joined(found, grid, spec.min_area_px);
}

/** Centre of a region in pixels of level 0. */
function centre(region: Region, ratio: Ratio): Point {
  return level0([region.sumX / region.area, region.sumY / region.area], ratio);
}

/** A point of the plane in pixels of level 0; pixel centres at whole numbers. */
function level0([x, y]: Point, { up, down }: Ratio): Point {
  const factor = up / down;
  return [(x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5];
}

async function judge(
  plane: Plane, spec: DetectorSpec, networks: Networks, regions: Region[], spacingUmPx: number,
  tick: Tick,
): Promise<Detection[]> {
  const pixelUm2 = (spacingUmPx / (plane.ratio.up / plane.ratio.down)) ** 2;
  const detections: Detection[] = [];
  tick("candidates", 0, regions.length);
  for (const region of regions) {
    const corner = cropCorner(
      region.sumX / region.area, region.sumY / region.area, spec.crop_px,
    );
    const crop = await plane.read(corner, spec.crop_px);
    const score = await networks.classify(crop);
    const accepted = score >= Math.fround(spec.classifier_threshold);
    const [x, y] = centre(region, plane.ratio);
    detections.push({
      x: roundTo(x, 2),
      y: roundTo(y, 2),
      area_um2: roundTo(region.area * pixelUm2, 2),
      segmenter_score: roundTo(region.peak, 6),
      classifier_score: roundTo(score, 6),
      accepted,
      ...(accepted ? await subtypeOf(crop, spec, networks) : {}),
      outline: outlineOf(region)
        .map((point) => level0(point, plane.ratio))
        .map(([px, py]) => [roundTo(px, 2), roundTo(py, 2)]),
    });
    tick("candidates", detections.length, regions.length);
  }
  return detections;
}

/** What stage 3 says about an accepted figure; nothing without one. */
async function subtypeOf(
  crop: Raster, { subtyping }: DetectorSpec, { subtype }: Networks,
): Promise<Pick<Detection, "atypical_score" | "subtype">> {
  if (!subtyping || !subtype) return {};
  const score = await subtype(crop);
  return {
    atypical_score: roundTo(score, 6),
    subtype: score >= subtyping.threshold ? "atypical" : "normal",
  };
}
