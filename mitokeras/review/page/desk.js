// The desk of one slide: shows one place after another, and keeps what is said of it.

import { alertText, element } from "./api.js";
import { Counts } from "./counts.js";
import { Crops, paint } from "./crops.js";
import { Field } from "./field.js";
import { SlideMap } from "./map.js";
import { Model, WORDS } from "./model.js";

const AHEAD = 8;
const SAME_UM = 4; // a click so near to a mark means the mark

const byId = (id) => document.getElementById(id);
const status = (text) => { byId("status").textContent = text; };
const nameOf = (one) => (one.added === undefined ? `Candidate ${one.candidate}` : `Added figure ${one.added}`);
// What stage 3 calls it, where the model has one.
const callOf = (one) => (one.subtype ? `; called ${one.subtype} (${one.atypicalScore.toFixed(2)})` : "");
const isSame = (one, other) => one.candidate === other.candidate && one.added === other.added;

// source: gives pictures and counts, and keeps what is said; see `server` in api.js.
export class Desk {
  constructor(facts, state, source) {
    this.source = source;
    this.crops = new Crops(source);
    this.model = new Model(facts, state);
    this.written = facts.written;
    this.shown = null;
    this.busy = false;
    this.before = [];
    this.counts = new Counts(this.model, source, (error) => this.fail(error));
    this.map = new SlideMap(byId("map"), this.model, source);
    this.field = new Field(byId("viewer"), this.model, source, {
      click: (x, y) => this.click(x, y),
      closed: (outline) => this.closeRegion(outline),
      gaveUp: () => this.drawing(false),
    });
  }

  // Shows a place once it can be painted; until then what was there stays, and takes no verdict.
  async show(key, remember = true) {
    const one = key && this.model.item(key);
    if (!one) return;
    this.busy = true;
    try {
      const pictures = await this.crops.loaded(one.x, one.y);
      if (remember && this.shown && !isSame(this.shown, key)) this.before.push(this.shown);
      this.shown = key;
      paint(pictures, nameOf(one));
      this.refresh();
      this.field.show(one);
      const next = this.model.unseenAfter(key.candidate ?? 0, AHEAD);
      this.crops.fetchAhead(next.map((n) => this.model.item({ candidate: n })));
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
    }
  }

  // Says one thing; true when it is on the disk.
  async say(request) {
    if (this.busy) return false;
    this.busy = true;
    try {
      this.model.take(await this.source.say(request));
      alertText("");
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    } finally {
      this.busy = false;
      this.refresh();
    }
  }

  async judge(label) {
    const one = this.current();
    if (!one || this.busy) return;
    if (one.added !== undefined) {
      if (label !== "not mitosis") return status(`${nameOf(one)} is a mitosis; N removes it.`);
      if (await this.say({ do: "change", number: one.added, removed: true })) this.goOn(`${nameOf(one)} removed.`);
      return;
    }
    const atypical = label === "mitosis" && one.atypical;
    if (await this.say({ do: "judge", candidate: one.candidate, label, atypical })) {
      this.goOn(`${nameOf(one)}: ${WORDS[label].toLowerCase()}.`);
    }
  }

  async atypical() {
    const one = this.current();
    if (!one || this.busy) return;
    const atypical = !one.atypical;
    const request = one.added === undefined
      ? { do: "judge", candidate: one.candidate, label: "mitosis", atypical }
      : { do: "change", number: one.added, atypical };
    if (await this.say(request)) status(`${nameOf(one)}: mitosis, ${atypical ? "" : "not "}atypical.`);
  }

  goOn(said) {
    const from = this.shown.candidate ?? this.lastCandidate ?? 0;
    const [next] = this.model.unseenAfter(from, 1);
    if (next) {
      status(`${said} Next: candidate ${next}.`);
      this.show({ candidate: next });
    } else {
      status(`${said} All candidates ${this.model.state.outlines.length ? "in the region " : ""}have a verdict.`);
      if (!this.current()) this.show({ candidate: this.model.queue()[0] }, false);
    }
  }

  back() {
    while (this.before.length) {
      const key = this.before.pop();
      if (this.model.item(key)) return this.show(key, false);
    }
    return status("Nothing was shown before this.");
  }

  skip() {
    const from = this.shown?.candidate ?? this.lastCandidate ?? 0;
    const next = this.model.unseenAfter(from, 1)[0] ?? this.model.after(from);
    if (next) this.show({ candidate: next });
  }

  async undo() {
    const { last } = this.model.state;
    if (!last) return status("There is nothing to undo.");
    if (!(await this.say({ do: "undo", line: last.line }))) return undefined;
    const key = last.candidate ? { candidate: last.candidate } : last.added ? { added: last.added } : null;
    status(`Undone: ${last.words}.`);
    return this.show(key && this.model.item(key) ? key : this.shown);
  }

