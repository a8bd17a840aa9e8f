// A line about what has happened, seen for a while and read aloud.
const said = document.getElementById("said");
const [toast, text, undo] = ["toast", "toast-text", "toast-undo"].map((id) => document.getElementById(id));
let gone = 0;

export function tell(line, takeBack = null) {
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = line));
  text.textContent = line;
  undo.hidden = takeBack === null;
  undo.onclick = takeBack;
  const top = document.querySelector("dialog[open]") ?? document.body; // what is above all else
  top.append(toast);
  toast.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => (toast.hidden = true), 8000);
}
