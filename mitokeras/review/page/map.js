// The slide as a whole: where the candidate lies, and where the figures are.

import { COLOURS, colourOf, drawOutline, prepared } from "./marks.js";

export class SlideMap {
  constructor(canvas, model, source) {
    this.canvas = canvas;
    this.model = model;
    this.picture = new Image();
    this.picture.addEventListener("load", () => this.draw(this.current));
    source.whole(model.facts).then((address) => { this.picture.src = address; });
    new ResizeObserver(() => this.draw(this.current)).observe(canvas);
  }

  draw(current) {
    this.current = current;
    const { width_px: wide, height_px: high } = this.model.facts.image;
    const box = this.canvas.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const context = prepared(this.canvas, box.width, box.height);
    const scale = Math.min(box.width / wide, box.height / high);
    const [left, top] = [(box.width - wide * scale) / 2, (box.height - high * scale) / 2];
    const at = ([x, y]) => [left + (x + 0.5) * scale, top + (y + 0.5) * scale];
    if (this.picture.complete && this.picture.naturalWidth) {
      context.drawImage(this.picture, left, top, wide * scale, high * scale);
    }
    for (const one of this.model.items()) {
      if (!one.label && !one.accepted) continue;
      const [x, y] = at([one.x, one.y]);
      context.fillStyle = COLOURS.ink;
      context.fillRect(x - 2, y - 2, 4, 4);
      context.fillStyle = colourOf(one);
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
    for (const outline of this.model.state.outlines) drawOutline(context, outline.map(at), true);
    if (!current) return;
    const [x, y] = at([current.x, current.y]);
    for (const [style, width] of [["#fff", 5], [COLOURS.ink, 2.5]]) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.stroke();
    }
    const { image } = this.model.facts;
    const mm = (value, um) => ((value * um) / 1000).toFixed(1);
    this.canvas.setAttribute(
      "aria-label",
      `Whole slide; this place is ${mm(current.x, image.pixel_um[0])} mm from the left and ` +
        `${mm(current.y, image.pixel_um[1])} mm from the top`,
    );
  }
}
