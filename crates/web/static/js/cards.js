// Cards on any page: the price, the count, the time left and the state, kept true by frames and the server's clock.

import { everyTick } from "./clock.js";
import { leftShort, money, plural, say, stateIcon } from "./words.js";

const ENDING_MS = 180000;

/**
 * @param {import("./live.js").Live} live
 * @returns {(card: HTMLElement) => void} keeps true a card that came later
 */
export function startCards(live) {
  /** @type {Map<number, HTMLElement[]>} */
  const cards = new Map();
  /** @param {HTMLElement} card */
  const add = (card) => {
    const id = Number(card.dataset.auction);
    if (!id || card.closest("[data-preview]")) return;
    cards.set(id, [...(cards.get(id) ?? []), card]);
    if (!isOver(card)) live.watch(id, Number(card.dataset.seq ?? 0));
  };
  /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".card[data-auction]")).forEach(add);
  live.onFrame((frame) => {
    for (const card of cards.get(frame.id ?? 0) ?? []) show(card, frame);
  });
  everyTick((now) => {
    for (const group of cards.values()) for (const card of group) tick(card, now);
  });
  return add;
}

/** @param {HTMLElement} card */
function isOver(card) {
  return ["won", "sold", "lost", "unsold", "reserve_not_met", "cancelled"].includes(card.dataset.state ?? "");
}

/**
 * @param {HTMLElement} card
 * @param {import("./live.js").Frame} frame
 */
function show(card, frame) {
  const price = card.querySelector("[data-price]");
  if (price && typeof frame.price === "number" && price.getAttribute("data-price") !== String(frame.price)) {
    price.setAttribute("data-price", String(frame.price));
    price.textContent = money(frame.price);
  }
  const stood = card.dataset.state === "leading" || card.dataset.state === "outbid";
  const missed = frame.type === "auction" && frame.outcome === undefined && stood;
  if ((frame.kind === "reset" || missed) && frame.leader === undefined && !isOver(card)) {
    // Started afresh: nobody's bids count any more.
    card.dataset.me = "";
    mark(card, "open");
  }
  const me = Number(card.dataset.me || 0);
  if (me > 0 && typeof frame.leader === "number" && !isOver(card)) {
    const state = frame.leader === me ? "leading" : "outbid";
    if (card.dataset.state !== state) mark(card, state);
  }
  const bids = card.querySelector("[data-bids]");
  if (bids && typeof frame.bid_count === "number") bids.textContent = plural("live-bids", frame.bid_count);
  if (typeof frame.ends_at === "string") card.dataset.endsAt = frame.ends_at;
  if (frame.type === "opened") mark(card, "open");
  if (frame.type === "cancelled") mark(card, "cancelled");
  if (frame.type === "closed") mark(card, outcome(card, frame.outcome));
}

/**
 * @param {HTMLElement} card
 * @param {string} code
 */
function outcome(card, code) {
  if (code === "cancelled" || code === "reserve_not_met") return code;
  if (code !== "sold" && code !== "bought") return "unsold";
  if (card.dataset.state === "leading") return "won";
  return card.dataset.state === "outbid" ? "lost" : "sold";
}

/**
 * @param {HTMLElement} card
 * @param {string} state
 */
function mark(card, state) {
  card.dataset.state = state;
  const place = card.querySelector("[data-mark]");
  if (!place) return;
  place.textContent = "";
  if (state === "open") return;
  const name = document.createElement("span");
  name.className = "state";
  name.dataset.state = state;
  name.append(stateIcon(state), say(`state-${state}`));
  place.append(name);
}

/**
 * @param {HTMLElement} card
 * @param {number} now
 */
function tick(card, now) {
  const left = Date.parse(card.dataset.endsAt ?? "") - now;
  const live = !isOver(card) && card.dataset.state !== "scheduled";
  card.toggleAttribute("data-ending", live && left > 0 && left <= ENDING_MS);
  const place = card.querySelector("[data-left]");
  if (!place || !live) return;
  const text = leftShort(left);
  if (place.textContent !== text) place.textContent = text;
}
