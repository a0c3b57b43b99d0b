// The large view of one place and its surroundings; the next ones are fetched ahead.

const LARGE_UM = 50;
const NEAR_UM = 150;
const WIDE_UM = 500;
const LARGE_PX = 640;
const AROUND_PX = 384;
const KEPT = 60;

const SIDES = [[LARGE_UM, LARGE_PX], [NEAR_UM, AROUND_PX], [WIDE_UM, AROUND_PX]];

export class Crops {
  constructor(source) {
    this.source = source;
    this.fetched = new Map();
  }

  fetchAhead(places) {
    for (const { x, y } of places) {
      for (const [um, px] of SIDES) this.#load(x, y, um, px).catch(() => {}); // said when it is shown
    }
  }

  // Resolves when all three can be painted, so that they change together.
  async loaded(x, y) {
    try {
      return await Promise.all(SIDES.map(([um, px]) => this.#load(x, y, um, px)));
    } catch {
      throw new Error("The picture of this place cannot be read from the slide.");
    }
  }

  // Address of a picture that can be painted at once.
  #load(x, y, um, px) {
    const key = `${x} ${y} ${um} ${px}`;
    let found = this.fetched.get(key);
    if (!found) {
      found = this.source.crop(x, y, um, px).then(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return image;
      });
      found.catch(() => this.fetched.delete(key));
      this.fetched.set(key, found);
      if (this.fetched.size > KEPT) this.fetched.delete(this.fetched.keys().next().value);
    }
    return found.then((image) => image.src);
  }
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
