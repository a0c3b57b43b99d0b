import { describe, expect, it } from "vitest";

import { boxTexts, typedBox } from "../src/page/box.js";

describe("a region that is typed in mm", () => {
  const um: [number, number] = [0.25, 0.5];
  const box = (...texts: string[]): ReturnType<typeof typedBox> => typedBox(texts, um, [1000, 800]);

  it("is in pixels of the spacing, cut to the image", () => {
    expect(box("0.1", "0,1", "0.15", "0.12")).toEqual([400, 200, 600, 240]);
    expect(box("0.1", "0.1", "5", "5")).toEqual([400, 200, 600, 600]);
    expect(boxTexts([400, 200, 600, 240], um)).toEqual(["0.100", "0.100", "0.150", "0.120"]);
  });

  it("is none where a field is no number, or nothing of the image is in it", () => {
    for (const wrong of ["", " ", "x", "0.1x", "-0.1"]) {
      for (const place of [0, 1, 2, 3]) {
        const texts = ["0.1", "0.1", "0.1", "0.1"];
        texts[place] = wrong;
        expect(box(...texts), texts.join()).toBeNull();
      }
    }
    expect(box("0.25", "0", "0.1", "0.1")).toBeNull();
    expect(box("0", "0", "0", "0.1")).toBeNull();
  });
});
