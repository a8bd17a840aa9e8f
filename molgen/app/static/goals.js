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

  const values = () => [...goals.querySelectorAll("[name^='goal.']")].map((field) => [field.name, field.value]);
  function slide(field) {
    const slider = goals.querySelector(`[data-slides="${CSS.escape(field.id)}"]`);
    if (slider && field.value.trim()) slider.value = field.value;
  }

  // They come from the server; what is done to them goes back with all other fields. A late answer isn't shown.
  let wanted = 0;
  async function show_goals(more = {}) {
    const mine = ++wanted;
    const before = new Map(values());
    const text = await ask("/new/goals", more);
    if (text === undefined || mine !== wanted) return;
    const focused = goals.contains(document.activeElement) ? document.activeElement.id : "";
    const found = document.createElement("template");
    found.innerHTML = text;
    const of = (part) => part.querySelector("[name=goal_of]")?.value;
    const why = found.content.querySelector("[data-why]");
    if (why && of(goals) === of(found.content)) {
      document.getElementById("problem-goal").textContent = why.textContent; // what was typed stays, to be mended
      return;
    }
    const since = values().filter(([name, value]) => before.has(name) && before.get(name) !== value);
    goals.innerHTML = text;
    for (const [name, value] of since) {
      const field = goals.querySelector(`[name="${CSS.escape(name)}"]`);
      if (!field) continue;
      field.value = value; // typed while the answer was on its way
      slide(field);
    }
    draw_all();
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
    shown();
  }

  // The last chart of each goal that was asked for. A few at a time: a browser has six connections, and checks need one.
  const asked = new Map();
  const lanes = Array(3).fill(Promise.resolve());
  let next = 0;
  function draw(goal) {
    const name = goal.dataset.goal;
    const turn = (asked.get(name) ?? 0) + 1;
    const is_wanted = () => asked.get(name) === turn && goal.isConnected;
    asked.set(name, turn);
    next = (next + 1) % lanes.length;
    lanes[next] = lanes[next].then(async () => {
      const text = is_wanted() && (await ask("/new/goal-chart", { of: name }));
      if (text && is_wanted()) goal.querySelector(".goal-chart").innerHTML = text;
    });
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
    const label = button.textContent;
    if (button.dataset.do === "add") button.textContent = "Adding …"; // a model may have to be read first
    button.disabled = true;
    await show_goals({ do: button.dataset.do, which: button.dataset.which ?? "" });
    Object.assign(button, { textContent: label, disabled: false });
    changed(true);
    if (document.activeElement === document.body) document.getElementById("add")?.focus();
  });
  // Of some goals it has to be said what they are about; it may be the lead.
  function choose({ selectedOptions: [{ dataset }] }) {
    const what = document.getElementById("what");
    const box = what.closest(".what");
    box.hidden = what.disabled = dataset.label === undefined;
    box.querySelector("label").textContent = dataset.label ?? "";
    box.querySelector("[data-draws]").hidden = !dataset.draw;
    if (what.dataset.draw !== dataset.draw) what.value = "";
    if (dataset.draw === "smiles") what.value ||= form.elements.lead?.value.trim().split("\n")[0] ?? "";
    what.dataset.draw = dataset.draw ?? "";
    what.placeholder = dataset.hint ?? "";
    document.getElementById("problem-add").textContent = "";
  }
  goals.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "what") return;
    event.preventDefault(); // adds the goal, and doesn't begin the campaign
    goals.querySelector('[data-do="add"]').click();
  });
  goals.addEventListener("change", async (event) => {
    if (event.target.dataset.do === "choose") choose(event.target);
    if (event.target.dataset.do !== "shape") return;
    await show_goals();
    changed(true);
  });
  goals.addEventListener("input", (event) => {
    const { slides } = event.target.dataset;
    if (slides) {
      const digits = Math.max(0, -Math.floor(Math.log10(Number(event.target.step))));
      document.getElementById(slides).value = Number(event.target.valueAsNumber.toFixed(digits));
    } else slide(event.target);
    const goal = event.target.closest("[data-goal]");
    if (goal) draw_soon(goal);
  });
  return { show_goals, draw_all };
}
