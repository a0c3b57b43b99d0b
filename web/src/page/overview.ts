// The whole image, and the region that is drawn on it.

import type { Outline } from "../pipeline/region.js";
import { boxTexts, typedBox, type Box } from "./box.js";
import { byId, input } from "./elements.js";

const FIELDS = ["region-x", "region-y", "region-width", "region-height"];
const REGION = "#0072b2";

export class Overview {
  readonly #fields = FIELDS.map(input);
  readonly #canvas = byId("overview") as HTMLCanvasElement;
  #box: Box | null = null;
  #isTyped = false;

  /**
   * @param picture The whole image.
   * @param size Its width and height, pixels of level 0.
   * @param pixelUm Width and height of a pixel, where they are known yet.
   * @param changed Called when the region is.
   */
  constructor(
    readonly picture: ImageBitmap,
    readonly size: [number, number],
    readonly pixelUm: () => [number, number] | null,
    readonly changed: () => void,
    signal: AbortSignal,
  ) {
    [this.#canvas.width, this.#canvas.height] = [picture.width, picture.height];
    let start: [number, number] | null = null;
    const on = (kind: "pointerdown" | "pointermove" | "pointerup", act: (at: [number, number], event: PointerEvent) => void): void =>
      this.#canvas.addEventListener(kind, (event) => act(this.#place(event), event), { signal });
    on("pointerdown", (at, event) => {
      start = at;
      this.#canvas.setPointerCapture(event.pointerId);
    });
    on("pointermove", (at) => {
      if (start) this.#drawn(start, at);
    });
    on("pointerup", () => {
      start = null;
    });
    for (const field of this.#fields) field.value = "";
    for (const field of this.#fields) field.addEventListener("input", () => this.#typed(), { signal });
    this.draw();
  }

  /** The region as it stands; null where the whole image is meant, or none was drawn. */
  get region(): Outline | null {
    if (!input("where-region").checked || !this.#box) return null;
    const [x, y, width, height] = this.#box;
    const [left, top, right, bottom] = [x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5];
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  /** What was typed stays in mm, what was drawn in pixels. */
  spacingChanged(): void {
    if (this.#isTyped) this.#box = this.#typedBox();
    else this.#writeFields();
    this.draw();
  }

  draw(): void {
    const context = this.#canvas.getContext("2d")!;
    context.drawImage(this.picture, 0, 0);
    if (!this.#box || !input("where-region").checked) return;
    const scale = this.picture.width / this.size[0];
    const [x, y, width, height] = this.#box.map((side) => side * scale);
    for (const [colour, line] of [["#fff", 5], [REGION, 2.5]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, width, height);
    }
  }

  #place(event: PointerEvent): [number, number] {
    const box = this.#canvas.getBoundingClientRect();
    const [wide, high] = this.size;
    const clip = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
    return [
      clip(((event.clientX - box.left) / box.width) * wide, wide),
      clip(((event.clientY - box.top) / box.height) * high, high),
    ];
  }

  #drawn([ax, ay]: [number, number], [bx, by]: [number, number]): void {
    const [left, top] = [Math.floor(Math.min(ax, bx)), Math.floor(Math.min(ay, by))];
    const [right, bottom] = [Math.ceil(Math.max(ax, bx)), Math.ceil(Math.max(ay, by))];
    if (right - left < 2 || bottom - top < 2) return;
    this.#box = [left, top, right - left, bottom - top];
    this.#isTyped = false;
    this.#writeFields();
    this.#done();
  }

  #writeFields(): void {
    const um = this.pixelUm();
    const texts = this.#box && um ? boxTexts(this.#box, um) : [];
    this.#fields.forEach((field, i) => (field.value = texts.at(i) ?? ""));
  }

  #typed(): void {
    this.#isTyped = true;
    this.#box = this.#typedBox();
    this.#done();
  }

  #typedBox(): Box | null {
    const um = this.pixelUm();
    return um && typedBox(this.#fields.map((field) => field.value), um, this.size);
  }

  #done(): void {
    input("where-region").checked = true;
    this.draw();
    this.changed();
  }
}
