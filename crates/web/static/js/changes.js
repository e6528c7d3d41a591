// What a seller changes while the page is open: it is shown in its place, and has to be read before the next bid.

import { say } from "./words.js";

/**
 * @typedef {object} Changes
 * @property {(frame: import("./live.js").Frame) => void} edited the terms changed, as this frame says
 * @property {(terms: number | null) => void} missed the terms changed, and no frame said so
 * @property {() => boolean} unread whether something has to be read before a bid
 */

/**
 * @param {HTMLElement} root
 * @param {import("./auction.js").Standing} standing
 * @returns {Changes}
 */
export function startChanges(root, standing) {
  const panel = /** @type {HTMLElement | null} */ (root.querySelector("[data-changes]"));
  const list = root.querySelector("[data-changes-list]");
  /** The terms that wait to be read. @type {number | null} */
  let waiting = null;
  panel?.querySelector("[data-changes-seen]")?.addEventListener("click", () => {
    if (waiting !== null) standing.terms = waiting;
    waiting = null;
    panel.hidden = true;
    list?.replaceChildren();
  });
  /** @param {number | null} terms @param {string | undefined} note */
  const show = (terms, note) => {
    waiting = terms ?? standing.terms + 1;
    const line = document.createElement("li");
    line.className = "prewrap";
    line.textContent = note ?? say("changes-listing");
    list?.append(line);
    if (panel) panel.hidden = false;
    void refresh(root, standing);
  };
  return {
    edited: (frame) => show(typeof frame.terms === "number" ? frame.terms : null, frame.note),
    missed: (terms) => {
      if (waiting === null) show(terms, undefined);
      else if (terms !== null) waiting = terms;
    },
    unread: () => {
      if (waiting === null) return false;
      panel?.scrollIntoView({ block: "center" });
      return true;
    },
  };
}

/**
 * Puts what the page says now in the place of what it said: title, description, notes, facts, and the figures behind them.
 * @param {HTMLElement} root
 * @param {import("./auction.js").Standing} standing
 */
async function refresh(root, standing) {
  try {
    const response = await fetch(location.pathname, { headers: { accept: "text/html" } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-fresh]"))) {
      const fresh = page.querySelector(`[data-fresh="${place.dataset.fresh}"]`);
      if (fresh) place.replaceWith(document.adoptNode(fresh));
    }
    const data = /** @type {HTMLElement | null} */ (page.querySelector(".auction[data-auction]"))?.dataset;
    if (!data) return;
    standing.buyNow = data.buyNow ? Number(data.buyNow) : null;
    standing.step = Number(data.step || 1);
    standing.startsAt = Date.parse(data.startsAt ?? "");
    standing.latest = Date.parse(data.latest ?? "");
  } catch {
    // The next look at the page shows it.
  }
}
