// An image that was opened: its spacing, where to look, and the run.

import { FIELD_DIAMETER_MM } from "../counting/nottingham.js";
import { atypicalAccepted, countAccepted, type Prediction } from "../outputs/prediction.js";
import { DataError } from "../pipeline/errors.js";
import { resizeRatio } from "../pipeline/ratio.js";
import type { Outline } from "../pipeline/region.js";
import { byHand, chosen, meanUm, type Spacing } from "../slides/spacing.js";
import type { Progress, Result, SlideFacts } from "../work/messages.js";
import { byId, input, list, show } from "./elements.js";
import { Overview } from "./overview.js";
import type { Site } from "./site.js";
import { TimeLeft } from "./time_left.js";
import { FOLDER, SlideWorker } from "./workers.js";

/** Longer side of the overview, pixels. */
const OVERVIEW_PX = 1400;

const MOST_THREADS = 8;

const SUBJECT: Record<Progress["stage"], string> = {
  networks: "Loading the networks", tiles: "Looking for candidates: tile", candidates: "Judging candidates:",
};

export class OpenedImage {
  readonly #listening = new AbortController();
  #overview: Overview | null = null;
  #runner: SlideWorker | null = null;
  #stated: Spacing | null = null;

  /** @param found Called with what a run has found. */
  constructor(
    readonly file: File,
    readonly facts: SlideFacts,
    readonly site: Site,
    readonly pictures: SlideWorker,
    readonly found: (prediction: Prediction, spacing: Spacing, result: Result) => void,
    readonly failed: (error: unknown) => void,
  ) {}

  async show(): Promise<void> {
    const { facts } = this;
    const stated = chosen(facts.stated);
    byId("opened-name").textContent = facts.name;
    byId("opened-facts").textContent =
      `${facts.format}, ${facts.width.toLocaleString("en")} x ${facts.height.toLocaleString("en")} px`;
    list("opened-remarks", facts.remarks.map((remark) => `${remark}.`));
    this.#stated = typeof stated === "string" ? null : stated;
    input("spacing").value = this.#stated ? String(Number(meanUm(this.#stated).toPrecision(6))) : "";
    byId("spacing-source").textContent =
      typeof stated === "string" ? `${stated} State the scanner's.` : `as the file states (${stated.source})`;
    input("diameter").value = String(FIELD_DIAMETER_MM);
    input("where-whole").checked = true;
    byId("running").hidden = true;
    byId("settings").hidden = false;
    const { width, height } = facts;
    const outWidth = Math.max(1, Math.round(Math.min(1, OVERVIEW_PX / Math.max(width, height)) * width));
    const picture = await this.pictures.ask("picture", { x: 0, y: 0, width, height, outWidth });
    const { signal } = this.#listening;
    this.#overview = new Overview(picture, [width, height], () => this.#pixelUm(), () => this.#say(), signal);
    this.#listen(signal);
    this.#say();
    show("opened");
  }

  end(): void {
    this.#listening.abort();
    this.#runner?.end();
  }

