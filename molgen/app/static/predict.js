// One molecule predicted as it is typed, and a table of molecules.
import { ask } from "./ask.js";
import { again, read, write } from "./kept.js";
import { Sketchpad } from "./sketchpad.js";

const by = (id) => document.getElementById(id);
const [predictor, target, smiles, live, pin, file, pasted] = ["predictor", "target", "smiles", "live", "pin", "file", "pasted"].map(by);
const [PAUSE, AGAIN] = [150, 700]; // ms: after the last letter, and while a predictor is loaded
const LARGEST = 2_000_000; // bytes, as the server takes
let reference = "";
let shown = null; // the SMILES that the values are of
let wanted = 0; // tells the present question from those before
let busy = false;
let timer = 0;

const takes_target = () => "target" in predictor.selectedOptions[0].dataset;
const asked = () => ({ predictor: predictor.value, target: takes_target() ? target.value : "" });

function tell(words, state) {
  by("state").textContent = words;
  by("state").className = `state ${state}`;
}

// One question is under way at a time; what was typed meanwhile is asked after it, and an answer that is late isn't shown.
async function predict_one() {
  if (busy) return;
  const mine = wanted;
  const question = { ...asked(), smiles: smiles.value.trim(), reference };
  busy = true;
  const answer = await ask("/predict/live", question);
  busy = false;
  if (mine !== wanted) {
    predict_one();
  } else if (answer.loading) {
    tell("loading the predictor, which takes some seconds", "running");
    timer = setTimeout(predict_one, AGAIN);
  } else if (answer.problem) {
    by("smiles-problem").textContent = answer.problem;
    live.classList.toggle("old", shown !== null);
    pin.disabled = true;
    tell_loaded();
  } else {
    by("smiles-problem").textContent = "";
    live.classList.remove("old");
    const view = live.querySelector(".scroller");
    const [left, focused] = [view?.scrollLeft ?? 0, document.activeElement?.dataset?.explain];
    live.innerHTML = answer.html;
    live.querySelector(".scroller").scrollLeft = left;
    if (focused) live.querySelector(`[data-explain="${focused}"]`)?.focus();
    shown = question.smiles;
    pin.disabled = false;
    tell("loaded", "finished");
  }
}

async function tell_loaded() {
  const answer = await ask("/predict/load", asked());
  if (answer.problem) tell(answer.problem, "failed");
  else tell(answer.loading ? "loading the predictor" : "loaded", answer.loading ? "running" : "finished");
}

function soon(event) {
  wanted += 1;
  clearTimeout(timer);
  timer = setTimeout(predict_one, event?.detail?.drawn ? 0 : PAUSE);
}

function begin_anew() {
  by("target-field").hidden = !takes_target();
  const card = predictor.selectedOptions[0].dataset.card;
  by("card").hidden = !card;
  if (card) by("card").href = card;
  live.innerHTML = '<p class="note">Values appear here, and follow what you type.</p>';
  live.classList.remove("old");
  shown = null;
  pin.disabled = true;
  soon();
}

function pin_down(text) {
  reference = text;
  by("pinned").hidden = by("unpin").hidden = !text;
  if (text) {
    by("pinned-picture").src = `/molecule.svg?smiles=${encodeURIComponent(text)}&width=300&height=210`;
    by("pinned-picture").alt = text;
  }
  by("pinned-smiles").textContent = text;
  soon();
}

smiles.addEventListener("input", soon);
target.addEventListener("input", soon);
predictor.addEventListener("change", begin_anew);
pin.addEventListener("click", () => pin_down(shown));
by("unpin").addEventListener("click", () => pin_down(""));

// Drawn: the text follows the drawing, and the drawing what is typed.
const pad = new Sketchpad(by("sketchpad"), (answer) => {
  by("sketch-note").textContent = answer.note ?? "";
  if (answer.problem && !by("smiles-problem").textContent) by("smiles-problem").textContent = answer.problem;
  if (answer.text === undefined) return;
  smiles.value = answer.text;
  smiles.dispatchEvent(new CustomEvent("input", { detail: { drawn: true } }));
});
let following = 0;
by("draw").addEventListener("click", () => {
  const opened = by("sketch").hidden;
  by("sketch").hidden = !opened;
  by("draw").setAttribute("aria-expanded", opened);
  by("draw").textContent = opened ? "Close" : "Draw";
  smiles.closest(".live").classList.toggle("drawing", opened);
  if (opened) pad.show(smiles.value.trim(), "smiles");
});
smiles.addEventListener("input", (event) => {
  clearTimeout(following);
  if (by("sketch").hidden || event.detail?.drawn) return;
  pad.outdate();
  following = setTimeout(() => pad.show(smiles.value.trim(), "smiles"), 2 * PAUSE);
});

const explanation = by("explanation");
live.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-explain]");
  if (!button) return;
  button.disabled = true;
  const answer = await ask("/predict/explain", { ...asked(), smiles: shown, endpoint: button.dataset.explain });
  button.disabled = false;
  if (answer.html) by("explanation-content").innerHTML = answer.html;
  else by("explanation-content").textContent = answer.problem ?? "The predictor is being loaded; try again.";
  explanation.showModal();
});
explanation.addEventListener("click", (event) => {
  if (event.target === explanation || event.target.closest(".close")) explanation.close();
});

// A table. Whatever is dropped on its form is the file: a browser would go to it, and leave the page.
const [form, drop] = [by("many-form"), by("drop")];
const KEPT = "predicted table"; // the key of the last, which the server keeps for a while
let under_way = null; // stops it
for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return; // text is dropped into a field
    event.preventDefault();
    drop.classList.add("over");
  });
}
form.addEventListener("dragleave", () => drop.classList.remove("over"));
form.addEventListener("drop", (event) => {
  drop.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  file.files = event.dataTransfer.files;
});

function follow(message) {
  if (message.loading) by("progress").textContent = "Loading the predictor …";
  else if (message.problem) by("many-problem").textContent = message.problem;
  else if (message.html) {
    by("many-result").innerHTML = message.html;
    write(KEPT, message.key);
  }
  else by("progress").textContent = `Predicting, ${message.done} of ${message.of} done`;
}

async function predict_many() {
  const chosen = file.files[0];
  const body = chosen ?? new Blob([pasted.value]);
  if (body.size > LARGEST) {
    by("many-problem").textContent = `This is more than 2 MB; in a terminal there is no limit: molgen predict ${chosen?.name ?? "FILE"}`;
    return;
  }
  const query = new URLSearchParams({ ...asked(), column: by("column").value });
  if (chosen) query.set("name", chosen.name);
  const answer = await fetch(`/predict/table?${query}`, { method: "POST", body, signal: under_way.signal });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) follow(JSON.parse(line));
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  under_way = new AbortController();
  by("predict").disabled = true;
  by("stop").hidden = false;
  by("many-problem").textContent = "";
  by("progress").textContent = "Reading …";
  try {
    await predict_many();
  } catch (error) {
    by("many-problem").textContent = error.name === "AbortError" ? "Stopped; nothing of it is kept." : `That didn't work: ${error.message}`;
  }
  const stopped = under_way.signal.aborted;
  under_way = null;
  by("progress").textContent = "";
  by("stop").hidden = true;
  by("predict").disabled = false;
  if (stopped) by("predict").focus();
});
by("stop").addEventListener("click", () => under_way.abort());
window.addEventListener("beforeunload", (event) => under_way && event.preventDefault()); // it would be lost
begin_anew();
if (again && read(KEPT)) {
  const answer = await fetch(`/predict/table/${read(KEPT)}`).catch(() => null);
  if (answer?.ok) follow(await answer.json());
}
