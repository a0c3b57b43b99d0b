import { describe, expect, it } from "vitest";

import { countFigures } from "../src/counting/count.js";
import { atypicalAccepted, type Prediction } from "../src/outputs/prediction.js";
import { caveatsOf } from "../src/page/caveats.js";
import { correct, reviewedTable } from "../src/page/corrected.js";
import { LocalReview } from "../src/page/review_source.js";
import { Standing } from "../src/page/standing.js";
import { TimeLeft } from "../src/page/time_left.js";

const detection = (x: number, y: number, score: number): Prediction["detections"][number] => ({
  x, y, area_um2: 40, segmenter_score: 0.9, classifier_score: score, accepted: score >= 0.5, outline: [],
});

const detections = [detection(100, 100, 0.9), detection(200, 100, 0.7), detection(300, 100, 0.2)];

const prediction: Prediction = {
  mitokeras: "0", region: null, remarks: [], tiles: 1, tiles_skipped: 0, detections,
  image: {
    name: "=a.svs", width_px: 1000, height_px: 1000, spacing_um_px: 0.25, pixel_um: [0.25, 0.25],
    scan_corner_px: [0, 0], spacing_source: "aperio.MPP", format: "aperio",
  },
  model: {
    name: "edge", segmenter_sha256: "", classifier_sha256: "", spacing_um_px: 0.25,
    segmenter_threshold: 0.7, classifier_threshold: 0.5,
  },
  count: countFigures([[0, 0], [0.1, 0]], 3, 0.55, 0.6),
};

describe("a review of a model with a stage 3", () => {
  it("shows the figures that are called atypical first, and keeps their scores", () => {
    const subtyping = { threshold: 0.5, chosen: "by hand", sensitivity: null, specificity: null };
    const [first, second, third] = detections;
    const scored = [
      { ...first, atypical_score: 0.25, subtype: "normal" as const },
      { ...second, atypical_score: 0.75, subtype: "atypical" as const },
      third,
    ];
    const { model } = prediction;
    const told: Prediction = {
      ...prediction,
      model: { ...model, subtyping },
      atypical: atypicalAccepted(scored, subtyping),
      detections: scored,
    };
    const { facts } = new LocalReview(told, null as never, null as never);
    expect(facts.atypical).toBe(true);
    expect(facts.orders.atypical).toEqual([2, 1, 3]);
    expect(facts.candidates.map((one) => one.slice(5))).toEqual([[0.25, "normal"], [0.75, "atypical"], [null, ""]]);
    expect(facts.warnings).toContain("how often the model is right about atypical figures was not measured");
    const table = reviewedTable(told, correct(told, new Standing().state(), 3, null));
    const ends = table.trim().split("\n").map((line) => line.split(",").slice(-2));
    expect(ends).toEqual([
      ["model_atypical_score", "atypical_threshold"], ["0.250000", "0.5"], ["0.750000", "0.5"], ["", "0.5"],
    ]);
    expect(reviewedTable(prediction, correct(prediction, new Standing().state(), 3, null))).not.toContain("atypical_");
  });
});