  #listen(signal: AbortSignal): void {
    const on = (id: string, act: () => void): void =>
      input(id).addEventListener("input", () => {
        act();
        this.#say();
      }, { signal });
    for (const id of ["where-whole", "where-region"]) on(id, () => this.#overview!.draw());
    on("spacing", () => this.#overview!.spacingChanged());
    byId("settings").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run().catch(this.failed);
    }, { signal });
    byId("cancel").addEventListener("click", () => {
      this.#runner?.end();
    }, { signal });
  }

  /** The spacing as it stands in the page; raises DataError where it is none. */
  #spacing(): Spacing {
    const text = input("spacing").value;
    const stated = this.#stated;
    if (stated && Number(text) === Number(meanUm(stated).toPrecision(6))) return stated;
    if (!text.trim()) throw new DataError(`${this.facts.name}: state the size of a pixel, in µm`);
    return byHand(text);
  }

  #pixelUm(): [number, number] | null {
    try {
      const { xUm, yUm } = this.#spacing();
      return [xUm, yUm];
    } catch {
      return null;
    }
  }

  #say(): void {
    const um = this.#pixelUm();
    const region = this.#overview?.region;
    const [width, height] = region
      ? [region[2][0] - region[0][0], region[2][1] - region[0][1]]
      : [this.facts.width, this.facts.height];
    byId("area").textContent = um
      ? `${((width * um[0] * height * um[1]) / 1e6).toFixed(2)} mm² of the picture` +
        (input("where-region").checked && !region ? ": no region is drawn yet" : "")
      : "";
  }

  #diameter(): number {
    const mm = Number(input("diameter").value.replace(",", "."));
    if (!(mm > 0.1 && mm < 2)) {
      throw new DataError(`The diameter of a field must be 0.1 to 2 mm. Received: ${input("diameter").value}`);
    }
    return mm;
  }

  async #run(): Promise<void> {
    const spacing = this.#spacing();
    const diameterMm = this.#diameter();
    const region = this.#overview!.region;
    if (input("where-region").checked && !region) throw new DataError("Draw a region first, or look at the whole image.");
    resizeRatio(meanUm(spacing), this.site.spec.spacing_um_px, this.facts.name); // refuses what is too far off
    byId("settings").hidden = true;
    byId("running").hidden = false;
    byId("cancel").focus();
    this.#runner = new SlideWorker();
    try {
      const left = new TimeLeft();
      await this.#runner.ask("open", { file: this.file });
      const result = await this.#runner.ask(
        "detect",
        { spacing, spec: this.site.spec, folder: FOLDER, region, mostThreads: MOST_THREADS },
        (progress) => this.#tick(progress, left),
      );
      this.found(this.#prediction(result, spacing, diameterMm, region), spacing, result);
    } finally {
      this.#runner.end();
      byId("settings").hidden = false;
      byId("running").hidden = true;
    }
  }

  #tick({ stage, done, all }: Progress, left: TimeLeft): void {
    const bar = byId("bar") as HTMLProgressElement;
    [bar.max, bar.value] = [Math.max(all, 1), done];
    const number = stage === "networks" ? "" : ` ${done} of ${all}${left.text(stage, done, all)}`;
    byId("stage").textContent = SUBJECT[stage] + number;
  }

  #prediction(result: Result, spacing: Spacing, diameterMm: number, region: Outline | null): Prediction {
    const { facts, site } = this;
    const { spec } = site;
    const { subtyping, models: { subtyper } } = spec;
    const pixelUm: [number, number] = [spacing.xUm, spacing.yUm];
    return {
      mitokeras: site.version,
      image: {
        name: facts.name,
        width_px: facts.width,
        height_px: facts.height,
        spacing_um_px: meanUm(spacing),
        pixel_um: pixelUm,
        scan_corner_px: [0, 0],
        spacing_source: spacing.source,
        format: facts.format,
        ...(result.unwrittenMm2 ? { unwritten_mm2: result.unwrittenMm2 } : {}),
      },
      model: {
        name: site.model,
        segmenter_sha256: spec.models.segmenter.sha256,
        classifier_sha256: spec.models.classifier.sha256,
        spacing_um_px: spec.spacing_um_px,
        segmenter_threshold: spec.segmenter_threshold,
        classifier_threshold: spec.classifier_threshold,
        ...(subtyping && subtyper ? { subtyper_sha256: subtyper.sha256, subtyping } : {}),
      },
      tiles: result.tiles,
      tiles_skipped: result.tilesSkipped,
      count: countAccepted(result.detections, pixelUm, result.tissueMm2, diameterMm, site.falsePerMm2),
      ...(subtyping ? { atypical: atypicalAccepted(result.detections, subtyping) } : {}),
      detections: result.detections,
      region,
      remarks: facts.remarks,
    };
  }
}
