// Hearts: an auction on the watchlist or off it, without leaving the page; every heart of the same auction says the same.

import { toast } from "./say.js";
import { say } from "./words.js";

const COUNTED_MAX = 99;

/** Answers every heart of the page, also those that come later. */
export function startHearts() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.heart) return;
    event.preventDefault();
    if (form.dataset.busy === undefined) void send(form);
  });
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const id = form.dataset.heart ?? "";
  const wanted = form.querySelector("input[name=watched]")?.getAttribute("value") === "1";
  form.dataset.busy = "";
  show(id, wanted, null);
  try {
    const response = await fetch(`/api/v1/auctions/${id}/watch`, {
      method: wanted ? "POST" : "DELETE",
      headers: { accept: "application/json" },
    });
    if (response.status === 401) {
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    const answer = await response.json();
    if (response.ok) {
      show(id, answer.watched, answer.watchlists);
      toast(say(answer.watched ? "watch-on" : "watch-off"));
    } else {
      show(id, !wanted, null);
      toast(String(answer.detail ?? say("live-offline")));
    }
  } catch {
    show(id, !wanted, null);
    toast(say("live-offline"));
  } finally {
    delete form.dataset.busy;
  }
}

/**
 * @param {string} id
 * @param {boolean} watched
 * @param {number | null} count
 */
function show(id, watched, count) {
  for (const form of document.querySelectorAll(`form[data-heart="${CSS.escape(id)}"]`)) {
    form.querySelector("button")?.setAttribute("aria-pressed", String(watched));
    form.querySelector("input[name=watched]")?.setAttribute("value", watched ? "0" : "1");
    const place = form.querySelector("[data-heart-count]");
    if (!place || count === null) continue;
    place.textContent = count > COUNTED_MAX ? `${COUNTED_MAX}+` : count > 0 ? String(count) : "";
  }
}
