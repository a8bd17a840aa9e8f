// All molecules: the server sorts, filters and searches; the page holds the rows that are in view, and those near them.
import { again, read, write } from "./kept.js";

const place = document.getElementById("table");
const view = document.getElementById("rows");
const body = document.getElementById("body");
const tools = document.getElementById("tools");
const row_of_heads = document.getElementById("heads");
const count = document.getElementById("count");
const wrong = document.getElementById("wrong");
const chosen = document.getElementById("chosen");
const clear = document.getElementById("clear");
const [ROW, PAGE, NEAR] = [69, 100, 6];
const decide = document.getElementById("decide")?.content; // where molecules are judged
const ofSelected = document.getElementById("of-selected");
const compare = document.getElementById("compare-selected");
const WORD = place.dataset.row; // what a molecule has a number of
const SIMILARITY = document.querySelector("#heads [data-similar]").dataset.column; // to the molecule that is asked for

let heads, texts; // what is at the head of the columns, and those that hold text
take_heads();
let columns = [];
let widened = ""; // by the columns of which answer
let edition = null;
let pages = new Map(); // number -> rows, or null while they are fetched
let total = 0;
let sort = { column: "score", down: true };
let asked = 0; // tells answers to the present question from late ones
let shown = "";
let slow = 0;
const selected = new Map(); // call -> SMILES
const KEPT = `table ${location.pathname}`; // how it is sorted, and what is selected, when the page is loaded again
let kept = again ? read(KEPT) : null;
if (kept) sort = kept.sort;
const keep = () => kept === null && write(KEPT, { edition, sort, rows: [...selected] });
const lines = new Map(); // place in the table -> its row in the page, or a gap while that is fetched
const [above, below] = [gap(), gap()];
body.append(above, below);

function question() {
  const given = new URLSearchParams({ sort: sort.column, down: sort.down ? "1" : "0" });
  for (const [name, value] of new FormData(tools)) {
    if (value && (name === "contains" || name === "similar" || name.startsWith("where."))) given.set(name, value);
  }
  return given;
}

async function fetchPage(number) {
  if (pages.has(number)) return;
  const mine = asked;
  pages.set(number, null);
  let answer = null;
  try {
    answer = await fetch(`${place.dataset.url}?${question()}&first=${number * PAGE}&count=${PAGE}`);
  } catch {
    answer = new Response("The page's server doesn't answer; once it does, load the page again.", { status: 503 });
  }
  if (mine !== asked) return;
  clearTimeout(slow);
  wrong.hidden = answer.ok;
  if (!answer.ok) {
    wrong.textContent = await answer.text();
    count.textContent = "";
    pages.delete(number);
    return;
  }
  const found = await answer.json();
  if (edition !== null && edition !== found.edition) clear.click(); // numbers mean other molecules
  edition = found.edition;
  const others = String(columns) !== String(found.columns);
  if (others) pages = new Map(); // of the columns that there were
  columns = found.columns;
  await widen();
  if (mine !== asked) return;
  const before = kept?.edition === edition ? kept.rows : [];
  kept = null;
  if (before.length) place.dispatchEvent(new CustomEvent("select", { detail: before }));
  total = found.total;
  pages.set(number, found.rows);
  const focus = focused();
  for (const [i, tr] of lines) {
    if (Math.floor(i / PAGE) !== number) continue;
    const row = rowAt(i);
    if (!row || tr.dataset.values !== values(row)) drop(i);
    else show(tr, row[columns.indexOf("judged")]);
  }
  count.textContent = total === found.all ? `${found.all.toLocaleString("en")} molecules` : `${total.toLocaleString("en")} of ${found.all.toLocaleString("en")} molecules`;
  shown = "";
  render();
  refocus(focus);
  if (others) scrolled();
}

function take_heads() {
  heads = [...row_of_heads.querySelectorAll("[data-column]")];
  texts = new Set(heads.filter((head) => head.classList.contains("text")).map((head) => head.dataset.column));
}

// Columns that have come since the page was loaded, as it would show them now; those that are there stay, with what is typed in them.
async function widen() {
  const there = heads.map((head) => head.dataset.column);
  if (columns.every((name) => there.includes(name)) || widened === String(columns)) return;
  widened = String(columns);
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) {
    widened = ""; // with the next answer
    return;
  }
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  const news = [...now.querySelectorAll("#heads [data-column]")];
  for (const [i, head] of news.entries()) {
    if (heads.some((each) => each.dataset.column === head.dataset.column)) continue;
    for (const id of ["heads", "wheres"]) {
      const [row, theirs] = [document.getElementById(id), now.getElementById(id).cells];
      row.insertBefore(document.importNode(theirs[i + 2], true), row.cells[i + 2] ?? null); // behind the boxes and the structures
    }
  }
  take_heads();
  for (const tr of [above, below]) tr.cells[0].colSpan = heads.length + 2;
}

