// Forms are sent and the page is fetched again without losing one's place, and cards can be dragged to a stage. Without
// this file all of it is done by hand: forms lead to a page of their own, and each card has a "Move" form.
const main = document.querySelector("main");
const isTouched = (field) => field.type !== "hidden" && field.value !== field.defaultValue;

async function show(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  if (fresh.innerHTML === main.innerHTML) return;
  const scrolled = main.querySelector(".board")?.scrollLeft;
  const focused = document.activeElement?.getAttribute("aria-label");
  main.innerHTML = fresh.innerHTML;
  main.querySelector(".board")?.scrollTo({ left: scrolled });
  if (focused) main.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// What others do appears by itself, while nobody is typing here.
setInterval(async () => {
  const typing = document.activeElement?.matches("select") || [...main.querySelectorAll("input")].some(isTouched);
  if (document.hidden || typing || main.querySelector(".over")) return;
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) await show(answer);
}, 1000);

async function send(form) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  // The address has what there is to tell, which is to stay.
  history.replaceState(null, "", answer.url);
  await show(answer);
}
main.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  send(event.target).catch(() => event.target.submit());
});

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
  leave();
  const column = event.target.closest("[data-stage]");
  const card = main.querySelector(`[data-card="${CSS.escape(event.dataTransfer.getData("text/plain"))}"]`);
  if (!column || !card) return;
  event.preventDefault();
  const form = card.querySelector("form[data-move]");
  form.elements.stage.value = column.dataset.stage;
  form.requestSubmit();
});
