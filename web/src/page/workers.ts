// Asking a worker.

import { DataError } from "../pipeline/errors.js";
import type { Ask, FromWorker, Kind, Progress, Reply } from "../work/messages.js";

/** Address of the folder that the page lies in. */
export const FOLDER = new URL(".", document.baseURI).href;

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
  tick?: ((progress: Progress) => void) | undefined;
}

export class SlideWorker {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor() {
    // A worker of its own address has the policy of that file's server, which may be none; one of a
    // blob has the page's.
    const address = JSON.stringify(`${FOLDER}worker.js`);
    const blob = new Blob([`importScripts(${address});`], { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    this.#worker = new Worker(url);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      URL.revokeObjectURL(url);
      this.#take(data);
    });
    this.#worker.addEventListener("error", (event) => {
      const text = event.message || "it could not be loaded, or ran out of memory";
      this.#rejectAll(new Error(`The worker of this page failed: ${text}`));
    });
  }

  ask<K extends Kind>(
    kind: K, ask: Ask<K>, tick?: (progress: Progress) => void,
  ): Promise<Reply<K>> {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject, tick });
      this.#worker.postMessage({ number, kind, ask });
    });
  }

  /** End it at once; what it was asked for is never answered. */
  end(): void {
    this.#worker.terminate();
    this.#rejectAll(new Cancelled());
  }

  #take(data: FromWorker): void {
    const waiting = this.#waiting.get(data.number);
    if (!waiting) return;
    if ("progress" in data) {
      waiting.tick?.(data.progress);
      return;
    }
    this.#waiting.delete(data.number);
    if ("error" in data) waiting.reject(data.isData ? new DataError(data.error) : new Error(data.error));
    else waiting.resolve(data.answer as never);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The user has ended it. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}
