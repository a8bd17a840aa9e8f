// The form of a new campaign: once its settings have been edited by hand, these are what counts.
const edited = document.getElementById("edited");
const fields = document.getElementById("fields");
const back = document.getElementById("back");
const how = document.getElementById("how");
const similarity = document.getElementById("similarity");

function by_hand(is) {
  edited.checked = is;
  fields.disabled = is;
  back.hidden = !is;
  how.textContent = is ? "Edited by hand: this is what will run." : "What the form makes of it; edit it, and this is what will run.";
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
  document.getElementById("checker").dispatchEvent(new CustomEvent("recheck"));
});
document.getElementById("draft").addEventListener("submit", (event) => {
  setTimeout(() => event.submitter && (event.submitter.disabled = true)); // one campaign per press
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("#draft .go button")) button.disabled = false;
});
similarity.addEventListener("input", () => {
  document.getElementById("similarity-shown").textContent = similarity.value;
});
