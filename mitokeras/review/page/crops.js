// The large view of one place and its surroundings; the next ones are fetched ahead.

import { crop } from "./api.js";

const LARGE_UM = 50;
const NEAR_UM = 150;
const WIDE_UM = 500;
const LARGE_PX = 640;
const AROUND_PX = 384;
const KEPT = 60;

const addresses = (x, y) => [
  crop(x, y, LARGE_UM, LARGE_PX),
  crop(x, y, NEAR_UM, AROUND_PX),
  crop(x, y, WIDE_UM, AROUND_PX),
];

const fetched = new Map();

function load(address) {
  let image = fetched.get(address);
  if (!image) {
    image = new Image();
    image.src = address;
    fetched.set(address, image);
    if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value);
  }
  return image;
}

export function fetchAhead(places) {
  for (const { x, y } of places) addresses(x, y).forEach(load);
}

// Resolves when all three can be painted, so that they change together.
export async function loaded(x, y) {
  const wanted = addresses(x, y);
  await Promise.all(
    wanted.map(async (address) => {
      try {
        await load(address).decode();
      } catch {
        fetched.delete(address);
        throw new Error("The picture of this place cannot be read from the slide.");
      }
    }),
  );
  return wanted;
}

export function paint([large, near, wide], what) {
  show("large", large, `${what}, ${LARGE_UM} µm wide`);
  show("near", near, `Surroundings, ${NEAR_UM} µm wide`);
  show("wide", wide, `Surroundings, ${WIDE_UM} µm wide`);
}

function show(id, address, text) {
  const image = document.getElementById(id);
  image.src = address;
  image.alt = text;
}
