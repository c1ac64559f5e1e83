// What the panel does better with a script: `/` goes to the search box, menus close by Esc and by a press outside, the keys a page
// names ([data-key]) press their link or button. Keys are off while a field is being typed in, and on <body data-keys="off">.
"use strict";

const openMenus = () => document.querySelectorAll("details[data-closes][open]");
const isTyping = (element) => element.closest("input, select, textarea, [contenteditable], .select2-container") !== null;

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || document.body.dataset.keys === "off") return;
  if (event.key === "/") {
    const box = document.querySelector("[data-search], input[type=search]");
    if (!box) return;
    const folded = box.closest("details");
    if (folded) folded.open = true;
    box.focus();
    event.preventDefault();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

document.querySelector(".summary[autofocus]")?.focus();
