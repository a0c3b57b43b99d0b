// What the end-to-end tests ask of the browser beside the page itself: many fields, one after the
// other, with the maps of stage 1.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { detect, type Found, type Networks } from "../src/pipeline/detect.js";
import { Plane } from "../src/pipeline/plane.js";
import { resizeRatio } from "../src/pipeline/ratio.js";
import type { DetectorSpec } from "../src/pipeline/spec.js";
import { TileGrid } from "../src/pipeline/tiling.js";
import { openSlide } from "../src/slides/opening.js";
import type { Slide } from "../src/slides/slide.js";
import { loadNetworks } from "../src/work/networks.js";

export interface Ask {
  folder: string;
  file: File;
  spacingUmPx: number;
  spec: DetectorSpec;
  threads: number;
}

export interface Answer {
  found: Found;
  map: Float32Array;
  seconds: number;
}

let networks: Promise<Networks> | null = null;

self.addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  answer(data).then(
    (found) => self.postMessage(found),
    (error: unknown) => self.postMessage({ error: String(error) }),
  );
});

async function answer(ask: Ask): Promise<Answer> {
  networks ??= loadNetworks(ask.folder, ask.spec, ask.threads).then(remembering);
  const slide = await openSlide(ask.file, ask.file.name);
  const scan = {
    name: ask.file.name, spacingUmPx: ask.spacingUmPx, width: slide.width, height: slide.height,
    read: slide.read.bind(slide), absent: slide.opened.absent, overview: slide.overview.bind(slide),
  };
  const loaded = await networks;
  const start = performance.now();
  const found = await detect(scan, ask.spec, loaded, null, () => undefined);
  const seconds = (performance.now() - start) / 1000;
  return { found, map: await mapOf(slide, ask, loaded), seconds };
}

/** The networks, which know the tile that they have seen already. */
function remembering({ segment, ...others }: Networks): Networks {
  const known = new Map<string, Float32Array>();
  return {
    ...others,
    segment: async (tile) => {
      const key = bytesToHex(sha256(tile.data));
      const map = known.get(key) ?? (await segment(tile));
      known.set(key, map);
      return map;
    },
  };
}

/** Stage 1's map of a whole field, on the plane. */
async function mapOf(slide: Slide, ask: Ask, { segment }: Networks): Promise<Float32Array> {
  const plane = new Plane(slide, resizeRatio(ask.spacingUmPx, ask.spec.spacing_um_px, "field"));
  const grid = new TileGrid(plane.width, plane.height, ask.spec.tile_px, ask.spec.halo_px);
  const map = new Float32Array(plane.width * plane.height);
  for (const core of grid.cores()) {
    const tile = await plane.read(grid.corner(core), ask.spec.tile_px);
    const own = grid.ownMap(core, await segment(tile));
    const [width, height] = grid.own(core);
    for (let y = 0; y < height; y++) {
      map.set(own.subarray(y * width, (y + 1) * width), (core.y + y) * plane.width + core.x);
    }
  }
  return map;
}
