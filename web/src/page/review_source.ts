// What the desk of a review is told of a slide that lies on this computer.

import { HOTSPOT_MM2 } from "../counting/count.js";
import type { Prediction } from "../outputs/prediction.js";
import { warningsOf } from "../outputs/words.js";
import { DataError } from "../pipeline/errors.js";
import { isWithin, type Outline } from "../pipeline/region.js";
import type { Spacing } from "../slides/spacing.js";
import type { SlideWorker } from "./workers.js";
import { checkOutlines } from "./drawn_outlines.js";
import { correct, type Corrected } from "./corrected.js";
import { Standing, type Request, type State } from "./standing.js";

const TILE_PX = 512;
const MAP_PX = 512;

/** A score nearer to 0 or 1 has no odds that mean anything. */
const SURE = 1e-4;

/** Height of the bands that a slide is gone through in, about a high-power field. */
const BAND_MM = 0.5;

export interface Facts {
  name: string;
  image: Prediction["image"];
  model: { name: string; threshold: number };
  warnings: string[];
  written: null;
  hotspot_mm2: number;
  tile_px: number;
  levels: number;
  /** Whether the model tells atypical figures from normal ones. */
  atypical: boolean;
  candidates: [number, number, number, boolean, number, number | null, string][];
  orders: { worth: number[]; score: number[]; place: number[]; atypical: number[] };
}

interface TileJob {
  src: string;
  finish(data: CanvasRenderingContext2D, request: null, type: "context2d"): void;
  fail(text: string): void;
}

/** See `server` in mitokeras/review/page/api.js. */
export interface Source {
  state(): Promise<State>;
  say(request: Request): Promise<State>;
  counts(threshold: number | null): Promise<Corrected>;
  write(): Promise<never>;
  crop(x: number, y: number, um: number, px: number): Promise<string>;
  whole(): Promise<string>;
  tiles: Record<string, unknown>;
}

export class LocalReview implements Source {
  readonly facts: Facts;
  readonly tiles: Record<string, unknown>;
  readonly #standing = new Standing();
  readonly #kept: string[] = [];

  constructor(
    readonly prediction: Prediction,
    readonly spacing: Spacing,
    readonly worker: SlideWorker,
  ) {
    const { image, model, detections } = prediction;
    const longest = Math.max(image.width_px, image.height_px);
    this.facts = {
      name: image.name,
      image,
      model: { name: model.name, threshold: model.classifier_threshold },
      warnings: warningsOf(prediction),
      written: null,
      hotspot_mm2: HOTSPOT_MM2,
      tile_px: TILE_PX,
      levels: Math.max(0, Math.ceil(Math.log2(longest))),
      atypical: prediction.atypical !== undefined,
      candidates: detections.map((one) => [
        one.x, one.y, one.classifier_score, one.accepted, one.area_um2,
        one.atypical_score ?? null, one.subtype ?? "",
      ]),
      orders: orders(prediction),
    };
    this.tiles = {
      getTileUrl: (level: number, x: number, y: number) => `${level}/${x}/${y}`,
      downloadTileStart: (job: TileJob) => this.#tile(job),
      downloadTileAbort: () => undefined,
    };
  }

