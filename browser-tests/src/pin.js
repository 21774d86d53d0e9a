// What differs from run to run, pinned, so that a picture changes only when the page does: times move to one June
// morning, as far apart as they were, and addresses of this machine become ones that an admin might see.
// A page that keeps itself fresh holds still for the picture.
window.fetchAgain = window.fetch;
window.fetch = () => Promise.reject(new Error("not now"));

const hour = 3600e3;
const two = (number) => String(number).padStart(2, "0");
for (const time of document.querySelectorAll("time[datetime]")) {
  const since = Math.round((new Date(time.dateTime) - Date.now()) / hour) * hour;
  const at = new Date(Date.UTC(2026, 5, 1, 7, 41) + since);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  if (time.title) time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  else if (/^[\d:]+ UTC$/.test(time.textContent)) time.textContent = `${clock}:00 UTC`;
  else time.textContent = `${day}, ${clock} UTC`;
}
const pinned = (text) => text
  .replace(/http:\/\/127\.0\.0\.1:\d+/g, "https://ats.example.com")
  .replace("127.0.0.1", "auth.lever.co")
  .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "2026-06-01 07:41 UTC")
  .replace(/(\/reports\/)\S+/g, "$1…")
  .replace(/qa-[0-9a-f]{10}/g, "qa-21b8a01470")
  .replace(/(hooks\/qualified\/[\w-]+\/)[\w-]+/g, "$1…");
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) texts.currentNode.data = pinned(texts.currentNode.data);
const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
for (const field of fields) if (field.value.includes("127.0.0.1")) field.value = pinned(field.value);

// Everything that a picture of the page would show.
const shapes = [...document.body.querySelectorAll("*")].map((element) =>
  `${element.localName}.${element.className}${element.open ? "!" : ""}${element === document.activeElement ? "*" : ""}`);
const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText));
return [document.body.innerText, ...fields.map((field) => field.value), ...shapes, ...rules].join("\n");
