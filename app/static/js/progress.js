// A page of long work follows it: [data-progress] names the address that tells how far it is. Without script there is a link.
"use strict";

const work = document.querySelector("[data-progress]");
const bar = work.querySelector("progress");
const label = work.querySelector("label");

const look = async () => {
  try {
    const answer = await fetch(work.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const { percent, words, is_over: isOver } = await answer.json();
    if (isOver) {
      location.reload();
      return;
    }
    if (bar) {
      bar.value = percent;
      label.textContent = words;
    }
  } catch {
    // The network may come back: ask again.
  }
  setTimeout(look, 1500);
};
setTimeout(look, 1000);