  state(): Promise<State> {
    return Promise.resolve(this.#standing.state());
  }

  say(request: Request): Promise<State> {
    return new Promise((resolve) => {
      if (request.do === "limit") checkOutlines(request.outlines, this.prediction.image);
      if (request.do === "add") this.#checkPlace(request.x, request.y);
      resolve(this.#standing.say(request));
    });
  }

  #checkPlace(x: number, y: number): void {
    const { region, image } = this.prediction;
    if (!(x >= -0.5 && x <= image.width_px - 0.5 && y >= -0.5 && y <= image.height_px - 0.5)) {
      const place = [x, y].map((at) => Number(at.toPrecision(6))).join(", ");
      throw new DataError(`a figure must lie on the slide. Received: (${place})`);
    }
    if (region && !isWithin([x, y], region)) {
      throw new DataError("Figures are counted in the region alone, and this place is outside of it.");
    }
  }

  async counts(threshold: number | null): Promise<Corrected> {
    const state = this.#standing.state();
    return correct(this.prediction, state, await this.#tissueMm2(state.outlines), threshold);
  }

  write(): Promise<never> {
    return Promise.reject(new Error("Nothing is written here; the files are below."));
  }

  /** The address of a picture about a place. */
  async crop(x: number, y: number, um: number, px: number): Promise<string> {
    const [width, height] = this.prediction.image.pixel_um.map((side) => um / side);
    const window = { x: x + 0.5 - width / 2, y: y + 0.5 - height / 2, width, height, outWidth: px };
    return this.#address(await this.worker.ask("picture", window));
  }

  async whole(): Promise<string> {
    const { width_px: width, height_px: height } = this.prediction.image;
    const outWidth = Math.max(1, Math.round(Math.min(1, MAP_PX / Math.max(width, height)) * width));
    return this.#address(
      await this.worker.ask("picture", { x: 0, y: 0, width, height, outWidth }),
    );
  }

  /** Whether anything was said that would be lost with the page. */
  get said(): boolean {
    return this.#standing.state().lines > 0;
  }

  /** Forget the pictures. */
  end(): void {
    for (const address of this.#kept) URL.revokeObjectURL(address);
  }

  async #tissueMm2(outlines: Outline[]): Promise<number> {
    const own = this.prediction.count.tissue_mm2;
    if (!outlines.length) return own;
    const { region } = this.prediction;
    const { areaMm2 } = await this.worker.ask("tissue", { spacing: this.spacing, outlines, region });
    return Math.min(own, areaMm2);
  }

  async #address(bitmap: ImageBitmap): Promise<string> {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("bitmaprenderer")!.transferFromImageBitmap(bitmap);
    const address = URL.createObjectURL(await canvas.convertToBlob({ type: "image/png" }));
    this.#kept.push(address);
    return address;
  }

  #tile(job: TileJob): void {
    const [level, column, row] = job.src.split("/").map(Number);
    const { width_px: wide, height_px: high } = this.prediction.image;
    const shrink = 2 ** (this.facts.levels - level);
    const [x, y] = [column * TILE_PX * shrink, row * TILE_PX * shrink];
    const width = Math.min(TILE_PX * shrink, wide - x);
    const height = Math.min(TILE_PX * shrink, high - y);
    const outWidth = Math.max(1, Math.ceil(width / shrink));
    this.worker.ask("picture", { x, y, width, height, outWidth }).then(
      (bitmap) => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        const context = canvas.getContext("2d")!;
        context.drawImage(bitmap, 0, 0);
        bitmap.close();
        job.finish(context, null, "context2d");
      },
      (error: unknown) => job.fail(String(error)),
    );
  }
}

/** In which order candidates are shown: as mitokeras/review/order.py gives them. */
function orders({ detections, model, image }: Prediction): Facts["orders"] {
  const odds = (score: number): number => {
    const inside = Math.min(Math.max(score, SURE), 1 - SURE);
    return Math.log(inside / (1 - inside));
  };
  const at = odds(model.classifier_threshold);
  const away = detections.map((one) => Math.abs(odds(one.classifier_score) - at));
  const band = (BAND_MM * 1000) / image.pixel_um[1];
  const place = detections.map(({ x, y }): [number, number] => {
    const row = Math.floor(y / band);
    return [row, row % 2 ? -x : x];
  });
  const numbers = detections.map((_, i) => i);
  const sorted = (order: (a: number, b: number) => number): number[] =>
    [...numbers].sort(order).map((i) => i + 1);
  const byScore = (a: number, b: number): number =>
    Number(detections[b].accepted) - Number(detections[a].accepted) ||
    detections[b].classifier_score - detections[a].classifier_score;
  const atypical = detections.map((one) => one.atypical_score ?? -1);
  return {
    worth: sorted((a, b) => away[a] - away[b]),
    score: sorted(byScore),
    atypical: sorted((a, b) => atypical[b] - atypical[a] || byScore(a, b)),
    place: sorted((a, b) => place[a][0] - place[b][0] || place[a][1] - place[b][1]),
  };
}
