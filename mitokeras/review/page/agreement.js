// Every two readers of the slide, and each place that they see differently.

import { alertText, crop, element, get } from "./api.js";

const CROP_UM = 50;
const CROP_PX = 256;

const SCALE = [[0, "less than chance"], [0.21, "slight"], [0.41, "fair"], [0.61, "moderate"], [0.81, "substantial"], [Infinity, "almost perfect"]];

// Landis and Koch, 1977.
const wordFor = (kappa) => SCALE.find(([below]) => kappa < below)[1];

function facts(pair) {
  const list = element("dl");
  const add = (name, text) => list.append(element("dt", name), element("dd", text));
  const kappa = pair.kappa === null
    ? "not defined: too few verdicts, or all the same"
    : `${pair.kappa.toFixed(3)} (${wordFor(pair.kappa)}, by Landis and Koch)`;
  add("Cohen's kappa", kappa);
  add("Same verdict", `${pair.same} of ${pair.both_judged} candidates that both looked at`);
  add(pair.first, `${pair.first_judged} of ${pair.candidates} candidates looked at`);
  add(pair.second, `${pair.second_judged} of ${pair.candidates} candidates looked at`);
  add("Added by both", `${pair.added_by_both}; added figures are not in kappa`);
  return list;
}

function place(pair, one) {
  const item = element("li");
  const name = one.candidate === null ? "Added figure" : `Candidate ${one.candidate}`;
  const picture = element("img", "", { src: crop(one.x, one.y, CROP_UM, CROP_PX), alt: name, width: 160, height: 160, loading: "lazy" });
  const title = one.candidate === null ? element("b", name) : element("a", name, { href: `./#candidate=${one.candidate}` });
  item.append(picture, title, element("span", `${pair.first}: ${one.first}`), element("span", `${pair.second}: ${one.second}`));
  return item;
}

function section(pair) {
  const made = element("section");
  made.append(element("h2", `${pair.first} and ${pair.second}`), facts(pair));
  const { disagreements } = pair;
  made.append(element("h3", disagreements.length ? `Seen differently (${disagreements.length})` : "Nothing is seen differently."));
  const list = element("ul", "", { class: "gallery" });
  list.append(...disagreements.map((one) => place(pair, one)));
  made.append(list);
  return made;
}

async function start() {
  try {
    const { name, pairs, readers } = await get("agreements");
    document.getElementById("title").textContent = `Agreement: ${name}`;
    const main = document.getElementById("pairs");
    const none = `Two readers are needed. So far: ${readers.join(", ") || "none"}. Start a second with --reviewer NAME.`;
    main.replaceChildren(...(pairs.length ? pairs.map(section) : [element("p", none)]));
  } catch (error) {
    alertText(error.message);
  }
}

window.addEventListener("pageshow", start);
