// What was found: the desk of a review, the crops by score, and the files.

import { bindKeys } from "../../../mitokeras/review/page/keys.js";
import { Desk } from "../../../mitokeras/review/page/desk.js";
import { atypicalText } from "../outputs/atypical_words.js";
import { predictionTable } from "../outputs/csv.js";
import { geojson } from "../outputs/geojson.js";
import { multiplePoints } from "../outputs/points.js";
import type { Prediction } from "../outputs/prediction.js";
import { aboutText, NOTICE, warningsOf } from "../outputs/words.js";
import type { Detection } from "../pipeline/detect.js";
import type { Spacing } from "../slides/spacing.js";
import type { Result } from "../work/messages.js";
import { reviewedTable } from "./corrected.js";
import { byId, pretty, show } from "./elements.js";
import { LocalReview } from "./review_source.js";
import type { SlideWorker } from "./workers.js";

const CROPS_A_TIME = 48;
const CROP_PX = 128;
const CROP_UM = 32;

export async function showResults(
  prediction: Prediction, spacing: Spacing, result: Result, worker: SlideWorker,
  failed: (error: unknown) => void,
): Promise<LocalReview> {
  const review = new LocalReview(prediction, spacing, worker);
  document.title = `${prediction.image.name} – mitokeras`;
  byId("title").textContent = prediction.image.name;
  byId("warnings").textContent = [...warningsOf(prediction), ...expected(prediction), ...told(prediction)]
    .map((text) => pretty(`${text[0].toUpperCase()}${text.slice(1)}.`))
    .join(" ");
  const { detections, tiles, tilesSkipped, seconds, threads } = result;
  byId("took").textContent =
    `${detections.length} candidates on ${tiles - tilesSkipped} of ${tiles} tiles, the others without ` +
    `tissue or outside of the region, in ${seconds.toFixed(1)} s, threads: ${threads}.`;
  show("found"); // the viewer takes the size of its place
  byId("by-atypical").hidden = !review.facts.atypical;
  const desk = new Desk(review.facts, await review.state(), review);
  await desk.field.opened;
  bindKeys(desk);
  const first = desk.model.unseenAfter(0, 1).at(0);
  if (first) await desk.show({ candidate: first });
  else byId("what").textContent = "No candidate was found";
  desk.refresh();
  new Gallery(review, (candidate) => {
    desk.show({ candidate }).then(() => {
      byId("judge").focus();
      byId("what").scrollIntoView({ block: "nearest" });
    }, failed);
  }, failed);
  files(review, failed);
  window.addEventListener("beforeunload", (event) => {
    if (review.said) event.preventDefault(); // the browser asks
  });
  return review;
}

/** How many figures are expected to be false, where that was measured. */
function expected({ count }: Prediction): string[] {
  if (!count.false) return [];
  const { per_mm2, hotspot, ten_fields } = count.false;
  return [
    `about ${aboutText(count.false.expected)} false figures are expected on so much tissue ` +
      `(${aboutText(per_mm2)} per mm2), ${aboutText(hotspot.expected)} in the hotspot and ` +
      `${aboutText(ten_fields.expected)} in ten fields`,
  ];
}

/** How many figures are called atypical, where the model tells. */
function told(prediction: Prediction): string[] {
  const text = atypicalText(prediction);
  return text ? [`${text}; this has no clinical reading`] : [];
}

/** The crops of the candidates, from the highest score down. */
class Gallery {
  readonly #place = byId("gallery");
  readonly #more = byId("more");
  #shown = 0;

  constructor(
    readonly review: LocalReview,
    readonly chosen: (candidate: number) => void,
    readonly failed: (error: unknown) => void,
  ) {
    this.#place.replaceChildren();
    this.#more.onclick = () => this.#add();
    this.#add();
  }

  #add(): void {
    const order = this.review.facts.orders.score;
    for (const candidate of order.slice(this.#shown, this.#shown + CROPS_A_TIME)) {
      this.#one(candidate).catch(this.failed);
    }
    this.#shown = Math.min(order.length, this.#shown + CROPS_A_TIME);
    this.#more.hidden = this.#shown === order.length;
  }

  async #one(candidate: number): Promise<void> {
    const one = this.review.prediction.detections[candidate - 1];
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = CROP_PX;
    const text = document.createElement("span");
    text.textContent = `${candidate}: ${one.classifier_score.toFixed(3)}, ${one.accepted ? "counted" : "rejected"}${called(one)}`;
    const button = document.createElement("button");
    button.type = "button";
    button.classList.toggle("accepted", one.accepted);
    button.setAttribute("aria-label", `Candidate ${text.textContent}`);
    button.append(canvas, text);
    button.addEventListener("click", () => this.chosen(candidate));
    const item = document.createElement("li");
    item.append(button);
    this.#place.append(item);
    const [width, height] = this.review.prediction.image.pixel_um.map((side) => CROP_UM / side);
    const bitmap = await this.review.worker.ask("picture", {
      x: one.x + 0.5 - width / 2, y: one.y + 0.5 - height / 2, width, height, outWidth: CROP_PX,
    });
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
    bitmap.close();
  }
}

/** What stage 3 says about a figure. */
const called = ({ subtype, atypical_score: score }: Detection): string =>
  score === undefined ? "" : `, ${subtype} (${score.toFixed(3)})`;

function files(review: LocalReview, failed: (error: unknown) => void): void {
  const { prediction } = review;
  const json = (value: unknown): string => `${JSON.stringify(value)}\n`;
  const on = (id: string, name: string, kind: string, content: () => string | Promise<string>): void => {
    byId(id).onclick = () => {
      Promise.resolve(content()).then((text) => save(text, `${prediction.image.name}.${name}`, kind), failed);
    };
  };
  on("save-csv", "detections.csv", "text/csv", () => predictionTable(prediction));
  on("save-geojson", "detections.geojson", "application/geo+json", () => json(geojson(prediction)));
  on("save-points", "points.json", "application/json", () => json(multiplePoints(prediction)));
  on("save-review", "reviewed.csv", "text/csv", async () =>
    reviewedTable(prediction, await review.counts(null)),
  );
  byId("files-title").title = NOTICE;
}

/** Hand a file to the browser's downloads. */
function save(text: string, name: string, kind: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
