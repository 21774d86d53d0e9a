// What the page does better with JavaScript. All of it works without.
"use strict";

// Times are written in UTC; the reader's own zone is easier to read.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.title = time.textContent;
  time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

// Tags are copied, because they have to be exact.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      announce(`Copied: ${button.dataset.copy}`);
      // The first words are the ones to be seen; what follows says of what, to those who hear it.
      const seen = button.firstChild;
      const words = seen.data;
      if (words === "Copied") return;
      seen.data = "Copied";
      button.addEventListener("blur", () => { seen.data = words; }, { once: true });
    } catch {
      announce("The browser does not allow copying here. Select the text instead.");
    }
  });
}

// A form that has a page of its own opens as a dialog over this one.
for (const link of document.querySelectorAll("a[data-dialog]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const content = page.querySelector("[data-dialog-content]");
      if (!content || answer.redirected) throw new Error("no dialog");
      open(content, link);
    } catch {
      location.assign(link.href);
    } finally {
      link.removeAttribute("aria-busy");
    }
  });
}

// The browser keeps the focus inside a modal dialog and gives it back to the opener.
function open(content, opener) {
  const dialog = document.createElement("dialog");
  dialog.append(document.importNode(content, true));
  const heading = dialog.querySelector("h1, h2");
  if (heading) {
    heading.id = "dialog-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  for (const cancel of dialog.querySelectorAll("a[data-cancel]")) {
    cancel.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  }
  dialog.addEventListener("close", () => { dialog.remove(); opener.focus(); });
  document.body.append(dialog);
  dialog.showModal();
}

// A form is sent once: a vendor may take its time to answer. Also one in a dialog, which is made later.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
  if (form.hasAttribute("aria-busy")) event.preventDefault();
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}
