// The page of one slide under review.

import { alertText, server } from "./api.js";
import { Desk } from "./desk.js";
import { bindKeys } from "./keys.js";

const byId = (id) => document.getElementById(id);

async function start() {
  try {
    const [facts, state] = await Promise.all([server.facts(), server.state()]);
    document.title = `${facts.name} – review`;
    byId("title").textContent = facts.name;
    byId("reviewer").textContent = `Reader: ${facts.reviewer}`;
    const warnings = facts.warnings.join("; ").replaceAll("mm2", "mm²").replaceAll(" um ", " µm ");
    byId("warnings").textContent = warnings && `${warnings[0].toUpperCase()}${warnings.slice(1)}.`;
    byId("by-atypical").hidden = !facts.atypical;
    const desk = new Desk(facts, state, server);
    await desk.field.opened;
    bindKeys(desk);
    const asked = Number(new URLSearchParams(location.hash.slice(1)).get("candidate"));
    const first = desk.model.item({ candidate: asked }) ? asked : desk.model.unseenAfter(0, 1)[0] ?? desk.model.queue()[0];
    if (first) await desk.show({ candidate: first });
    else byId("what").textContent = facts.candidates.length ? "No candidate in the region" : "No candidate on this slide";
    desk.refresh();
    document.body.dataset.ready = "yes";
  } catch (error) {
    alertText(error.message);
  }
}

start();
