// The networks of a site, run by LiteRT in WebAssembly.

import { loadAndCompile, loadLiteRt, supportsFeature, Tensor, type CompiledModel } from "@litertjs/core";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import type { Networks } from "../pipeline/detect.js";
import { DataError } from "../pipeline/errors.js";
import { CHANNELS, type Raster } from "../pipeline/raster.js";
import type { DetectorSpec, ModelFile } from "../pipeline/spec.js";

const ROUNDING = 1e-5;

/** Threads that the page may use: none without the two headers that browsers ask for. */
export async function threadsAllowed(): Promise<number> {
  if (!globalThis.crossOriginIsolated || !(await supportsFeature("relaxedSimd"))) return 1;
  return (await supportsFeature("threads")) ? Math.max(1, navigator.hardwareConcurrency) : 1;
}

/** Load the networks; `folder` is the address of the site. */
export async function loadNetworks(
  folder: string, spec: DetectorSpec, threads: number,
): Promise<Networks> {
  const runtime = `${folder}litert/`;
  // A worker of a blob has no place of its own from which the runtime would find its other files.
  Object.assign(self, {
    Module: {
      locateFile: (name: string) => runtime + name,
      mainScriptUrlOrBlob: `${runtime}litert_wasm_threaded_internal.js`,
    },
  });
  await loadLiteRt(runtime, { threads: threads > 1 });
  const ofTiles = async (model: ModelFile): Promise<Networks["segment"]> => {
    const network = await load(folder, model, spec.tile_px, threads);
    return (tile) => run(network, tile, spec.tile_px ** 2, model.file);
  };
  const ofCrops = async (model: ModelFile): Promise<Networks["classify"]> => {
    const network = await load(folder, model, spec.crop_px, threads);
    return async (crop) => (await run(network, crop, 1, model.file))[0];
  };
  const { segmenter, classifier, subtyper } = spec.models;
  const [segment, classify, subtype] = await Promise.all([
    ofTiles(segmenter), ofCrops(classifier), spec.subtyping && subtyper ? ofCrops(subtyper) : null,
  ]);
  return { segment, classify, ...(subtype ? { subtype } : {}) };
}

async function load(
  folder: string, model: ModelFile, side: number, threads: number,
): Promise<CompiledModel> {
  const shape = [1, side, side, CHANNELS];
  const answer = await fetch(folder + model.file);
  if (!answer.ok) throw new DataError(`${model.file}: cannot be loaded: ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const found = bytesToHex(sha256(bytes));
  if (found !== model.sha256) {
    throw new DataError(
      `${model.file}: its SHA-256 must be ${model.sha256} as detector.json says. Received: ${found}`,
    );
  }
  const network = await loadAndCompile(bytes, {
    accelerator: "wasm", cpuOptions: { numThreads: threads },
  });
  const takes = Array.from(network.getInputDetails()[0].shape);
  if (String(takes) !== String(shape)) {
    throw new DataError(`${model.file}: must take [${shape}] as detector.json says. Received: [${takes}]`);
  }
  return network;
}

async function run(
  network: CompiledModel, image: Raster, length: number, file: string,
): Promise<Float32Array> {
  const input = new Tensor(image.data, [1, image.height, image.width, CHANNELS]);
  const outputs = await network.run([input]);
  try {
    const found = (await outputs[0].data()) as Float32Array;
    // Comparisons with NaN are false: a map without a number would silently have no figure.
    const isProbability = (value: number): boolean => value >= -ROUNDING && value <= 1 + ROUNDING;
    if (found.length !== length || !found.every(isProbability)) {
      throw new DataError(`${file}: the network must give ${length} probabilities, and does not`);
    }
    return Float32Array.from(found);
  } finally {
    for (const tensor of [input, ...outputs]) tensor.delete();
  }
}
