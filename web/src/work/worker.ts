// The worker: it holds a slide, cuts pictures of it, and runs all stages on it.

import { detect, tissueOf, type Scan } from "../pipeline/detect.js";
import { DataError } from "../pipeline/errors.js";
import { tissueWithin } from "../pipeline/region.js";
import { tissueAreaMm2 } from "../pipeline/tissue.js";
import type { Tissue } from "../pipeline/blank.js";
import { openSlide } from "../slides/opening.js";
import type { Slide } from "../slides/slide.js";
import { meanUm, type Spacing } from "../slides/spacing.js";
import type { Ask, FromWorker, Kind, Progress, Reply, Result, SlideFacts, ToWorker } from "./messages.js";
import { loadNetworks, threadsAllowed } from "./networks.js";
import { picture } from "./pictures.js";

let slide: Slide;
let name = "";
let tissue: { spacing: Spacing; found: Promise<Tissue> } | null = null;

async function open({ file }: Ask<"open">): Promise<SlideFacts> {
  name = file.name;
  slide = await openSlide(file, name);
  const { width, height, opened: { format, stated, remarks } } = slide;
  return { name, width, height, format, stated, remarks };
}

function scan(spacing: Spacing): Scan {
  return {
    name,
    spacingUmPx: meanUm(spacing),
    width: slide.width,
    height: slide.height,
    read: (x, y, width, height) => slide.read(x, y, width, height),
    absent: slide.opened.absent,
    overview: (shrink) => slide.overview(shrink),
  };
}

async function tissueArea({ spacing, outlines, region }: Ask<"tissue">): Promise<Reply<"tissue">> {
  if (!tissue || meanUm(tissue.spacing) !== meanUm(spacing)) {
    tissue = { spacing, found: tissueOf(scan(spacing)) };
  }
  const found = await tissue.found;
  let mask = region ? tissueWithin(found, region) : found.mask;
  if (outlines.length) {
    const parts = outlines.map((outline) => tissueWithin(found, outline));
    mask = mask.map((pixel, i) => (pixel && parts.some((part) => part[i]) ? 1 : 0));
  }
  return { areaMm2: tissueAreaMm2(mask, found) };
}

async function run(ask: Ask<"detect">, tick: (progress: Progress) => void): Promise<Result> {
  tick({ stage: "networks", done: 0, all: 1 });
  const threads = Math.min(ask.mostThreads, await threadsAllowed());
  const networks = await loadNetworks(ask.folder, ask.spec, threads);
  const start = performance.now();
  const found = await detect(scan(ask.spacing), ask.spec, networks, ask.region, (stage, done, all) =>
    tick({ stage, done, all }),
  );
  return { ...found, threads, seconds: (performance.now() - start) / 1000 };
}

function answer(kind: Kind, ask: Ask<Kind>, tick: (progress: Progress) => void): Promise<Reply<Kind>> {
  switch (kind) {
    case "open": return open(ask as Ask<"open">);
    case "picture": return picture(slide, ask as Ask<"picture">);
    case "tissue": return tissueArea(ask as Ask<"tissue">);
    case "detect": return run(ask as Ask<"detect">, tick);
  }
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  const { number, kind, ask } = data;
  const send = (message: FromWorker): void => {
    const isBitmap = "answer" in message && message.answer instanceof ImageBitmap;
    self.postMessage(message, { transfer: isBitmap ? [message.answer as ImageBitmap] : [] });
  };
  answer(kind, ask, (progress) => send({ number, progress })).then(
    (found) => send({ number, answer: found }),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      send({ number, error: text, isData: error instanceof DataError });
    },
  );
});
