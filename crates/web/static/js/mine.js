// One's own auctions: a row whose state changes goes where it belongs now, and every group says how many it holds.

import { money, say } from "./words.js";

const OVER = ["sold", "lost", "unsold", "reserve_not_met", "cancelled"];

/** @param {import("./live.js").Live} live cards hear its frames first, and mark the rows */
export function startMine(live) {
  /** @type {Map<string, HTMLElement>} */
  const groups = new Map();
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-group]"))) {
    groups.set(group.dataset.group ?? "", group);
  }
  live.onFrame((frame) => {
    if (frame.id === undefined) return;
    const rows = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.row[data-auction="${frame.id}"]`));
    for (const row of rows) {
      offerAgain(row, frame);
      tellOwn(row);
      const name = place(row);
      const from = /** @type {HTMLElement | null} */ (row.closest("[data-group]"));
      const to = groups.get(name);
      if (!from || !to || from === to) continue;
      to.querySelector(".rows")?.append(row);
      count(from);
      count(to);
    }
  });
}

/**
 * The group in which a row belongs; one that needs something for another reason stays where it is.
 * @param {HTMLElement} row
 */
function place(row) {
  const state = row.dataset.state ?? "";
  const here = row.closest("[data-group]")?.getAttribute("data-group") ?? "";
  if (row.dataset.selling !== undefined) return OVER.includes(state) && here === "selling" ? "past" : here;
  if (state === "outbid") return "needs_you";
  if (state === "leading") return here === "needs_you" && row.dataset.ending !== undefined ? here : "leading";
  if (state === "won") return here === "needs_you" ? here : "won";
  return OVER.includes(state) ? "past" : here;
}

/**
 * What was held is released when another leads; what is held for a new lead this page does not know.
 * @param {HTMLElement} row
 */
function tellOwn(row) {
  const own = /** @type {HTMLElement | null} */ (row.querySelector("[data-mine]"));
  if (!own) return;
  if (row.dataset.state === "outbid") own.textContent = `${say("mine-bid", { amount: money(Number(own.dataset.mine)) })} · `;
  if (row.dataset.state === "leading" && own.dataset.beaten !== undefined) own.textContent = "";
  if (row.dataset.state === "outbid") own.dataset.beaten = "";
}

/**
 * @param {HTMLElement} row
 * @param {import("./live.js").Frame} frame
 */
function offerAgain(row, frame) {
  const again = /** @type {HTMLElement | null} */ (row.querySelector("[data-again]"));
  if (!again) return;
  again.hidden = row.dataset.state !== "outbid";
  if (typeof frame.minimum === "number") again.textContent = say("mine-bid-again", { amount: money(frame.minimum) });
}

/** @param {HTMLElement} group */
function count(group) {
  const rows = group.querySelectorAll(".row").length;
  group.hidden = rows === 0;
  const chip = /** @type {HTMLElement | null} */ (document.querySelector(`[data-glance="${group.dataset.group}"]`));
  if (!chip) return;
  chip.hidden = rows === 0;
  const number = chip.querySelector("[data-number]");
  if (number) number.textContent = String(rows);
}
