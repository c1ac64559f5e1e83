// While a payment is unfinished its page asks for the state and draws itself anew once there is another. Without
// script there is a link that refreshes it.
"use strict";

const page = document.querySelector("[data-awaits]");
const PAUSES = [1, 2, 2, 3, 3, 5, 5, 10, 10, 15, 15, 30]; // seconds; then every minute

const ask = async (turn) => {
  try {
    const answer = await fetch(page.dataset.awaits, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).state !== page.dataset.state) {
      location.replace(location.pathname);
      return;
    }
  } catch {
    // the network is away: the next turn asks again
  }
  wait(turn + 1);
};
const wait = (turn) => setTimeout(ask, (PAUSES[turn] ?? 60) * 1000, turn);

if (page) wait(0);
