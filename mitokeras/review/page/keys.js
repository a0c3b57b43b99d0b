// Keys and buttons.

const byId = (id) => document.getElementById(id);

const KEYS = {
  m: "mitosis",
  n: "not mitosis",
  u: "unsure",
  a: "atypical",
  b: "back",
  arrowleft: "back",
  s: "skip",
  arrowright: "skip",
  z: "undo",
  h: "hide",
  f: "field",
  p: "put",
  r: "region",
  "?": "help",
};

export function bindKeys(desk) {
  const help = byId("help");
  const actions = {
    mitosis: () => desk.judge("mitosis"),
    "not mitosis": () => desk.judge("not mitosis"),
    unsure: () => desk.judge("unsure"),
    atypical: () => desk.atypical(),
    back: () => desk.busy || desk.back(),
    skip: () => desk.busy || desk.skip(),
    undo: () => desk.busy || desk.undo(),
    hide: () => desk.hide(),
    field: () => desk.field.focus(),
    put: () => desk.field.atCross(),
    region: () => desk.toggleRegion(),
    help: () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    // A key that is held must not judge what was never looked at, by a button neither.
    if (event.repeat && event.target.matches("[data-do]") && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
    }
    if (help.open || event.altKey || event.ctrlKey || event.metaKey) return;
    if (desk.field.corners && duringRegion(desk, event)) return;
    if (["SELECT", "INPUT"].includes(event.target.tagName)) return;
    const inField = byId("viewer").contains(event.target);
    if (inField && event.key.startsWith("Arrow")) return;
    const action = actions[KEYS[event.key.toLowerCase()]];
    if (!action) return;
    event.preventDefault();
    if (!event.repeat) action();
  });
  for (const button of document.querySelectorAll("[data-do]")) {
    // The second half of a double click would be about the next candidate.
    button.addEventListener("click", (event) => event.detail > 1 || actions[button.dataset.do]());
  }
  const on = (id, action) => byId(id).addEventListener("click", action);
  on("draw", actions.region);
  on("clear-region", () => desk.removeRegion());
  on("zoom-in", () => desk.field.zoom(1.6));
  on("zoom-out", () => desk.field.zoom(1 / 1.6));
  on("home", () => desk.field.home());
  on("write", () => desk.write());
  on("help-open", actions.help);
  on("help-close", () => help.close());
  byId("order").addEventListener("change", () => {
    desk.model.order = byId("order").value;
    const [next] = desk.model.unseenAfter(0, 1);
    if (next) desk.show({ candidate: next });
  });
  window.addEventListener("focus", () => desk.again());
}

function duringRegion(desk, event) {
  const actions = {
    Enter: () => desk.field.endRegion(true),
    Escape: () => desk.field.endRegion(false),
    Backspace: () => desk.field.dropCorner(),
  };
  const action = actions[event.key];
  if (!action || event.target.tagName === "BUTTON") return false;
  event.preventDefault();
  action();
  return true;
}
