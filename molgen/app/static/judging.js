// What a chemist says of molecules: stars, rejections with a reason, preferences, and which are put beside each other.
const place = document.getElementById("judging");
const section = document.getElementById("judgements"); // not on the page that compares
const best = document.getElementById("best");
const table = document.getElementById("table");
const said = document.getElementById("said");
const [toast, toastText, undo] = ["toast", "toast-text", "toast-undo"].map((id) => document.getElementById(id));
const [tray, pictures, count, go] = ["tray", "tray-pictures", "tray-count", "tray-go"].map((id) => document.getElementById(id));
const rejecting = document.getElementById("rejecting");
const reason = document.getElementById("reason");
const MOST = 6; // side by side
const KEPT = `compare ${place.dataset.runName}`;

// What the browser remembers
const compared = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")); // call -> SMILES
const who = () => localStorage.getItem("judging as") ?? "";

let gone = 0;
function tell(text, takeBack = null) {
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = text));
  toastText.textContent = text;
  undo.hidden = takeBack === null;
  undo.onclick = takeBack;
  const top = document.querySelector("dialog[open]") ?? place; // what is above all else
  top.append(toast);
  toast.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => (toast.hidden = true), 8000);
}

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

async function refreshSection() {
  if (!section) return;
  const within = section.contains(document.activeElement);
  const weight = document.getElementById("weight");
  await htmx.ajax("GET", `${section.dataset.url}${weight ? `?weight=${weight.value}` : ""}`, { target: section, swap: "innerHTML" });
  fill();
  if (within) document.getElementById("judged-title").focus();
}

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

// Side by side
function toggle(call, smiles) {
  if (!compared.delete(call)) {
    if (compared.size === MOST) {
      tell(`At most ${MOST} molecules are compared.`);
      return;
    }
    compared.set(call, smiles);
  }
  show();
}

function show() {
  sessionStorage.setItem(KEPT, JSON.stringify([...compared]));
  tray.hidden = !compared.size || !section;
  document.body.classList.toggle("with-tray", !tray.hidden);
  count.textContent = compared.size === 1 ? "1 molecule; choose another beside it" : `${compared.size} molecules`;
  go.href = `${place.dataset.compare}?calls=${[...compared.keys()].join(",")}`;
  go.toggleAttribute("aria-disabled", compared.size < 2);
  pictures.replaceChildren(
    ...[...compared].map(([call, smiles]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "tile";
      button.setAttribute("aria-label", `Compare no longer: the molecule of call ${call}`);
      const image = document.createElement("img");
      [image.width, image.height, image.alt] = [60, 42, ""];
      image.src = `/molecule.svg?smiles=${encodeURIComponent(smiles)}&width=120&height=84`;
      button.append(image);
      button.addEventListener("click", () => toggle(call, smiles));
      return button;
    }),
  );
  for (const button of document.querySelectorAll("[data-compare][aria-pressed]")) {
    button.setAttribute("aria-pressed", compared.has(button.closest("[data-call]")?.dataset.call));
  }
}
go.addEventListener("click", (event) => {
  if (compared.size < 2) event.preventDefault();
});
document.getElementById("tray-clear").addEventListener("click", () => {
  compared.clear();
  show();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const part = button.closest("[data-call]");
  if (button.dataset.judge && part) press(button.dataset.judge, part.dataset.call);
  else if ("compare" in button.dataset && part) toggle(part.dataset.call, part.dataset.smiles);
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
  const action = { s: "star", x: "reject", c: "compare" }[event.key];
  if (!part || !action || rejecting.open) return;
  event.preventDefault();
  if (action !== "compare") press(action, part.dataset.call);
  else if (section) toggle(part.dataset.call, part.dataset.smiles);
});

// Other pages may have judged meanwhile, and a campaign that runs brings new cards.
section?.addEventListener("changed", (event) => {
  const judged = event.detail.stamp.split(" ")[2];
  if (judged === section.dataset.judged) return;
  section.dataset.judged = judged;
  refresh();
});
best.addEventListener("htmx:afterSwap", show);
document.getElementById("molecule-content").addEventListener("htmx:afterSwap", show);

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
  else if (action === "star") judge("star", rows.map(([call]) => call));
  else {
    for (const [call, smiles] of rows.slice(0, MOST)) compared.set(String(call), smiles);
    show();
    if (compared.size > 1 && compared.size <= MOST) location.assign(go.href);
  }
});
if (section) section.dataset.judged = section.dataset.stamp.split(" ")[2];
fill();
show();
