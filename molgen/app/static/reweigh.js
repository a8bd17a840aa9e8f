// The goals of a campaign that is stopped: shown once they are asked for.
import { goals_of } from "./goals.js";

function begin() {
  const form = document.getElementById("reweigh");
  if (!form || form.dataset.begun || !form.querySelector("#goals")) return;
  form.dataset.begun = "yes";
  const { show_goals } = goals_of(form);
  const box = form.closest("details");
  const open = () => box.open && !form.querySelector("[name=goal_of]") && show_goals();
  box.addEventListener("toggle", open);
  open();
}
begin();
document.addEventListener("htmx:afterSwap", begin); // the campaign has stopped meanwhile
