// Builds the page into mitokeras/web/page, from where the wheel takes it.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const REVIEW = join(HERE, "../mitokeras/review/page");
const OUT = join(HERE, "../mitokeras/web/page");
const NO_DECODER = join(HERE, "src/slides/no_decoder.ts");
const LICENSE_NAMES = /^(licen[cs]e|copying)(\.\w+)?$/i;

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const bundled = await bundles();
writeFileSync(join(OUT, "index.html"), page());
for (const name of ["card.css"]) cpSync(join(HERE, "src/page", name), join(OUT, name));
cpSync(join(REVIEW, "icon.svg"), join(OUT, "icon.svg"));
cpSync(join(REVIEW, "openseadragon"), join(OUT, "openseadragon"), { recursive: true });
copyLitert();
writeFileSync(join(OUT, "THIRD_PARTY.txt"), licences(bundled));
writeManifest();

/** One script for the page and one for its workers, and the style. */
async function bundles() {
  const result = await build({
    entryPoints: {
      page: join(HERE, "src/page/main.ts"),
      worker: join(HERE, "src/work/worker.ts"),
      style: join(HERE, "src/page/style.css"),
    },
    outdir: OUT,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    // Ways of TIFF that the page refuses: their decoders would be a third of the script.
    alias: { lerc: NO_DECODER, "zstddec/stream": NO_DECODER },
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(result.metafile.inputs);
}

/** The page, with the parts that it has in common with that of a review. */
function page() {
  const review = readFileSync(join(REVIEW, "review.html"), "utf8");
  const part = (start, end) => {
    const found = new RegExp(`${start}([\\s\\S]*?)${end}`).exec(review);
    if (!found) throw new Error(`review.html has no ${start}`);
    return found[0];
  };
  return readFileSync(join(HERE, "src/page/index.html"), "utf8")
    .replace("<!-- review: main -->", () => part("<main>", "</main>").replace("<main>", "").replace("</main>", ""))
    .replace("<!-- review: keys -->", () => part('<dialog id="help"', "</dialog>"));
}

/** The WebAssembly of LiteRT, if it is what it was when its hashes were written down. */
function copyLitert() {
  const vendored = JSON.parse(readFileSync(join(HERE, "litert.json"), "utf8"));
  const folder = join(HERE, "node_modules", vendored.package);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (version !== vendored.version) throw new Error(`${vendored.package} must be ${vendored.version}, not ${version}`);
  mkdirSync(join(OUT, "litert"));
  for (const [name, hash] of Object.entries(vendored.files)) {
    const content = readFileSync(join(folder, "wasm", name));
    if (sha256(content) !== hash) throw new Error(`${name}: its SHA-256 must be ${hash}`);
    writeFileSync(join(OUT, "litert", name), content);
  }
  cpSync(join(HERE, "../LICENSE"), join(OUT, "litert/LICENSE.txt"));
  writeFileSync(join(OUT, "litert/VERSION"), `${vendored.package} ${vendored.version}, ${vendored.license}, ${vendored.source}\n`);
}

/** The licences of what is in the scripts. */
function licences(inputs) {
  const packages = new Set(
    inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  const texts = [...packages].sort().map((name) => {
    const folder = join(HERE, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((each) => LICENSE_NAMES.test(each));
    const text = file ? readFileSync(join(folder, file), "utf8") : "";
    if (!text && license !== "Apache-2.0") throw new Error(`${name}: has no licence text`);
    return `${name} ${version}, ${license}\n\n${text || "See litert/LICENSE.txt for the text of the Apache License 2.0."}\n`;
  });
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}

function writeManifest() {
  const names = readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(OUT, join(each.parentPath, each.name)).replaceAll("\\", "/"))
    .sort();
  const hashes = Object.fromEntries(names.map((name) => [name, sha256(readFileSync(join(OUT, name)))]));
  if (existsSync(join(OUT, "files.json"))) throw new Error("files.json must not be listed in itself");
  writeFileSync(join(OUT, "files.json"), `${JSON.stringify(hashes, null, 2)}\n`);
}