// Rows are made anew where others take their places or their values change: who was in one, by its keys, is in it again.
const CONTROLS = "input, button";
function focused() {
  const tr = document.activeElement?.closest("#body tr[data-call]");
  return tr && { call: tr.dataset.call, at: [...tr.querySelectorAll(CONTROLS)].indexOf(document.activeElement) };
}
function refocus(before) {
  if (!before || focused()) return;
  const tr = body.querySelector(`tr[data-call="${before.call}"]`);
  (tr?.querySelectorAll(CONTROLS)[before.at] ?? view).focus({ preventScroll: true });
}

function ask({ keep = false } = {}) {
  asked += 1;
  pages = new Map();
  shown = "";
  if (!keep) {
    view.scrollTop = 0;
    for (const i of [...lines.keys()]) drop(i);
  }
  const first = Math.floor(view.scrollTop / ROW / PAGE);
  clearTimeout(slow);
  if (!keep) slow = setTimeout(() => (count.textContent = "searching …"), 250);
  for (const head of heads) {
    if (head.dataset.column === sort.column) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  fetchPage(first).then(scrolled); // what is in view may go on in the next page
}

function text(value) {
  if (value === null) return "–";
  if (typeof value !== "number") return value;
  return Number.isInteger(value) ? String(value) : Math.abs(value) >= 1000 && Math.abs(value) < 1e7 ? value.toFixed(0) : value.toPrecision(3);
}

// Whether a row's molecule is starred or rejected.
function show(tr, verdict) {
  tr.dataset.verdict = verdict ?? "";
  for (const button of tr.querySelectorAll("[data-judge]")) button.setAttribute("aria-pressed", button.dataset.judge === verdict);
}

function judging(number) {
  const td = document.createElement("td");
  td.append(decide.cloneNode(true));
  for (const button of td.querySelectorAll("button")) button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/\d+$/, number));
  return td;
}

function cell(row, column) {
  if (column === "judged") return judging(row[columns.indexOf("id")]);
  const td = document.createElement("td");
  const value = row[columns.indexOf(column)] ?? null;
  td.hidden = column === SIMILARITY && !tools.elements.similar.value.trim();
  td.textContent = column === "score" && value !== null ? value.toFixed(3) : text(value);
  if (texts.has(column)) {
    td.className = "text";
    td.title = value ?? "";
  }
  return td;
}

// All that a row shows but for what was judged, which has other values once a campaign is scored anew.
function values(row) {
  return JSON.stringify(columns.map((name, i) => (name === "judged" ? name : [name, row[i]])));
}

function line(row) {
  const tr = document.createElement("tr");
  const number = row[columns.indexOf("id")];
  tr.dataset.call = number;
  tr.dataset.values = values(row);
  const smiles = (tr.dataset.smiles = row[columns.indexOf("smiles")] ?? "");
  const pick = tr.insertCell();
  pick.className = "pick";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.dataset.pick = number;
  box.checked = selected.has(number);
  box.setAttribute("aria-label", `Select the molecule of ${WORD} ${number}`);
  pick.append(box);
  tr.classList.toggle("chosen", box.checked);
  const drawn = tr.insertCell();
  drawn.className = "drawn";
  const button = document.createElement("button");
  button.className = "open";
  button.dataset.molecule = number;
  button.setAttribute("aria-label", `Molecule of ${WORD} ${number}`);
  const tile = document.createElement("span");
  tile.className = "tile";
  if (smiles) {
    const image = document.createElement("img");
    image.width = 88;
    image.height = 60;
    image.alt = "";
    image.decoding = "async";
    image.src = `/molecule.svg?smiles=${encodeURIComponent(smiles)}&width=176&height=120`;
    tile.append(image);
  } else Object.assign(tile, { className: "none", textContent: "–" });
  button.append(tile);
  drawn.append(button);
  for (const head of heads) tr.append(cell(row, head.dataset.column));
  show(tr, row[columns.indexOf("judged")]);
  return tr;
}

function gap() {
  const tr = document.createElement("tr");
  tr.className = "gap";
  tr.setAttribute("aria-hidden", "true");
  tr.insertCell().colSpan = heads.length + 2;
  return tr;
}

function stretch(tr, rows) {
  tr.cells[0].style.height = `${rows * ROW}px`;
}

function rowAt(i) {
  return pages.get(Math.floor(i / PAGE))?.[i % PAGE];
}

