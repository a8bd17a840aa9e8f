// What is shown is what would be recorded: a choice that changes is read at once.
const options = document.getElementById("options");
options.addEventListener("change", () => {
  const record = document.getElementById("record");
  if (record) record.disabled = true;
  options.requestSubmit();
});
document.getElementById("again").hidden = true;
for (const form of document.querySelectorAll(".confirm form")) {
  form.addEventListener("submit", () => setTimeout(() => (form.querySelector("button").disabled = true)));
}
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
