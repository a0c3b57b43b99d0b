// What the reader has said since the figures were found; it lives as long as the page.

import type { Outline } from "../pipeline/region.js";

export type Label = "mitosis" | "not mitosis" | "unsure";

/** What the desk says, as `mitokeras review` takes it. */
export type Request =
  | { do: "judge"; candidate: number; label: Label; atypical?: boolean }
  | { do: "add"; x: number; y: number }
  | { do: "change"; number: number; atypical?: boolean; removed?: boolean }
  | { do: "limit"; outlines: Outline[] }
  | { do: "undo"; line: number };

/** Where a review stands, as the desk shows it. */
export interface State {
  lines: number;
  last: { line: number; words: string; candidate?: number; added?: number } | null;
  verdicts: Record<number, [Label, boolean]>;
  added: Record<number, [number, number, boolean]>;
  outlines: Outline[];
  earlier: number;
}

/** A mark, and the number of the figure that an "add" has made. */
interface Mark {
  line: number;
  request: Exclude<Request, { do: "undo" }>;
  number: number;
}

export class Standing {
  #marks: Mark[] = [];
  #lines = 0;
  #added = 0;

  say(request: Request): State {
    this.#lines++;
    if (request.do === "undo") {
      this.#marks = this.#marks.filter((mark) => mark.line !== request.line);
    } else {
      const number = request.do === "add" ? ++this.#added : 0;
      this.#marks.push({ line: this.#lines, request, number });
    }
    return this.state();
  }

  state(): State {
    const state: State = {
      lines: this.#lines, last: this.#last(), verdicts: {}, added: {}, outlines: [], earlier: 0,
    };
    for (const { request, number } of this.#marks) {
      switch (request.do) {
        case "judge":
          state.verdicts[request.candidate] = [request.label, request.atypical ?? false];
          break;
        case "add":
          state.added[number] = [request.x, request.y, false];
          break;
        case "change": {
          const { [request.number]: one, ...others } = state.added;
          state.added = request.removed
            ? others
            : { ...others, [request.number]: [one[0], one[1], request.atypical ?? false] };
          break;
        }
        case "limit":
          state.outlines = request.outlines;
      }
    }
    return state;
  }

  #last(): State["last"] {
    const mark = this.#marks.at(-1);
    if (!mark) return null;
    const { line, request, number } = mark;
    switch (request.do) {
      case "judge":
        return { line, candidate: request.candidate, words: `${request.label} for candidate ${request.candidate}` };
      case "add":
        return { line, added: number, words: `mark of added figure ${number}` };
      case "change": {
        const what = request.removed ? "removal" : "mark";
        return { line, added: request.number, words: `${what} of added figure ${request.number}` };
      }
      case "limit":
        return { line, words: "region" };
    }
  }
}
