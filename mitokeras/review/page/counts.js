// The counts of model and review, and what they would be at another threshold.

const WAIT_MS = 150;

const byId = (id) => document.getElementById(id);
const number = (value, digits = 0) => (value === null ? "–" : value.toFixed(digits));
const toOdds = (score) => {
  const inside = Math.min(Math.max(score, 0.0005), 0.9995);
  return Math.log(inside / (1 - inside));
};
const toScore = (odds) => 1 / (1 + Math.exp(-odds));

export class Counts {
  constructor(model, source, failed) {
    this.model = model;
    this.source = source;
    this.failed = failed;
    this.whatIf = null;
    this.asked = 0;
    this.slider = byId("threshold");
    this.slider.addEventListener("input", () => this.#move(toScore(Number(this.slider.value))));
    byId("own-threshold").addEventListener("click", () => this.#move(null));
    this.#move(null);
  }

  // The number of figures at once; what takes the server's geometry a moment later.
  refresh() {
    const [model, review] = this.model.countAt(this.whatIf ?? this.model.threshold);
    byId("m-figures").textContent = model;
    byId("r-figures").textContent = review;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), WAIT_MS);
  }

  #move(threshold) {
    this.whatIf = threshold;
    const shown = threshold ?? this.model.threshold;
    if (threshold === null) this.slider.value = toOdds(shown);
    const text = shown.toFixed(3);
    byId("threshold-value").textContent = threshold === null ? `${text}, the model's own` : text;
    this.slider.setAttribute("aria-valuetext", text);
    byId("own-threshold").disabled = threshold === null;
    this.refresh();
  }

  async #ask() {
    const turn = ++this.asked;
    try {
      const counts = await this.source.counts(this.whatIf);
      if (turn !== this.asked) return;
      this.#fill("m", counts.model);
      this.#fill("r", counts.reviewed);
      byId("why").textContent = this.#why(counts);
    } catch (error) {
      this.failed(error);
    }
  }

  #fill(column, count) {
    byId(`${column}-figures`).textContent = count.figures;
    byId(`${column}-per`).textContent = number(count.per_mm2, 1);
    byId(`${column}-hotspot`).textContent = count.hotspot ? count.hotspot.figures : 0;
    byId(`${column}-ten`).textContent = count.ten_fields ? count.ten_fields.figures : 0;
    byId(`${column}-score`).textContent = count.score ?? "–";
  }

  #why({ reviewed, share, threshold }) {
    const area = `${reviewed.tissue_mm2.toFixed(2)} mm² of tissue${this.model.state.outlines.length ? " in the region" : ""}. `;
    if (this.whatIf !== null) return `${area}What if: candidates without a verdict count from ${threshold.toFixed(3)} on. This is not kept.`;
    const left = share.accepted - share.accepted_seen;
    const open = left ? `${left} of the figures are the model's alone, not looked at. ` : "";
    const why = reviewed.score === null ? `No score: ${reviewed.no_score}` : "";
    return (area + open + why).replaceAll("mm2", "mm²");
  }
}
