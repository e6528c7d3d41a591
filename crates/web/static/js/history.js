// The history of an auction, live: a new line at its head, with why the price is what it is, as the server writes it.

import { money, say } from "./words.js";

const LINES_MAX = 30;

/**
 * A new line at the head of the history.
 * @param {HTMLElement} root
 * @param {number | null} me the member's own number here
 * @param {import("./live.js").Frame} frame
 */
export function addLine(root, me, frame) {
  const list = /** @type {HTMLElement | null} */ (root.querySelector("[data-history]"));
  if (!list) return;
  list.hidden = false;
  root.querySelector("[data-no-history]")?.remove();
  const item = document.createElement("li");
  item.className = "new";
  item.dataset.seq = String(frame.seq ?? "");
  item.dataset.bidder = String(frame.bidder ?? "");
  item.dataset.kind = String(frame.kind ?? "");
  item.toggleAttribute("data-led", frame.leader !== undefined && frame.leader === frame.bidder);
  const mine = me !== null && frame.bidder === me;
  item.toggleAttribute("data-mine", mine && frame.kind !== "reset");
  const who = cell("span", "who", name(frame, mine));
  const kind = { auto: "kind-auto", buy_now: "kind-buy-now" }[String(frame.kind)];
  if (kind) who.append(" ", cell("span", "muted", say(kind)));
  const at = cell("time", "at", say("ago-now"));
  at.setAttribute("datetime", frame.at ?? "");
  item.append(who, cell("span", "sum", money(frame.amount ?? 0)), at);
  const why = whyOf(frame);
  if (why) item.append(cell("span", "why", why));
  list.prepend(item);
  while (list.children.length > LINES_MAX) list.lastElementChild?.remove();
}

/**
 * The line of an own bid whose number was not known yet when its frame came.
 * @param {HTMLElement} root @param {number} seq
 * @returns {{me: number, led: boolean} | null} the member's own number, and whether that bid took the lead
 */
export function adoptLine(root, seq) {
  const line = /** @type {HTMLElement | null} */ (root.querySelector(`[data-history] [data-seq="${seq}"]`));
  if (!line?.dataset.bidder) return null;
  line.toggleAttribute("data-mine", true);
  const who = line.querySelector(".who");
  if (who?.firstChild) who.firstChild.textContent = say("live-you");
  return { me: Number(line.dataset.bidder), led: line.hasAttribute("data-led") };
}

/** @param {import("./live.js").Frame} frame @param {boolean} mine */
function name(frame, mine) {
  if (frame.kind === "reset") return say("kind-reset");
  return mine ? say("live-you") : say("live-bidder", { number: frame.bidder ?? "" });
}

/** @param {import("./live.js").Frame} frame */
function whyOf(frame) {
  if (!frame.rule) return "";
  const rule = frame.rule === "matched" && frame.kind === "bid" ? "beaten" : frame.rule;
  const why = say(`why-${rule}`);
  return frame.reason ? `${why} · ${say("why-reason", { reason: frame.reason })}` : why;
}

/** @param {string} tag @param {string} className @param {string} text */
function cell(tag, className, text) {
  const one = document.createElement(tag);
  one.className = className;
  one.textContent = text;
  return one;
}
