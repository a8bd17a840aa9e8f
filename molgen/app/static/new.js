// The form of a new campaign: once its settings have been edited by hand, these are what counts.
const edited = document.getElementById("edited");
const fields = document.getElementById("fields");
const back = document.getElementById("back");
const how = document.getElementById("how");
const sliders = document.querySelectorAll("#draft input[type=range]");

function by_hand(is) {
  edited.checked = is;
  fields.inert = is; // its values are still sent, and not lost
  back.hidden = !is;
  how.textContent = is ? "Edited by hand: this is what will run." : "What the form makes of it; edit it, and this is what will run.";
}

function recheck() {
  document.getElementById("checker").dispatchEvent(new CustomEvent("recheck"));
}

document.getElementById("draft").addEventListener(
  "input",
  (event) => {
    if (event.target.id === "yaml") by_hand(true);
  },
  true, // before the form is checked
);
back.addEventListener("click", () => {
  by_hand(false);
  recheck();
});
document.getElementById("draft").addEventListener("submit", (event) => {
  setTimeout(() => event.submitter && (event.submitter.disabled = true)); // one campaign per press
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("#draft .go button")) button.disabled = false;
  if (performance.getEntriesByType("navigation")[0].type === "navigate") return;
  by_hand(edited.checked); // a browser that goes back, or loads again, fills in what was there
  show_sliders();
  recheck();
});
function show_sliders() {
  for (const slider of sliders) document.getElementById(`${slider.id}-shown`).textContent = slider.value;
}
for (const slider of sliders) slider.addEventListener("input", show_sliders);
