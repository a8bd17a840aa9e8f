// What changes on the server reaches every [data-run] and [data-runs] of the page as an event `changed` or `runs`.
const link = document.getElementById("link");
const said = document.getElementById("said");
let source = null;

function show(state, words) {
  link.dataset.link = state;
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
