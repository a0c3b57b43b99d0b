// Asking the server; all addresses are relative to the page's, which holds the token.

export class Refused extends Error {}

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Refused("mitokeras does not answer. What was said up to here is kept; start `mitokeras review` again.");
  }
  const value = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Refused(value.error);
  return value;
}

export const get = (path) => answer(path, {});

const post = (path, value) =>
  answer(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  });

export const crop = (x, y, um, px) =>
  `crop/${Math.round(x * 100)}_${Math.round(y * 100)}_${um}_${px}.jpg`;

// Where a desk gets what it shows, and says what is said; all of it answers with a promise, but for
// the addresses of the whole slide's picture and of the tiles of the viewer.
export const server = {
  facts: () => get("facts"),
  state: () => get("state"),
  say: (request) => post("say", request),
  counts: (threshold) => get(threshold === null ? "counts" : `counts?threshold=${threshold}`),
  write: () => post("write", {}),
  // The address of a square about a place.
  crop: async (...place) => crop(...place),
  whole: async ({ image, levels, tile_px: tile }) => {
    const longest = Math.max(image.width_px, image.height_px);
    const level = Math.max(0, levels - Math.max(0, Math.ceil(Math.log2(longest / tile))));
    return `tile/${level}/0_0.jpg`;
  },
  // What OpenSeadragon needs of tiles beside their sizes.
  tiles: { getTileUrl: (level, x, y) => `tile/${level}/${x}_${y}.jpg` },
};

export function alertText(text) {
  const place = document.getElementById("alerts");
  place.replaceChildren();
  if (!text) return;
  const line = document.createElement("p");
  line.textContent = text;
  place.append(line);
}

export function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (text !== "") made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