  async click(x, y) {
    const near = this.model.nearest(x, y, Math.max(SAME_UM, this.#slackUm()));
    if (near) return this.show(near.added === undefined ? { candidate: near.candidate } : { added: near.added });
    if (!(await this.say({ do: "add", x, y }))) return undefined;
    const number = Math.max(...Object.keys(this.model.state.added).map(Number));
    status(`Added figure ${number}. Z undoes it, A marks it as atypical.`);
    return this.show({ added: number });
  }

  // Six pixels of the screen, but not more than a cell.
  #slackUm() {
    const { viewport } = this.field.viewer;
    const perPx = this.model.facts.image.spacing_um_px / this.field.viewer.world.getItemAt(0).viewportToImageZoom(viewport.getZoom(true));
    return Math.min(6 * perPx, 12);
  }

  drawing(on) {
    byId("draw").setAttribute("aria-pressed", String(on));
    byId("viewer").classList.toggle("drawing", on);
    status(on ? "Click the corners of the region; Enter closes it, Escape gives up." : "");
  }

  toggleRegion() {
    if (this.field.corners) return this.field.endRegion(false);
    this.field.startRegion();
    this.field.focus();
    return this.drawing(true);
  }

  async closeRegion(outline) {
    this.drawing(false);
    if (outline.length < 3) return status("A region has three corners or more.");
    const outlines = [...this.model.state.outlines, outline];
    if (!(await this.say({ do: "limit", outlines }))) return undefined;
    return this.goOn("Figures are counted in the region only.");
  }

  async removeRegion() {
    if (!this.model.state.outlines.length) return status("There is no region.");
    if (await this.say({ do: "limit", outlines: [] })) status("Figures are counted on the whole slide.");
    return undefined;
  }

  async takeOver() {
    if (await this.say({ do: "take over" })) status("Taken over; look at them once more.");
  }

  async write() {
    byId("write").disabled = true;
    status("Writing the results.");
    try {
      const written = await this.source.write();
      this.written = written.lines;
      status(`Results are in ${written.folder}.`);
    } catch (error) {
      this.fail(error);
    } finally {
      byId("write").disabled = false;
      this.refresh();
    }
  }

  hide() {
    const hidden = document.body.classList.toggle("no-marks");
    this.field.hide(hidden);
    status(hidden ? "Marks are hidden." : "Marks are shown.");
  }

  current() {
    return this.shown ? this.model.item(this.shown) : undefined;
  }

  async again() {
    if (this.busy) return;
    try {
      this.model.take(await this.source.state());
      this.refresh();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    alertText(error.message);
    status("");
  }

  refresh() {
    const one = this.current();
    if (one) this.#describe(one);
    if (one?.candidate) this.lastCandidate = one.candidate;
    const [done, all] = this.model.progress();
    byId("done").textContent = `${done} of ${all}`;
    byId("progress").max = Math.max(all, 1);
    byId("progress").value = done;
    byId("clear-region").disabled = !this.model.state.outlines.length;
    this.#results();
    this.#earlier();
    this.counts.refresh();
    this.map.draw(one);
    this.field.redraw();
  }

  #describe(one) {
    const opinion = one.score === null
      ? "missed by the model"
      : `model ${one.score.toFixed(3)}, ${one.accepted ? "counted" : "rejected"}${callOf(one)}`;
    byId("what").replaceChildren(element("b", nameOf(one)), ` ${opinion}`);
    const said = byId("said");
    said.hidden = !one.label;
    said.textContent = one.label ? (one.atypical ? "Atypical mitosis" : WORDS[one.label]) : "";
    said.dataset.label = one.label ?? "";
    for (const button of document.querySelectorAll("#judge button")) {
      const on = button.dataset.do === "atypical" ? one.atypical : button.dataset.do === one.label;
      button.setAttribute("aria-pressed", String(on));
    }
  }

  #results() {
    const place = byId("written");
    place.replaceChildren();
    if (this.written === null) return;
    place.append(element("a", "Open the report", { href: "results/report.html", target: "_blank", rel: "noopener" }));
    if (this.written !== this.model.state.lines) place.append(element("span", " It is older than the review."));
  }

  #earlier() {
    const { earlier } = this.model.state;
    let note = byId("earlier");
    if (!earlier) return note?.remove();
    if (!note) {
      note = element("p", "", { id: "earlier", class: "notice" });
      byId("alerts").before(note);
    }
    const button = element("button", "Take them over", { type: "button" });
    button.addEventListener("click", () => this.takeOver());
    note.replaceChildren(`${earlier} marks on an earlier prediction of this slide do not count here. `, button);
    return undefined;
  }
}
