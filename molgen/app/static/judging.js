// What a chemist says of molecules: stars, rejections with a reason, preferences.
import { tell } from "./toast.js";

const place = document.getElementById("judging");
const section = document.getElementById("judgements"); // not on the page that compares
const best = document.getElementById("best");
const table = document.getElementById("table");
const rejecting = document.getElementById("rejecting");
const reason = document.getElementById("reason");

// What the browser remembers
const who = () => localStorage.getItem("judging as") ?? "";

function mark(call, verdict) {
  for (const part of document.querySelectorAll(`[data-call="${call}"]`)) {
    part.dataset.verdict = verdict;
    for (const button of part.querySelectorAll("[data-judge]")) button.setAttribute("aria-pressed", button.dataset.judge === verdict);
  }
}

async function judge(action, calls, more = {}) {
  let answer = null;
  try {
    answer = await fetch(place.dataset.url, { method: "POST", body: new URLSearchParams({ action, calls: calls.join(" "), who: who(), ...more }) });
  } catch {
    answer = new Response("The page's server doesn't answer; nothing was kept.", { status: 503 });
  }
  if (!answer.ok) {
    tell(await answer.text());
    return false;
  }
  const found = await answer.json();
  for (const [call, verdict] of Object.entries(found.verdicts)) mark(call, verdict);
  tell(found.said, action === "star" || action === "reject" ? () => judge("withdraw", calls) : null);
  refresh();
  return true;
}

function refreshSection() {
  if (!section) return;
  const weight = document.getElementById("weight");
  htmx.ajax("GET", `${section.dataset.url}${weight ? `?weight=${weight.value}` : ""}`, { source: section, target: section, swap: "innerHTML" });
}
let within = null; // what has the focus in it
section?.addEventListener("htmx:beforeSwap", (event) => {
  within = event.detail.target === section && section.contains(document.activeElement) ? document.activeElement.id : null;
});
section?.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== section) return; // the effect of a weight alone
  fill();
  if (within !== null) (document.getElementById(within) ?? document.getElementById("judged-title")).focus();
});

function refresh() {
  if (section) best.dispatchEvent(new CustomEvent("changed"));
  refreshSection();
  for (const part of [table, document.getElementById("map")]) part?.dispatchEvent(new CustomEvent("judged"));
}

// One judgement at a time
function press(action, call) {
  const part = document.querySelector(`[data-call="${call}"]`);
  if (part.dataset.verdict === action) judge("withdraw", [call]);
  else if (action === "reject") ask([call]);
  else judge(action, [call]);
}

let asked = [];
function ask(calls) {
  asked = calls;
  document.getElementById("rejecting-title").textContent = calls.length === 1 ? `Reject the molecule of call ${calls[0]}` : `Reject ${calls.length} molecules`;
  reason.value = "";
  rejecting.showModal();
  reason.focus();
}

document.getElementById("rejecting-cancel").addEventListener("click", () => rejecting.close());
rejecting.addEventListener("click", (event) => {
  if (event.target === rejecting) rejecting.close(); // beside it
  if (event.target.dataset.reason) {
    reason.value = event.target.dataset.reason;
    reason.focus();
  }
});
document.getElementById("rejecting-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!reason.value.trim()) return;
  rejecting.close();
  judge("reject", asked, { reason: reason.value });
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const part = button.closest("[data-call]");
  if (button.dataset.judge && part) press(button.dataset.judge, part.dataset.call);
  else if (button.dataset.withdraw) {
    if (await judge("withdraw", [], { fact: button.dataset.withdraw })) if (!section) location.reload();
  } else if (button.dataset.prefer) {
    const others = [...document.querySelectorAll("[data-prefer]")].map((each) => each.dataset.prefer).filter((call) => call !== button.dataset.prefer);
    if (!(await judge("prefer", [button.dataset.prefer, ...others]))) return;
    for (const each of document.querySelectorAll("[data-prefer]")) each.setAttribute("aria-pressed", each === button);
  }
});

// Keys count where a molecule has the focus, and nowhere else.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const part = event.target.closest("[data-call]") ?? (event.target.closest("#molecule") && document.querySelector("#molecule [data-call]"));
  const action = { s: "star", x: "reject" }[event.key];
  if (!part || !action || rejecting.open) return;
  event.preventDefault();
  press(action, part.dataset.call);
});

// Other pages may have judged meanwhile, a campaign that runs brings new cards, and one that has ended can be resumed and learn.
const stands = (stamp) => stamp.split(" ").slice(1).join(" "); // its state, what was judged, and by which objective all is scored
section?.addEventListener("changed", (event) => {
  const judged = stands(event.detail.stamp);
  if (judged === section.dataset.judged) return;
  section.dataset.judged = judged;
  refresh();
});

function fill() {
  const field = document.getElementById("who");
  if (field) field.value = who();
}
document.addEventListener("input", (event) => {
  if (event.target.id === "who") localStorage.setItem("judging as", event.target.value.trim());
  if (event.target.id === "weight") document.getElementById("weight-shown").textContent = Number(event.target.value).toFixed(1);
});
document.addEventListener("judge-selected", (event) => {
  const { action, rows } = event.detail; // of the table: [call, SMILES]
  if (action === "reject") ask(rows.map(([call]) => call));
  else judge("star", rows.map(([call]) => call));
});
if (section) section.dataset.judged = stands(section.dataset.stamp);
fill();
