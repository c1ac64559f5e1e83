// What a customer's page does better with a script. Every page works without it.
"use strict";

// Open menus close by Esc and by a press outside.
const openMenus = () => document.querySelectorAll("details[data-closes][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The total and the button follow the wishes. The server draws the sum as «1 240,50 ₽», or «1,240.50 ₽» in English.
const kopecks = (text) => {
  const number = Number(text.replace(/[\s\u00a0₽]/g, "").replace(",", "."));
  return Number.isFinite(number) && number >= 0 ? Math.round(number * 100) : NaN;
};
const figures = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2 });
const roubles = (sum) => `${figures.format(sum / 100)}\u00a0₽`;
for (const form of document.querySelectorAll("form:has([data-wish])")) {
  form.addEventListener("input", () => {
    const sum = [...form.querySelectorAll("[data-wish]")].reduce((total, wish) => total + kopecks(wish.value || "0"), 0);
    if (Number.isNaN(sum)) return;
    for (const place of form.querySelectorAll("[data-wish-sum]")) place.textContent = roubles(sum);
  });
}

// Sending one meter keeps what is typed in the others.
const typed = "rodnik-readings";
const readings = () => [...document.querySelectorAll("[data-reading]")];
const readingField = (form) => form.querySelector("[name=value]");

for (const form of readings()) {
  form.addEventListener("submit", () => {
    const others = readings().filter((other) => other !== form).map(readingField);
    sessionStorage.setItem(typed, JSON.stringify(Object.fromEntries(others.map((field) => [field.id, field.value]))));
  });
}
if (readings().length) {
  for (const [id, value] of Object.entries(JSON.parse(sessionStorage.getItem(typed) || "{}"))) {
    const field = document.getElementById(id);
    if (field && !field.value) field.value = value;
  }
  sessionStorage.removeItem(typed);
}

// A password may be looked at.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const word = button.firstChild;
  const show = word.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    word.textContent = shown ? button.dataset.hideLabel : show;
    button.setAttribute("aria-pressed", String(shown));
  });
  field.form.addEventListener("submit", () => { field.type = "password"; });
}

// The summary of errors takes the focus in browsers that ignore autofocus here.
document.querySelector(".summary[autofocus]")?.focus();
