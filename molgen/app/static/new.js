// The form of a new campaign, and its settings as YAML: each follows the other.
import { goals_of, typed } from "./goals.js";
import { again, is_changed, read, write } from "./kept.js";

const form = document.getElementById("draft");
const edited = document.getElementById("edited");
const fields = document.getElementById("fields");
const back = document.getElementById("back");
const how = document.getElementById("how");
const goals = document.getElementById("goals");
const objective = document.getElementById("objective");
const KEPT = "new campaign"; // what is typed survives loading again
const FORM = "What the form makes of it. Edit it, and the form follows.";
const UNKNOWN = ["settings that aren't checked yet"];
const HAND = "Edited by hand: this is what will run.";

// Settings by hand keep the form still until it is known that it can show all of them; its values are sent, and not lost.
function by_hand(is, beyond = UNKNOWN) {
  edited.checked = is;
  fields.inert = is && beyond.length > 0;
  back.hidden = !fields.inert;
  how.textContent = !is ? FORM : !beyond.length || beyond === UNKNOWN ? HAND : `${HAND} The form has no field for ${beyond.slice(0, 3).join(", ")}${beyond.length > 3 ? ` and ${beyond.length - 3} more` : ""}.`;
}

function recheck() {
  document.getElementById("checker").dispatchEvent(new CustomEvent("recheck"));
}

const keep = () => write(KEPT, typed(form));

const { show_goals, draw_all } = goals_of(form, {
  shown: keep,
  changed: (structure) => {
    if (structure) by_hand(false);
    try_again();
    recheck();
  },
});
objective.addEventListener("change", async () => {
  await show_goals();
  recheck();
});

// A check that fails says so; one that was lost on the way is made again.
const checker = document.getElementById("checker");
const state = () => JSON.stringify(typed(form).filter(([name]) => name !== "yaml" || edited.checked));
let [sent, answered, late] = ["", "", 0];
checker.addEventListener("htmx:configRequest", () => (sent = state()));
checker.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  if (xhr.status === 200) answered = sent;
  else if (xhr.status) document.getElementById("problem-yaml").textContent = `These settings couldn't be checked: ${new DOMParser().parseFromString(xhr.responseText, "text/html").body.textContent.trim()}`;
});
// An answer about the form that comes while the settings are being edited leaves these alone.
form.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (edited.checked && event.detail.target.id === "yaml-place") event.preventDefault();
});
form.addEventListener("input", () => {
  clearTimeout(late);
  late = setTimeout(() => state() !== answered && recheck(), 4000);
});

// Settings that were written by hand come back into the form.
document.getElementById("checked").addEventListener("htmx:afterSwap", () => {
  const found = document.getElementById("fill");
  if (!found || !edited.checked) return;
  const { fields: values, beyond } = JSON.parse(found.dataset.fill);
  const before = JSON.stringify([objective.value, form.elements.scoring.value]);
  fill(values);
  by_hand(true, beyond);
  if (JSON.stringify([objective.value, form.elements.scoring.value]) !== before) show_goals();
  keep();
});
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const part = form.elements[name];
    if (!part || name === "yaml") continue;
    if (part instanceof RadioNodeList || part.type === "radio") for (const each of form.querySelectorAll(`input[name="${name}"]`)) each.checked = each.value === value;
    else if (part.type === "checkbox") part.checked = value === part.value;
    else part.value = value;
  }
  show_sliders();
}

form.addEventListener(
  "input",
  (event) => {
    if (event.target.id === "yaml") by_hand(true);
    else if (event.target.closest("#fields")) by_hand(false); // the form counts again
    keep();
    try_again();
  },
  true, // before the form is checked
);
// What has been tried once follows the form, unless that takes long.
const preview = document.getElementById("preview");
let retry = 0;
function try_again() {
  clearTimeout(retry);
  const tried = preview.querySelector("[data-seconds]");
  if (!tried) return;
  preview.classList.add("stale");
  if (Number(tried.dataset.seconds) < 1) retry = setTimeout(() => document.getElementById("try").click(), 900);
}
preview.addEventListener("htmx:afterSwap", () => preview.classList.remove("stale"));

back.addEventListener("click", () => {
  by_hand(false);
  recheck();
});
form.addEventListener("submit", (event) => {
  setTimeout(() => event.submitter && (event.submitter.disabled = true)); // one campaign per press
});
for (const radio of form.querySelectorAll("input[name=strategy]")) radio.addEventListener("change", () => (document.getElementById("making").open = radio.value === "routes"));

window.addEventListener("pageshow", (event) => {
  for (const button of document.querySelectorAll("#draft .go button")) button.disabled = false;
  if (event.persisted) return; // a page that was kept has all its fields
  const kept = again ? (read(KEPT) ?? []) : [];
  if (kept.length) {
    const values = Object.fromEntries(kept);
    edited.checked = "edited" in values;
    fill(values);
    if (edited.checked) document.getElementById("yaml").value = values.yaml;
    by_hand(edited.checked);
    show_goals(values).then(recheck);
    return;
  }
  const early = [...form.elements].some((field) => field.matches("input, select, textarea") && is_changed(field));
  if (early && is_changed(document.getElementById("yaml"))) by_hand(true);
  if (goals.querySelector("[name=goal_of]")) draw_all();
  else show_goals();
  if (early) {
    // what was typed before this script heard it
    keep();
    show_sliders();
    recheck();
  }
});
function show_sliders() {
  for (const slider of form.querySelectorAll("output[for]")) slider.textContent = document.getElementById(slider.htmlFor.value).value;
}
for (const slider of form.querySelectorAll("#similarity, #liked_weight")) slider.addEventListener("input", show_sliders);
