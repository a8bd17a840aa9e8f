// What outlives loading a page again, or coming back to it: in the tab alone.
export const again = performance.getEntriesByType("navigation")[0].type !== "navigate";

export function read(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}
export function write(place, value) {
  try {
    sessionStorage.setItem(place, JSON.stringify(value));
  } catch {
    // more than a browser keeps: it is lost with the page, as it would be without this
  }
}

// Whether somebody has changed a field of the page before its scripts came, or the browser has on coming back to it.
export function is_changed(field) {
  if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const usual = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.value !== (usual?.value ?? "");
}
