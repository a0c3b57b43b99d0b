// A rectangle of the image, in pixels and as it is typed.

/** Left, top, width and height, pixels of level 0. */
export type Box = [number, number, number, number];

/** What was typed in mm, cut to the image; null where a field is no number or nothing is in it. */
export function typedBox(
  texts: string[], um: [number, number], [wide, high]: [number, number],
): Box | null {
  const mm = texts.map((text) => (text.trim() ? Number(text.replace(",", ".")) : NaN));
  const [x, y, width, height] = mm.map((side, i) => Math.round((side * 1000) / um[i % 2]));
  if (!(x >= 0 && y >= 0 && width > 0 && height > 0 && x < wide && y < high)) return null;
  return [x, y, Math.min(width, wide - x), Math.min(height, high - y)];
}

/** A box as it would be typed. */
export const boxTexts = (box: Box, um: [number, number]): string[] =>
  box.map((side, i) => ((side * um[i % 2]) / 1000).toFixed(3));
