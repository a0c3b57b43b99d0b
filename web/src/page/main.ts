// The page: an image is chosen, opened, looked through, and what was found is shown.

import { alertText } from "../../../mitokeras/review/page/api.js";
import { subtypingDoubts } from "../outputs/atypical_words.js";
import { aboutText } from "../outputs/words.js";
import { byId, input, list, show } from "./elements.js";
import { OpenedImage } from "./opened.js";
import { showResults } from "./results.js";
import type { LocalReview } from "./review_source.js";
import { loadSite, type Site } from "./site.js";
import { Cancelled, SlideWorker } from "./workers.js";

let pictures: SlideWorker | null = null;
let opened: OpenedImage | null = null;
let review: LocalReview | null = null;

function failed(error: unknown): void {
  if (error instanceof Cancelled) return;
  alertText(error instanceof Error ? error.message : String(error));
}

async function open(file: File, site: Site): Promise<void> {
  close();
  alertText("");
  const worker = new SlideWorker();
  pictures = worker;
  const facts = await worker.ask("open", { file });
  opened = new OpenedImage(file, facts, site, worker, (prediction, spacing, result) => {
    alertText("");
    showResults(prediction, spacing, result, worker, failed).then((found) => {
      review = found;
      document.body.dataset.ready = "yes";
    }, failed);
  }, failed);
  await opened.show();
}

function close(): void {
  opened?.end();
  review?.end();
  pictures?.end();
  opened = review = pictures = null;
}

function say(site: Site): void {
  const { spec, falsePerMm2 } = site;
  const { subtyping } = spec;
  byId("model").textContent = `Model ${site.model}, mitokeras ${site.version}`;
  byId("card").hidden = !site.hasCard;
  byId("model-facts").textContent =
    `The model works at ${spec.spacing_um_px} µm per pixel and counts a candidate from ${spec.classifier_threshold} on.${subtyping ? ` It calls a figure atypical from ${subtyping.threshold} on, which has no clinical reading.` : ""}`;
  list("model-warnings", [
    falsePerMm2 === null
      ? "How many false figures it makes at its thresholds was not measured."
      : `At that threshold ${aboutText(falsePerMm2)} false figures per mm2 were measured, on images like those it was tried on.`,
    ...subtypingDoubts(subtyping ?? undefined).map((text) => `${text[0].toUpperCase()}${text.slice(1)}.`),
  ]);
}

function listen(site: Site): void {
  const take = (file: File | undefined): void => {
    if (!file) return;
    if (byId("found").hidden) open(file, site).catch(failed);
    else alertText("Press “Another image” first: what was said of this one would be lost.");
  };
  const chooser = input("file");
  chooser.addEventListener("change", () => {
    take(chooser.files?.[0]);
    chooser.value = ""; // so that the same file can be chosen again
  });
  const drop = byId("drop");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  }
  document.addEventListener("drop", (event) => take(event.dataTransfer?.files[0]));
  // The desk's keys and viewer are bound to one image, so the next one has a fresh page.
  byId("again").addEventListener("click", () => location.reload());
}

async function start(): Promise<void> {
  if (location.protocol === "file:") return;
  byId("not-served").hidden = true;
  const site = await loadSite();
  say(site);
  listen(site);
  show("start");
}

start().catch(failed);
