// The size of a pixel: what a file states, and whether a scanner can have meant it.

import { DataError } from "../pipeline/errors.js";

/** Scans lie within; the resolutions of screens and print, 72 to 4800 dpi, lie beyond. */
export const BELIEVED_UM_PX: readonly [number, number] = [0.05, 5];

/** Pixels whose sides differ by more are not square. */
const SQUARE = 0.01;

export const INCH_UM = 25_400;

export const BY_HAND = "set by hand";

const UNIT_UM: Record<string, number | undefined> = {
  m: 1e6, cm: 1e4, centimeter: 1e4, mm: 1e3, millimeter: 1e3, "\u00b5m": 1, "\u03bcm": 1, um: 1,
  micron: 1, microns: 1, micrometer: 1, nm: 1e-3, nanometer: 1e-3, inch: INCH_UM, in: INCH_UM,
};

/** What some metadata say about the size of a pixel. */
export interface Spacing {
  xUm: number;
  yUm: number;
  /** Such as "aperio.MPP". */
  source: string;
}

/** Pixels in a length, as a spacing. */
export function perUnit(x: number, y: number, unitUm: number, source: string): Spacing | null {
  return x > 0 && y > 0 ? { xUm: unitUm / x, yUm: unitUm / y, source } : null;
}

/** In um; the unit is um where none is named. */
export function unitUm(name: string): number | undefined {
  return UNIT_UM[name];
}

/**
 * The spacing to work with, or why what is stated cannot be: then it has to be asked for. It is
 * never assumed.
 */
export function chosen(stated: Spacing | null): Spacing | string {
  if (!stated) return "Its metadata state no pixel size.";
  const { xUm, yUm, source } = stated;
  const [low, high] = BELIEVED_UM_PX;
  if (![xUm, yUm].every((side) => side >= low && side <= high)) {
    return (
      `Its metadata state no pixel size of a scan, ${low} to ${high} µm, ` +
      `but ${Number(xUm.toPrecision(6))} µm (${source}).`
    );
  }
  if (Math.abs(xUm - yUm) > (SQUARE * (xUm + yUm)) / 2) {
    return `Its pixels are not square, but ${xUm} x ${yUm} µm (${source}).`;
  }
  return stated;
}

/** What the user types. */
export function byHand(text: string): Spacing {
  const um = Number(text.trim().replace(",", "."));
  const [low, high] = BELIEVED_UM_PX;
  if (!(um >= low && um <= high)) {
    throw new DataError(`The size of a pixel must be ${low} to ${high} µm. Received: ${text}`);
  }
  return { xUm: um, yUm: um, source: BY_HAND };
}

export const meanUm = ({ xUm, yUm }: Spacing): number => (xUm + yUm) / 2;
