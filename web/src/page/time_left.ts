// How long a run will take, by how long it has taken.

/** Before so much time has passed, nothing is said. */
const LEAST_MS = 1500;

export class TimeLeft {
  #stage = "";
  #start = 0;

  constructor(readonly now: () => number = () => performance.now()) {}

  /** Such as ", about 2 min left"; nothing where it cannot be known yet. */
  text(stage: string, done: number, all: number): string {
    if (stage !== this.#stage) [this.#stage, this.#start] = [stage, this.now()];
    const passed = this.now() - this.#start;
    if (!done || done === all || passed < LEAST_MS) return "";
    const seconds = Math.ceil(((passed / done) * (all - done)) / 1000);
    return `, about ${seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} left`;
  }
}
