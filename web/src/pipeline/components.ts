// Connected components of a mask.

export interface Components {
  /** 0 is the background; numbers in the order of the topmost, then leftmost pixel. */
  labels: Int32Array;
  /** Number of components, without the background. */
  count: number;
}

/** Label a mask, row by row; diagonal neighbours belong together with `diagonal`. */
export function components(
  mask: Uint8Array, width: number, height: number, diagonal: boolean,
): Components {
  const labels = new Int32Array(width * height);
  const parent: number[] = [0];
  const root = (of: number): number => {
    let at = of;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!mask[at]) continue;
      let label = 0;
      const meet = (other: number): void => {
        const found = labels[other];
        if (!found) return;
        const theirs = root(found);
        if (!label) label = theirs;
        else if (theirs !== label) {
          const [low, high] = theirs < label ? [theirs, label] : [label, theirs];
          parent[high] = low;
          label = low;
        }
      };
      if (x) meet(at - 1);
      if (y) {
        meet(at - width);
        if (diagonal && x) meet(at - width - 1);
        if (diagonal && x + 1 < width) meet(at - width + 1);
      }
      if (!label) {
        label = parent.length;
        parent.push(label);
      }
      labels[at] = label;
    }
  }
  return { labels, count: renumber(labels, root) };
}

function renumber(labels: Int32Array, root: (of: number) => number): number {
  const numbers = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i]) continue;
    const own = root(labels[i]);
    let number = numbers.get(own);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(own, number);
    }
    labels[i] = number;
  }
  return numbers.size;
}
