// What the end-to-end tests ask in the browser beside the page itself: maps of stage 1.

import type { DetectorSpec } from "../src/pipeline/spec.js";
import { loadNetworks } from "../src/work/networks.js";
import { Plane } from "../src/pipeline/plane.js";
import { resizeRatio } from "../src/pipeline/ratio.js";
import { TileGrid } from "../src/pipeline/tiling.js";
import { openSlide } from "../src/slides/opening.js";

interface Ask {
  folder: string;
  file: File;
  spacingUmPx: number;
  spec: DetectorSpec;
  threads: number;
}

let networks: ReturnType<typeof loadNetworks> | null = null;

self.addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  void probabilityMap(data).then((found) => self.postMessage(found));
});

/** Stage 1's map of a whole field, on the plane. */
async function probabilityMap({ folder, file, spacingUmPx, spec, threads }: Ask): Promise<Float32Array> {
  networks ??= loadNetworks(folder, spec, threads);
  const { segment } = await networks;
  const slide = await openSlide(file, file.name);
  const plane = new Plane(slide, resizeRatio(spacingUmPx, spec.spacing_um_px, file.name));
  const grid = new TileGrid(plane.width, plane.height, spec.tile_px, spec.halo_px);
  const map = new Float32Array(plane.width * plane.height);
  for (const core of grid.cores()) {
    const own = grid.ownMap(core, await segment(await plane.read(grid.corner(core), spec.tile_px)));
    const [width, height] = grid.own(core);
    for (let y = 0; y < height; y++) {
      map.set(own.subarray(y * width, (y + 1) * width), (core.y + y) * plane.width + core.x);
    }
  }
  return map;
}
