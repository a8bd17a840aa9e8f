// The goals of an objective in a form: each with its weight, its transform, and a chart over known molecules.
export const typed = (form) => [...new FormData(form)];

// `shown` is called once goals are on the page, `changed` after a change with whether there are other goals or shapes.
export function goals_of(form, { shown = () => {}, changed = () => {} } = {}) {
  const goals = form.querySelector("#goals");

  async function ask(url, more) {
    const body = new URLSearchParams([...Object.entries({ ...Object.fromEntries(typed(form)), ...more })]);
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer) document.dispatchEvent(new CustomEvent("htmx:sendError")); // a bar says so
    return answer?.text();
  }

  // They come from the server; what is done to them goes back with all other fields. A late answer isn't shown.
  let wanted = 0;
  async function show_goals(more = {}) {
    const mine = ++wanted;
    const focused = goals.contains(document.activeElement) ? document.activeElement.id : "";
    const text = await ask("/new/goals", more);
    if (text === undefined || mine !== wanted) return;
    goals.innerHTML = text;
    draw_all();
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
    shown();
  }

  // The last chart of each goal that was asked for
  const asked = new Map();
  async function draw(goal) {
    const name = goal.dataset.goal;
    const turn = (asked.get(name) ?? 0) + 1;
    asked.set(name, turn);
    const text = await ask("/new/goal-chart", { of: name });
    if (text && asked.get(name) === turn && goal.isConnected) goal.querySelector(".goal-chart").innerHTML = text;
  }
  function draw_all() {
    for (const goal of goals.querySelectorAll("[data-goal]")) draw(goal);
  }
  const waiting = new Map();
  function draw_soon(goal) {
    clearTimeout(waiting.get(goal));
    waiting.set(goal, setTimeout(() => draw(goal), 120));
  }

  goals.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    await show_goals({ do: button.dataset.do, which: button.dataset.which ?? "" });
    changed(true);
    if (document.activeElement === document.body) document.getElementById("add")?.focus();
  });
  goals.addEventListener("change", async (event) => {
    if (event.target.dataset.do !== "shape") return;
    await show_goals();
    changed(true);
  });
  goals.addEventListener("input", (event) => {
    const { slides } = event.target.dataset;
    if (slides) {
      const digits = Math.max(0, -Math.floor(Math.log10(Number(event.target.step))));
      document.getElementById(slides).value = Number(event.target.valueAsNumber.toFixed(digits));
    } else {
      const slider = goals.querySelector(`[data-slides="${CSS.escape(event.target.id)}"]`);
      if (slider && event.target.value.trim()) slider.value = event.target.value;
    }
    const goal = event.target.closest("[data-goal]");
    if (goal) draw_soon(goal);
  });
  return { show_goals, draw_all };
}