describe("a review", () => {
  it("takes verdicts, added figures and a region, and takes them back", () => {
    const standing = new Standing();
    standing.say({ do: "judge", candidate: 1, label: "not mitosis" });
    standing.say({ do: "add", x: 500, y: 500 });
    standing.say({ do: "change", number: 1, atypical: true });
    let state = standing.say({ do: "judge", candidate: 3, label: "mitosis", atypical: true });
    expect(state.verdicts).toEqual({ 1: ["not mitosis", false], 3: ["mitosis", true] });
    expect(state.added).toEqual({ 1: [500, 500, true] });
    expect(state.last).toEqual({ line: 4, candidate: 3, words: "mitosis for candidate 3" });
    state = standing.say({ do: "undo", line: 4 });
    expect(state.verdicts).toEqual({ 1: ["not mitosis", false] });
    state = standing.say({ do: "change", number: 1, removed: true });
    expect(state.added).toEqual({});
    state = standing.say({ do: "add", x: 1, y: 1 });
    expect(Object.keys(state.added)).toEqual(["2"]); // no number is given twice
  });

  it("counts what the reader says, and the model where he says nothing", () => {
    const standing = new Standing();
    let state = standing.state();
    expect(correct(prediction, state, 3, null).reviewed.figures).toBe(2);
    state = standing.say({ do: "judge", candidate: 1, label: "not mitosis" });
    state = standing.say({ do: "judge", candidate: 3, label: "mitosis" });
    state = standing.say({ do: "add", x: 900, y: 900 });
    const found = correct(prediction, state, 3, null);
    expect([found.model.figures, found.reviewed.figures]).toEqual([2, 3]);
    expect(found.share).toEqual({ candidates: 3, seen: 2, accepted: 2, accepted_seen: 1, added: 1 });
    // Half of the model's figures were looked at, so half of its false ones are left.
    expect(found.reviewed.false?.per_mm2).toBeCloseTo(0.3, 12);
    expect(correct(prediction, state, 3, 0.8).model.figures).toBe(1);
    state = standing.say({ do: "limit", outlines: [[[50, 50], [350, 50], [350, 150], [50, 150]]] });
    expect(correct(prediction, state, 1, null).reviewed.figures).toBe(2);
  });

  it("is a table of one row a figure, without formulas", () => {
    const standing = new Standing();
    const state = standing.say({ do: "judge", candidate: 2, label: "unsure" });
    const lines = reviewedTable(prediction, correct(prediction, state, 3, null)).trim().split("\n");
    expect(lines.length).toBe(4);
    expect(lines[2]).toMatch(/^'=a\.svs,2,200\.00,100\.00,50\.12,25\.12,0\.700000,true,unsure,false,false,true,false,/);
  });
});

describe("the caveats of a review", () => {
  it("say what was not looked at, counted in a region only, and unsure", () => {
    const standing = new Standing();
    const caveats = (tissueMm2: number): string[] =>
      caveatsOf(correct(prediction, standing.state(), tissueMm2, null));
    expect(caveats(3)).toEqual([
      "2 of the figures counted here were found by the model and not looked at by the reader",
      "1 candidate that the model rejected was not looked at",
    ]);
    standing.say({ do: "judge", candidate: 1, label: "unsure" });
    standing.say({ do: "judge", candidate: 3, label: "not mitosis" });
    standing.say({ do: "limit", outlines: [[[50, 50], [350, 50], [350, 150], [50, 150]]] });
    const found = caveats(1.234);
    expect(found).toEqual([
      "1 of the figures counted here was found by the model and not looked at by the reader",
      "figures are counted in a drawn region only, 1.23 mm2",
      "1 of which the reader is unsure was not counted",
    ]);
    const table = reviewedTable(prediction, correct(prediction, standing.state(), 1.234, null));
    expect(table).toContain(found.join("; "));
    standing.say({ do: "judge", candidate: 1, label: "mitosis" });
    standing.say({ do: "judge", candidate: 2, label: "mitosis" });
    standing.say({ do: "limit", outlines: [] });
    expect(caveats(3)).toEqual([]);
  });
});

describe("a place or region that is said", () => {
  const spacing = { xUm: 0.25, yUm: 0.25, source: "x" };
  const review = new LocalReview(prediction, spacing, null as never);
  const limit = (...corners: [number, number][]): Promise<unknown> => review.say({ do: "limit", outlines: [corners] });

  it("lies on the slide", async () => {
    await expect(review.say({ do: "add", x: -0.6, y: 5 })).rejects.toThrow(
      "a figure must lie on the slide. Received: (-0.6, 5)",
    );
    await expect(review.say({ do: "add", x: 5, y: 999.6 })).rejects.toThrow("(5, 999.6)");
    await expect(review.say({ do: "add", x: NaN, y: 5 })).rejects.toThrow("must lie on the slide");
    await expect(limit([-1.6, 0], [9, 0], [9, 9])).rejects.toThrow("outline 1 of the region must lie on the slide");
    await expect(limit([0, 0], [1000.6, 0], [9, 9])).rejects.toThrow("outline 1 of the region must lie on the slide");
    expect(review.said).toBe(false);
    await limit([-1.5, -1.5], [1000.5, -1.5], [1000.5, 1000.5], [-1.5, 1000.5]);
    await review.say({ do: "add", x: -0.5, y: 999.5 });
  });

  it("neither crosses nor touches itself, and has an area", async () => {
    const refused: [number, number][][] = [
      [[0, 0], [9, 9], [9, 0], [0, 9]], // crosses
      [[0, 0], [10, 0], [10, 9], [5, 0], [0, 9]], // a corner on an edge
      [[0, 0], [5, 5], [0, 9], [9, 9], [5, 5], [9, 0]], // a corner twice
      [[0, 0], [9, 0], [9, 9], [9, 4], [9, 12], [0, 9]], // an edge goes back
      [[0, 0], [9, 0], [4, 0]], // no area
      [[0, 0], [1, 0], [1, 1]], // a small one
      [[0, 0], [9, 0]], [],
    ];
    for (const corners of refused) {
      await expect(limit(...corners), JSON.stringify(corners)).rejects.toThrow(
        "outline 1 of the region must not cross or touch itself",
      );
    }
    await limit([0, 0], [5, 0], [5, 0], [9, 0], [9, 9], [4, 3], [0, 9], [0, 0]); // corners that repeat, a straight one
  });
});

describe("a region that was looked at", () => {
  it("takes no figure outside of it", async () => {
    const region: [number, number][] = [[50, 50], [350, 50], [350, 150], [50, 150]];
    const review = new LocalReview({ ...prediction, region }, { xUm: 0.25, yUm: 0.25, source: "x" }, null as never);
    await expect(review.say({ do: "add", x: 400, y: 100 })).rejects.toThrow("this place is outside of it");
    expect(review.said).toBe(false);
    expect((await review.say({ do: "add", x: 300, y: 100 })).added).toEqual({ 1: [300, 100, false] });
    expect(review.said).toBe(true);
    expect(review.facts.orders.score).toEqual([1, 2, 3]);
  });
});

describe("the time left", () => {
  it("goes by the time passed, in each stage anew", () => {
    let now = 0;
    const left = new TimeLeft(() => now);
    expect(left.text("tiles", 0, 10)).toBe("");
    now = 10_000;
    expect(left.text("tiles", 1, 10)).toBe(", about 2 min left");
    now = 20_000;
    expect(left.text("tiles", 8, 10)).toBe(", about 5 s left");
    expect(left.text("tiles", 10, 10)).toBe("");
    expect(left.text("candidates", 1, 10)).toBe("");
  });
});
