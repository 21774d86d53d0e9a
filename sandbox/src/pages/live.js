// The page is fetched again while nobody is typing, and cards can be dragged to a stage. Without this file both are
// done by hand: reload, and the "Move" form of each card.
const main = document.querySelector("main");
const isTouched = (field) => field.type !== "hidden" && field.value !== field.defaultValue;
setInterval(async () => {
  const busy = document.hidden || main.contains(document.activeElement) || main.querySelector(".over")
    || [...main.querySelectorAll("input")].some(isTouched);
  if (busy) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (fresh.innerHTML !== main.innerHTML) main.innerHTML = fresh.innerHTML;
}, 2000);

const leave = () => main.querySelector(".over")?.classList.remove("over");
main.addEventListener("dragstart", (event) => {
  event.dataTransfer.setData("text/plain", event.target.dataset?.card ?? "");
});
main.addEventListener("dragend", leave);
main.addEventListener("dragover", (event) => {
  leave();
  const column = event.target.closest("[data-stage]");
  if (!column) return;
  event.preventDefault();
  column.classList.add("over");
});
main.addEventListener("drop", (event) => {
  const column = event.target.closest("[data-stage]");
  const card = main.querySelector(`[data-card="${CSS.escape(event.dataTransfer.getData("text/plain"))}"]`);
  if (!column || !card) return;
  event.preventDefault();
  const form = card.querySelector("form[data-move]");
  form.elements.stage.value = column.dataset.stage;
  form.submit();
});
