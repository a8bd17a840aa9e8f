// What was typed into a page stands there again once it is loaded again, or come back to: browsers forget fields that scripts fill.
import { again, is_changed, read, write } from "./kept.js";

const PLACE = `typed ${location.pathname}`;
const FIELDS = "input:not([type=hidden], [type=file], [type=password], [data-pick]), textarea, select";

const called = (field) => field.id || field.name;
const is_own = (field) => field.matches(FIELDS) && called(field) && field.closest("main") && !field.closest("dialog, [data-keeps]");
const typed = new Map(again ? (read(PLACE) ?? []) : []);
if (!again) sessionStorage.removeItem(PLACE);

document.addEventListener("input", ({ target }) => {
  if (!is_own(target)) return;
  typed.set(called(target), target.type === "checkbox" || target.type === "radio" ? [target.value, target.checked] : target.value);
  const seen = target.form?.elements.seen; // which state of the server's the form is about: another one is found out when it is sent
  if (seen) typed.set("seen", seen.value);
  write(PLACE, [...typed]);
});

const restored = [];
for (const [name, value] of typed) {
  const fields = [...document.querySelectorAll(`main [id="${CSS.escape(name)}"], main [name="${CSS.escape(name)}"]`)];
  const field = Array.isArray(value) ? fields.find((each) => each.value === value[0]) : fields[0];
  if (!field || (!is_own(field) && field.name !== "seen")) continue;
  if (Array.isArray(value)) field.checked = value[1];
  else field.value = value;
  if (field.name !== "seen") restored.push(field);
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) return;
  const early = [...document.querySelectorAll(FIELDS)].filter((field) => is_own(field) && is_changed(field)); // before any script heard it
  for (const field of new Set([...restored, ...early])) for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
});
