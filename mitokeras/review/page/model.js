// What is known of the slide and the review; nothing here touches the page.

export const WORDS = { mitosis: "Mitosis", "not mitosis": "Not a mitosis", unsure: "Unsure" };

export class Model {
  constructor(facts, state) {
    this.facts = facts;
    this.order = "worth";
    this.take(state);
  }

  take(state) {
    this.state = state;
    this.inside = this.facts.candidates.map(([x, y]) => isWithin(x, y, state.outlines));
  }

  get threshold() {
    return this.facts.model.threshold;
  }

  // {x, y, score, accepted, area, atypicalScore, subtype, label, atypical, candidate | added}, of which the
  // last but one is the reader's word and the two before the label the model's; undefined where it is gone.
  item(key) {
    if (key.added !== undefined) {
      const one = this.state.added[key.added];
      return one && { ...key, x: one[0], y: one[1], score: null, accepted: false, label: "mitosis", atypical: one[2] };
    }
    const one = this.facts.candidates[key.candidate - 1];
    if (!one) return undefined;
    const [label, atypical] = this.state.verdicts[key.candidate] ?? [null, false];
    const [x, y, score, accepted, area, atypicalScore, subtype] = one;
    return { ...key, x, y, score, accepted, area, atypicalScore, subtype, label, atypical };
  }

  *items() {
    for (let n = 1; n <= this.facts.candidates.length; n++) yield this.item({ candidate: n });
    for (const n of Object.keys(this.state.added)) yield this.item({ added: Number(n) });
  }

  // Candidates that are to be shown, in the order that was chosen.
  queue() {
    return this.facts.orders[this.order].filter((n) => this.inside[n - 1]);
  }

  progress() {
    const queue = this.queue();
    return [queue.filter((n) => this.state.verdicts[n]).length, queue.length];
  }

  // The next candidates without a verdict after one, going round at the end.
  unseenAfter(number, most) {
    const queue = this.queue();
    const start = queue.indexOf(number) + 1;
    const round = [...queue.slice(start), ...queue.slice(0, start)];
    return round.filter((n) => n !== number && !this.state.verdicts[n]).slice(0, most);
  }

  // The one after in the order, whether it has a verdict or not.
  after(number) {
    const queue = this.queue();
    return queue[(queue.indexOf(number) + 1) % queue.length];
  }

  // [by the model, by the reader] in the region, if the threshold were another.
  countAt(threshold) {
    const own = threshold === this.threshold;
    let model = 0;
    let review = 0;
    this.facts.candidates.forEach(([, , score, accepted], i) => {
      if (!this.inside[i]) return;
      const counted = own ? accepted : score >= threshold;
      const verdict = this.state.verdicts[i + 1];
      model += counted;
      review += verdict ? verdict[0] === "mitosis" : counted;
    });
    for (const [x, y] of Object.values(this.state.added)) review += isWithin(x, y, this.state.outlines);
    return [model, review];
  }

  // What lies within some um of a place, the nearest; undefined where nothing does.
  nearest(x, y, um) {
    const [width, height] = this.facts.image.pixel_um;
    let best;
    let least = um;
    for (const one of this.items()) {
      const away = Math.hypot((one.x - x) * width, (one.y - y) * height);
      if (away <= least) [best, least] = [one, away];
    }
    return best;
  }
}

export function isWithin(x, y, outlines) {
  return !outlines.length || outlines.some((outline) => isInside(x, y, outline));
}

function isInside(x, y, outline) {
  let inside = false;
  outline.forEach(([ax, ay], i) => {
    const [bx, by] = outline[(i + 1) % outline.length];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
