// What the panel does better with a script. `/` goes to the search box; keys that a page names ([data-key]) press their link or
// button. The switch in the footer turns the keys off on this device (WCAG 2.1.4); they are off while a field is being typed in.
"use strict";

const openMenus = () => document.querySelectorAll("details[data-closes][open]");
const isTyping = (element) => element.closest("input:not([type=checkbox]), select, textarea, [contenteditable], .select2-container") !== null;

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

const keysOff = "rodnik-keys-off";
const keysSwitch = document.querySelector("[data-keys-switch]");
if (keysSwitch) {
  keysSwitch.checked = localStorage.getItem(keysOff) === null;
  keysSwitch.addEventListener("change", () => {
    if (keysSwitch.checked) localStorage.removeItem(keysOff);
    else localStorage.setItem(keysOff, "1");
  });
  document.querySelector("[data-keys-panel]").hidden = false;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || !keysSwitch?.checked) return;
  if (event.key === "/") {
    const box = document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

// One tick for all rows of a list.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  const rows = () => all.closest("table").querySelectorAll("[name=rowid]");
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows()) row.checked = all.checked;
  });
}

// A page that is handed over on paper.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The summary of errors takes the focus in browsers that ignore autofocus here.
document.querySelector(".summary[autofocus]")?.focus();
