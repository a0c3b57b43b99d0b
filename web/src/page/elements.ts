// The elements of the page.

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

export const input = (id: string): HTMLInputElement => byId(id) as HTMLInputElement;

/** Show one of the page's views, and move the reader there. */
export function show(view: "start" | "opened" | "found"): void {
  for (const each of ["start", "opened", "found"]) byId(each).hidden = each !== view;
  byId("again").hidden = view === "start";
  byId("help-open").hidden = view !== "found";
  byId("main").focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Texts as a list. */
export function list(id: string, texts: readonly string[]): void {
  byId(id).replaceChildren(
    ...texts.map((text) => {
      const line = document.createElement("li");
      line.textContent = pretty(text);
      return line;
    }),
  );
}

/** Units as they are written in print. */
export const pretty = (text: string): string =>
  text.replaceAll("mm2", "mm²").replaceAll(/\bum\b/g, "µm");
