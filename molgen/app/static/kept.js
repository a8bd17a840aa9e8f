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