function drop(i) {
  lines.get(i).remove();
  lines.delete(i);
}

// Only rows that come into view are made, and only those that leave it are removed: the others stay as they are.
function render() {
  const first = Math.max(0, Math.min(total, Math.floor(view.scrollTop / ROW) - NEAR));
  const last = Math.min(total, Math.ceil((view.scrollTop + view.clientHeight) / ROW) + NEAR);
  if (`${first}-${last}` === shown) return;
  shown = `${first}-${last}`;
  const focus = focused();
  for (const i of [...lines.keys()]) if (i < first || i >= last) drop(i);
  let next = below;
  for (let i = last - 1; i >= first; i -= 1) {
    const row = rowAt(i);
    if (row && lines.get(i)?.className === "gap") drop(i);
    if (!lines.has(i)) {
      const tr = row ? line(row) : gap();
      if (!row) stretch(tr, 1);
      body.insertBefore(tr, next);
      lines.set(i, tr);
    }
    next = lines.get(i);
  }
  stretch(above, first);
  stretch(below, total - last);
  refocus(focus);
}

let waiting = 0;
function scrolled() {
  requestAnimationFrame(render);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const [first, last] = [view.scrollTop / ROW - NEAR, (view.scrollTop + view.clientHeight) / ROW + NEAR];
    for (let page = Math.max(0, Math.floor(first / PAGE)); page <= Math.floor(Math.min(last, total - 1) / PAGE); page += 1) fetchPage(page);
  }, 60);
}

function choose() {
  keep();
  chosen.textContent = selected.size ? `${selected.size.toLocaleString("en")} selected` : "all shown";
  clear.hidden = !selected.size;
  document.dispatchEvent(new CustomEvent("selected", { detail: [...selected.keys()] }));
  compare.hidden = selected.size < 2 || selected.size > 6;
  ofSelected.hidden = !selected.size || [...ofSelected.children].every((each) => each.hidden);
}

let typing = 0;
let compared = "";
function typed() {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const similar = tools.elements.similar.value.trim();
    if (similar && similar !== compared) sort = { column: SIMILARITY, down: true };
    else if (!similar && sort.column === SIMILARITY) sort = { column: "score", down: true };
    compared = similar;
    for (const part of document.querySelectorAll("#table [data-similar]")) part.hidden = !similar;
    ask();
  }, 350);
}

view.addEventListener("scroll", scrolled, { passive: true });
new ResizeObserver(scrolled).observe(view);
for (const part of [tools, document.getElementById("wheres")]) {
  part.addEventListener("input", typed);
  part.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); // which would export
  });
}
tools.addEventListener("submit", () => {
  tools.elements.selected.value = [...selected.keys()].join(" ");
  tools.elements.sort.value = sort.column;
  tools.elements.down.value = sort.down ? "1" : "0";
});
row_of_heads.addEventListener("click", (event) => {
  const column = event.target.closest("button")?.parentElement.dataset.column;
  if (!column) return;
  sort = { column, down: sort.column === column ? !sort.down : !texts.has(column) };
  keep();
  ask();
});
body.addEventListener("change", (event) => {
  const number = Number(event.target.dataset.pick);
  if (event.target.checked) selected.set(number, event.target.closest("tr").dataset.smiles);
  else selected.delete(number);
  event.target.closest("tr").classList.toggle("chosen", event.target.checked);
  choose();
});

place.addEventListener("select", ({ detail }) => {
  if (!Array.isArray(detail)) return; // text that is selected in a field
  for (const [number, smiles] of detail) selected.set(number, smiles);
  for (const box of body.querySelectorAll("[data-pick]")) {
    box.checked = selected.has(Number(box.dataset.pick));
    box.closest("tr").classList.toggle("chosen", box.checked);
  }
  choose();
});

clear.addEventListener("click", () => {
  selected.clear();
  for (const box of body.querySelectorAll(":checked")) {
    box.checked = false;
    box.closest("tr").classList.remove("chosen");
  }
  choose();
});

ofSelected.addEventListener("click", (event) => {
  const [action, rows] = [event.target.dataset.judgeSelected, [...selected]];
  if (action) document.dispatchEvent(new CustomEvent("judge-selected", { detail: { action, rows } }));
});
compare.addEventListener("click", () => document.dispatchEvent(new CustomEvent("compare-selected", { detail: [...selected] })));

let late = 0;
place.addEventListener("changed", () => {
  if (late) return;
  late = setTimeout(() => {
    late = 0;
    ask({ keep: true });
  }, 2000);
});
place.addEventListener("judged", () => ask({ keep: true }));
choose();
ask();
