// The slides of the folder, and how far each is.

import { alertText, element, get } from "./api.js";

function row(slide) {
  const made = element("tr");
  const name = element("th", "", { scope: "row", class: "text" });
  made.append(name);
  if (slide.trouble) {
    name.append(slide.name, element("small", slide.trouble, { class: "trouble" }));
    made.append(...Array.from({ length: 4 }, () => element("td", "–")), element("td"));
    return made;
  }
  name.append(element("a", slide.name, { href: `slide/${slide.number}/` }));
  const cell = element("td", "", { class: "text" });
  cell.append(element("progress", "", { max: Math.max(slide.candidates, 1), value: slide.seen, "aria-label": `${slide.name}: ${slide.seen} of ${slide.candidates} looked at` }));
  made.append(element("td", slide.figures), element("td", slide.candidates), element("td", slide.seen), element("td", slide.added), cell);
  return made;
}

async function start() {
  try {
    const { reviewer, slides } = await get("slides");
    document.getElementById("reviewer").textContent = `Reader: ${reviewer}`;
    document.getElementById("slides").replaceChildren(...slides.map(row));
  } catch (error) {
    alertText(error.message);
  }
}

window.addEventListener("pageshow", start);
