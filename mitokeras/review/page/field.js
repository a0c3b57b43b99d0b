// The field of the slide that can be moved and zoomed, with what was found drawn on it.

import { drawCross, drawCurrent, drawFigure, drawOutline, drawScale, prepared } from "./marks.js";

const RING_UM = 11;
const RING_PX = 7;
const SEEN_UM = 260; // width of the field when a candidate is shown

export class Field {
  // on: {click(x, y), closed(outline), gaveUp()}
  constructor(place, model, source, on) {
    this.model = model;
    this.on = on;
    this.corners = null;
    this.hidden = false;
    this.current = null;
    const { image, levels, tile_px: tile } = model.facts;
    this.viewer = window.OpenSeadragon({
      element: place,
      drawer: "canvas",
      showNavigationControl: false,
      animationTime: 0.35,
      maxZoomPixelRatio: 6,
      visibilityRatio: 0.5,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: false },
      gestureSettingsPen: { clickToZoom: false, dblClickToZoom: false },
      tileSources: {
        width: image.width_px,
        height: image.height_px,
        tileSize: tile,
        minLevel: Math.max(0, levels - Math.ceil(Math.log2(Math.max(image.width_px, image.height_px) / 256))),
        maxLevel: levels,
        ...source.tiles,
      },
    });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "marks";
    this.canvas.setAttribute("aria-hidden", "true");
    this.viewer.canvas.append(this.canvas);
    this.viewer.canvas.setAttribute("role", "application");
    this.viewer.canvas.setAttribute("aria-label", "Field of the slide: arrows move, plus and minus zoom, P puts a figure at the cross");
    this.opened = new Promise((resolve) => this.viewer.addOnceHandler("open", resolve));
    this.viewer.addHandler("update-viewport", () => this.draw());
    this.viewer.addHandler("resize", () => this.viewer.forceRedraw());
    this.viewer.addHandler("canvas-click", (event) => {
      if (event.quick) this.at(this.#level0(event.position));
    });
    this.viewer.addHandler("canvas-key", (event) => {
      const ours = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "+", "-", "=", "_"];
      event.preventDefaultAction = !ours.includes(event.originalEvent.key);
    });
    for (const name of ["focus", "blur"]) this.viewer.canvas.addEventListener(name, () => this.draw());
  }

  focus() {
    this.viewer.canvas.focus();
  }

  show(one) {
    const known = this.current;
    this.current = one;
    const { viewport } = this.viewer;
    const wide = this.#bounds(SEEN_UM, one.x, one.y);
    const zoomed = known && viewport.getZoom(true) > viewport.getHomeZoom() * 1.05;
    if (zoomed) viewport.panTo(wide.getCenter(), true);
    else viewport.fitBounds(wide, true);
    this.viewer.forceRedraw();
  }

  zoom(factor) {
    this.viewer.viewport.zoomBy(factor).applyConstraints();
  }

  home() {
    this.viewer.viewport.goHome();
  }

  hide(hidden) {
    this.hidden = hidden;
    this.redraw();
  }

  redraw() {
    this.viewer.forceRedraw();
    this.draw();
  }

  // A click, or the cross: a corner while a region is drawn.
  at([x, y]) {
    if (!this.corners) return this.on.click(x, y);
    const { width_px: width, height_px: height } = this.model.facts.image;
    this.corners.push([Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)]);
    return this.redraw();
  }

  atCross() {
    const { clientWidth, clientHeight } = this.viewer.canvas;
    return this.at(this.#level0(new window.OpenSeadragon.Point(clientWidth / 2, clientHeight / 2)));
  }

  startRegion() {
    this.corners = [];
    this.redraw();
  }

  dropCorner() {
    this.corners.pop();
    this.redraw();
  }

  endRegion(keep) {
    const corners = this.corners;
    this.corners = null;
    this.redraw();
    if (keep) this.on.closed(corners.map(([x, y]) => [Math.round(x * 100) / 100, Math.round(y * 100) / 100]));
    else this.on.gaveUp();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.viewer.canvas;
    const item = this.viewer.world.getItemAt(0);
    if (!item || !width) return;
    const context = prepared(this.canvas, width, height);
    const origin = this.#place(item, 0, 0);
    const step = this.#place(item, 1, 0)[0] - origin[0];
    const umPerPx = this.model.facts.image.spacing_um_px / step;
    const ring = Math.max(RING_UM / umPerPx, RING_PX);
    const at = (x, y) => [origin[0] + x * step, origin[1] + y * step];
    if (!this.hidden) {
      for (const outline of this.model.state.outlines) drawOutline(context, outline.map((p) => at(...p)), true);
      const far = ring === RING_PX; // rejected ones would cover the slide
      for (const one of this.model.items()) {
        if (far && !one.label && !one.accepted) continue;
        const [x, y] = at(one.x, one.y);
        if (x > -ring && y > -ring && x < width + ring && y < height + ring) drawFigure(context, one, x, y, ring);
      }
      if (this.current) drawCurrent(context, ...at(this.current.x, this.current.y), ring * 1.7);
    }
    if (this.corners) drawOutline(context, this.corners.map((p) => at(...p)), false);
    if (this.viewer.canvas.matches(":focus-visible")) drawCross(context, width / 2, height / 2);
    drawScale(context, umPerPx, width, height);
  }

  // Pixel centres of level 0 are at whole numbers, those of OpenSeadragon half a pixel further.
  #place(item, x, y) {
    const point = item.imageToViewerElementCoordinates(new window.OpenSeadragon.Point(x + 0.5, y + 0.5));
    return [point.x, point.y];
  }

  #level0(position) {
    const point = this.viewer.world.getItemAt(0).viewerElementToImageCoordinates(position);
    return [point.x - 0.5, point.y - 0.5];
  }

  #bounds(um, x, y) {
    const px = um / this.model.facts.image.spacing_um_px;
    return this.viewer.world.getItemAt(0).imageToViewportRectangle(x - px / 2, y - px / 2, px, px);
  }
}
