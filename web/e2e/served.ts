// A page that `mitokeras web` serves, in Debian's Chromium.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

import { build } from "esbuild";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const BIN = process.env.MITOKERAS_BIN ?? new URL("../../.venv/bin", import.meta.url).pathname;
export const PYTHON = `${BIN}/python`;

export const chromiumPath = CHROMIUM.find((path) => existsSync(path));

export interface Served {
  address: string;
  end(): void;
}

/** Start the command and read its address. */
export async function serve(model = "edge"): Promise<Served> {
  const program: ChildProcess = spawn(`${BIN}/mitokeras`, ["web", model, "--no-browser"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: program.stdout! })) {
    if (line.startsWith("http://")) return { address: line.trim(), end: () => program.kill("SIGINT") };
  }
  throw new Error("mitokeras web gave no address");
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
}

/** What a page has asked for and complained of. */
export interface Watched {
  page: Page;
  requests: string[];
  complaints: string[];
}

export async function open(context: BrowserContext, address: string): Promise<Watched> {
  const page = await context.newPage();
  const watched: Watched = { page, requests: [], complaints: [] };
  context.on("request", (request) => watched.requests.push(request.url()));
  page.on("pageerror", (error) => watched.complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") watched.complaints.push(message.text());
  });
  await page.goto(address);
  return watched;
}

/** The harness as one script. */
export async function harness(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("harness.ts", import.meta.url).pathname],
    bundle: true, format: "iife", target: "es2022", write: false, logLevel: "error",
    alias: Object.fromEntries(
      ["lerc", "zstddec/stream"].map((name) => [
        name, new URL("../src/slides/no_decoder.ts", import.meta.url).pathname,
      ]),
    ),
  });
  return outputFiles[0].text;
}
