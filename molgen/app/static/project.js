// A project: what changes on the server, a file that is sent, what is said of a proposal, and which fields belong to a source.
const project = document.getElementById("project");
const said = document.getElementById("said");
const name = project.dataset.name;

function swap(url, id) {
  const part = document.getElementById(id);
  htmx.ajax("GET", url, { source: part, target: part, swap: "innerHTML" }); // a source has one request at a time, and the last that waits
}
const factsIn = (stamp) => stamp.split(" ")[0];
let known = project.dataset.stamp;

// live.js has put the new stamp there; the forms are left as they are.
project.addEventListener("changed", (event) => {
  const { stamp } = event.detail;
  const [before, facts] = [known, factsIn(stamp)];
  known = stamp;
  swap(`/project/job/${name}`, "job");
  swap(`/project/waiting/${name}`, "waiting");
  if (facts === factsIn(before)) return;
  const chosen = new URLSearchParams(location.search).get("round");
  swap(`/project/facts/${name}`, "stands");
  swap(`/project/round/${chosen ?? 0}/${name}`, "proposed");
  swap(`/project/history/${name}`, "history");
});

// A file of results
const send = document.getElementById("send");
const file = document.getElementById("file");
const problem = document.getElementById("problem-file");
send.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [chosen] = file.files;
  problem.textContent = "";
  if (!chosen) {
    problem.textContent = "Choose a file first.";
    return;
  }
  if (chosen.size > Number(send.dataset.limit)) {
    problem.textContent = `${chosen.name} has ${(chosen.size / 1e6).toFixed(1)} MB, more than this page takes. Take it in with molgen observe in a terminal, or start molgen app with a larger app.body.`;
    return;
  }
  const button = send.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(`${send.dataset.url}?file=${encodeURIComponent(chosen.name)}`, { method: "POST", body: await chosen.arrayBuffer() });
    if (answer.ok) {
      location.assign((await answer.json()).url);
      return;
    }
    problem.textContent = await answer.text();
  } catch {
    problem.textContent = "The file couldn't be sent: the page's server doesn't answer, or the file has changed since it was chosen. Choose it again.";
  }
  button.disabled = false;
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("#send button, #begin")) button.disabled = false;
});

// What is said of a proposal
const saying = document.getElementById("saying");
const why = document.getElementById("why");
const by = document.getElementById("by");
const wrong = document.getElementById("problem-saying");
let about = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (event.target === saying) saying.close(); // beside it
  if (button?.dataset.why) {
    why.value = button.dataset.why;
    why.focus();
  }
  if (!button?.dataset.say) return;
  about = { kind: button.dataset.say, id: button.dataset.id };
  const out = about.kind === "crossed out";
  document.getElementById("saying-title").textContent = out ? `Cross out ${about.id}` : `${about.id} wasn't made`;
  document.getElementById("saying-note").textContent = out
    ? "It is never proposed again. This is kept as a fact, and can't be taken back."
    : "It is never proposed again, and counts for no measurement. This is kept as a fact; a value that is measured later counts all the same.";
  document.getElementById("chips-made").hidden = out;
  document.getElementById("chips-out").hidden = !out;
  [why.value, wrong.textContent, by.value] = ["", "", localStorage.getItem("judging as") ?? ""];
  saying.showModal();
  why.focus();
});
document.getElementById("saying-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button.main");
  button.disabled = true;
  localStorage.setItem("judging as", by.value.trim());
  try {
    const answer = await fetch(form.dataset.url, { method: "POST", body: new URLSearchParams({ ...about, reason: why.value, who: by.value }) });
    const text = await answer.text();
    if (answer.ok) {
      saying.close();
      said.textContent = text;
    } else wrong.textContent = text;
  } catch {
    wrong.textContent = "The page's server doesn't answer; nothing was recorded.";
  }
  button.disabled = false;
});

// Fields that go with where candidates come from
const asks = document.getElementById("asks");
function fields() {
  const source = asks.elements.from.value;
  for (const field of asks.querySelectorAll("[data-of]")) field.hidden = field.dataset.of !== "" && !field.dataset.of.split(" ").includes(source);
}
asks.addEventListener("change", fields);
asks.addEventListener("submit", () => setTimeout(() => (document.getElementById("begin").disabled = true))); // one round per press
window.addEventListener("pageshow", fields);
fields();
