// What changes on the server reaches every [data-run] and [data-runs] of the page as an event `changed` or `runs`.
const link = document.getElementById("link");
const said = document.getElementById("said");
let source = null;

const gone = document.getElementById("gone");

function show(state, words) {
  link.dataset.link = state;
  if (state === "live") gone.hidden = true;
  link.querySelector("span").textContent = words;
}

function tell(run) {
  const { stamp } = run;
  for (const part of document.querySelectorAll("[data-run]")) {
    if (part.dataset.run !== run.run || part.dataset.stamp === stamp) continue;
    const state = part.dataset.stamp.split(" ")[1];
    if (state !== run.state) said.textContent = `${run.run} is ${run.state}`;
    part.dataset.stamp = stamp;
    part.dispatchEvent(new CustomEvent("changed", { detail: run }));
  }
}

function open() {
  source = new EventSource("/events");
  source.addEventListener("open", () => show("live", "live"));
  source.addEventListener("error", () => show("lost", "not connected"));
  source.addEventListener("run", (event) => tell(JSON.parse(event.data)));
  source.addEventListener("runs", () => {
    for (const part of document.querySelectorAll("[data-runs]")) part.dispatchEvent(new CustomEvent("runs"));
  });
}

// A browser keeps six connections to a server: pages that nobody sees give theirs back.
function listen() {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (source === null) {
    open();
  }
}

document.addEventListener("visibilitychange", listen);
window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) open();
});
listen();

// A server that is gone leaves the page, and what was typed, as they are.
document.addEventListener("htmx:sendError", () => (gone.hidden = false));
document.addEventListener(
  "submit",
  async (event) => {
    if (link.dataset.link !== "lost") return;
    event.preventDefault();
    event.stopPropagation();
    const { target, submitter } = event;
    const answer = await fetch("/static/icon.svg", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (!answer) gone.hidden = false;
    else {
      show("live", "live");
      target.requestSubmit(submitter);
    }
  },
  true, // before what the page does with it
);
