// One auction, live: price, time, state, chart and history follow the newest frame and the server's clock.

import { startBid } from "./bid.js";
import { startChanges } from "./changes.js";
import { addPrice } from "./chart.js";
import { everyTick, now } from "./clock.js";
import { addLine } from "./history.js";
import { sayNow, sayPolitely, toast } from "./say.js";
import { leftLong, money, plural, say, stateIcon } from "./words.js";

/**
 * What the page knows of the auction.
 * @typedef {object} Standing
 * @property {number} id
 * @property {number} terms
 * @property {number} price
 * @property {number | null} minimum
 * @property {number} step by how much the price rises at least
 * @property {number | null} buyNow
 * @property {number} count
 * @property {number} startsAt
 * @property {number} endsAt
 * @property {number} latest
 * @property {number | null} leader the leader's number here
 * @property {number | null} me the member's own number here
 * @property {number} held what is held for the member here; for a leader all that he is bound to pay
 * @property {string} reserve `none`, `not_met` or `met`
 * @property {number | null} ownSeq the event of the member's own accepted bid, until its frame tells the number
 * @property {boolean} ownLed whether that bid took the lead
 * @property {string | null} outcome
 * @property {number | null} winner
 * @property {string | null} reason why it was cancelled, if it was and a reason was given
 * @property {string} state
 */

const ENDING_MS = 180000;
/** A moment for the house to write what a frame only announced. */
const SOON_MS = 1500;
const OVER = ["won", "sold", "lost", "unsold", "reserve_not_met", "cancelled"];

/**
 * @param {HTMLElement} root
 * @param {import("./live.js").Live} live
 */
export function startAuction(root, live) {
  const standing = read(root);
  const changes = startChanges(root, standing);
  const bid = startBid(root, standing, live, changes, () => settle(root, standing, true));
  if (standing.outcome === null) live.watch(standing.id, Number(root.dataset.seq ?? 0));
  live.onFrame((frame) => {
    if (frame.type === "wallet") bid.wallet(frame);
    if (frame.type === "notice" && frame.auction_id === standing.id) noticed(frame, bid);
    if (frame.id !== standing.id) return;
    if (frame.type === "accepted" || frame.type === "refused") {
      bid.answer(frame);
    } else {
      take(root, standing, frame);
      if (frame.type === "edited") changes.edited(frame);
      else if (frame.type === "auction" && frame.terms > standing.terms) changes.missed(frame.terms);
      bid.moved();
      if (frame.type === "reserve_lowered" && standing.state === "leading") setTimeout(() => void bid.ask(), SOON_MS);
    }
  });
  startTime(root, standing, bid);
  startShare(root);
}

/**
 * What only this member is told: his bids were taken back, or his maximum cut.
 * @param {import("./live.js").Frame} frame @param {import("./bid.js").BidBox} bid
 */
function noticed(frame, bid) {
  if (frame.kind === "taken_back") location.reload();
  if (frame.kind === "maximum_cut") void bid.ask();
}

/** @param {HTMLElement} root @returns {Standing} */
function read(root) {
  const data = root.dataset;
  const state = data.state ?? "open";
  const me = data.me ? Number(data.me) : null;
  return {
    id: Number(data.auction),
    terms: Number(data.terms ?? 1),
    price: Number(root.querySelector("[data-price]")?.getAttribute("data-price") ?? 0),
    minimum: data.minimum ? Number(data.minimum) : null,
    step: Number(data.step || 1),
    buyNow: data.buyNow ? Number(data.buyNow) : null,
    count: Number(data.count ?? 0),
    startsAt: Date.parse(data.startsAt ?? ""),
    endsAt: Date.parse(data.endsAt ?? ""),
    latest: Date.parse(data.latest ?? ""),
    leader: state === "leading" ? me : null,
    me,
    held: Number(data.held ?? 0),
    reserve: data.reserve ?? "none",
    ownSeq: null,
    ownLed: false,
    outcome: OVER.includes(state) ? state : null,
    winner: null,
    reason: null,
    state,
  };
}

/**
 * Takes in a frame. Price and minimum come from the newest frame, never the larger of two.
 * @param {HTMLElement} root
 * @param {Standing} standing
 * @param {import("./live.js").Frame} frame
 */
function take(root, standing, frame) {
  const before = standing.price;
  if (frame.type === "mine") {
    // Whose bids were taken back has a number still, but no part.
    if (frame.leading || standing.me !== null) standing.me = frame.bidder ?? standing.me;
    standing.held = frame.held ?? standing.held;
  }
  if (frame.seq !== undefined && frame.seq === standing.ownSeq && frame.bidder !== undefined) {
    standing.me = frame.bidder;
    standing.ownSeq = null;
    standing.ownLed = frame.leader === frame.bidder;
  }
  if (typeof frame.price === "number") standing.price = frame.price;
  if ("minimum" in frame) standing.minimum = frame.minimum ?? null;
  if (typeof frame.bid_count === "number") standing.count = frame.bid_count;
  if ("price" in frame) standing.leader = frame.leader ?? null;
  if (typeof frame.reserve === "string") standing.reserve = frame.reserve;
  if (typeof frame.ends_at === "string") moveEnd(standing, Date.parse(frame.ends_at));
  if (typeof frame.latest === "string") standing.latest = Date.parse(frame.latest);
  if (standing.minimum !== null && standing.count > 0 && standing.minimum > standing.price) {
    standing.step = standing.minimum - standing.price;
  }
  if (nobodyLeads(standing, frame)) afresh(root, standing, frame);
  if (frame.type === "bid") addLine(root, standing.me, frame);
  if (frame.type === "closed" || frame.outcome) close(standing, frame);
  if (frame.type === "cancelled") {
    standing.outcome = "cancelled";
    standing.reason = frame.reason ?? null;
  }
  if (frame.type === "opened") sayPolitely(say("live-started"));
  if (frame.type === "edited") sayNow(say("live-edited"));
  if (frame.type === "reserve_lowered") sayPolitely(say("live-reserve-lowered"));
  if (standing.price !== before) price(root, standing, frame.type === "bid");
  const watchers = root.querySelector("[data-watchers]");
  if (watchers && typeof frame.watchers === "number") watchers.textContent = plural("live-watchers", frame.watchers);
  const label = root.querySelector("[data-price-label]");
  if (label && standing.count > 0 && standing.outcome === null) label.textContent = say("price-now");
  const bids = root.querySelector("[data-bids]");
  if (bids) bids.textContent = plural("live-bids", standing.count);
  settle(root, standing, true);
}

/** @param {Standing} standing @param {number} end */
function moveEnd(standing, end) {
  if (end > standing.endsAt && standing.outcome === null) sayPolitely(say("live-extended"));
  standing.endsAt = end;
}

/** @param {Standing} standing @param {import("./live.js").Frame} frame */
function close(standing, frame) {
  standing.outcome = frame.outcome ?? "closed";
  standing.winner = frame.winner ?? standing.leader;
}

/**
 * The price rolls once.
 * @param {HTMLElement} root @param {Standing} standing @param {boolean} isBid
 */
function price(root, standing, isBid) {
  const place = root.querySelector(".bidbox [data-price]");
  if (place) {
    const next = document.createElement("span");
    next.className = "in";
    next.dataset.price = String(standing.price);
    next.textContent = money(standing.price);
    place.replaceWith(next);
  }
  const chart = /** @type {HTMLElement | null} */ (root.querySelector("[data-chart]"));
  if (chart && isBid) addPrice(chart, standing.price);
  sayPolitely(say("live-price", { amount: money(standing.price) }));
}

/**
 * Whether the leader's bids were taken back: a frame says so, or a snapshot shows it after the frame was missed.
 * @param {Standing} standing @param {import("./live.js").Frame} frame
 */
function nobodyLeads({ leader, outcome, state }, frame) {
  if (leader !== null) return false;
  if (frame.kind === "reset") return true;
  const stood = state === "leading" || state === "outbid";
  return frame.type === "auction" && frame.outcome === undefined && outcome === null && stood;
}

/**
 * The leader's bids were taken back: nobody leads, and nobody's bids count any more.
 * @param {HTMLElement} root @param {Standing} standing @param {import("./live.js").Frame} frame
 */
function afresh(root, standing, frame) {
  standing.me = null;
  standing.held = 0;
  standing.ownSeq = null;
  standing.state = "open";
  const panel = /** @type {HTMLElement | null} */ (root.querySelector("[data-afresh]"));
  if (panel) panel.hidden = false;
  const text = panel?.querySelector("[data-afresh-text]");
  const reason = frame.reason ? ` ${say("why-reason", { reason: frame.reason })}` : "";
  if (text) text.textContent = say("afresh-text") + reason;
  sayNow(say("afresh"));
}

/** @param {Standing} standing @param {number} time */
function stateOf(standing, time) {
  const { outcome, me, leader } = standing;
  if (outcome !== null) {
    if (outcome === "won" || outcome === "lost" || outcome === "reserve_not_met") return outcome;
    if (outcome === "sold" || outcome === "bought") {
      if (me === null) return "sold";
      if (standing.winner === null) return standing.state === "sold" ? "sold" : standing.state;
      return standing.winner === me ? "won" : "lost";
    }
    return outcome === "cancelled" ? "cancelled" : "unsold";
  }
  if (time < standing.startsAt) return "scheduled";
  if (time >= standing.endsAt) return "closing";
  if (me !== null && leader === me) return "leading";
  if (me !== null && leader !== null) return "outbid";
  if (me !== null && (standing.state === "outbid" || standing.state === "leading") && leader === null) return standing.state;
  return standing.endsAt - time <= ENDING_MS ? "ending" : "open";
}

/**
 * Shows where the member stands; "outbid" is said aloud once each time it happens.
 * @param {HTMLElement} root @param {Standing} standing @param {boolean} [moved] whether figures may have changed too
 */
function settle(root, standing, moved = false) {
  const before = standing.state;
  const state = stateOf(standing, now());
  const box = /** @type {HTMLElement | null} */ (root.querySelector("[data-bidbox]"));
  const own = box?.dataset.state === "own";
  if (state === before && !moved) return;
  standing.state = state;
  root.dataset.state = state;
  const over = state === "closing" || OVER.includes(state);
  if (over || state === "outbid") standing.held = 0;
  if (box && !(own && !over)) {
    box.dataset.state = state === "ending" ? "open" : over && state !== "won" && state !== "lost" ? "ended" : state;
  }
  banner(root, standing);
  reserve(root, standing, over);
  if (before !== "outbid" && state === "outbid" && standing.minimum !== null) {
    sayNow(say("live-outbid", { minimum: money(standing.minimum) }));
  }
  if (over && state !== "closing" && state !== before) end(root, standing, own);
}

/** @param {HTMLElement} root @param {Standing} standing */
function banner(root, standing) {
  const place = /** @type {HTMLElement | null} */ (root.querySelector("[data-banner]"));
  if (!place) return;
  const { state } = standing;
  place.dataset.state = state;
  place.hidden = state === "open" || state === "ending";
  place.querySelector(".icon")?.replaceWith(stateIcon(state));
  const own = /** @type {HTMLElement | null} */ (place.querySelector("[data-own-maximum]"));
  if (own) {
    own.hidden = state !== "leading" || standing.held <= standing.price;
    own.textContent = own.hidden ? "" : say("bid-own-maximum", { amount: money(standing.held) });
  }
  const title = place.querySelector("[data-banner-title]");
  const text = place.querySelector("[data-banner-text]");
  const name = say(`state-${state}`);
  if (title && name) title.textContent = name;
  if (!text) return;
  const minimum = standing.minimum === null ? "" : money(standing.minimum);
  const texts = {
    leading: say("bid-banner-leading", { amount: money(standing.held || standing.price) }),
    outbid: standing.minimum === null ? "" : say("bid-banner-outbid", { minimum }),
    closing: say("bid-banner-closing"),
    won: say("banner-won", { amount: money(standing.price) }),
    lost: say("banner-lost", { amount: money(standing.price) }),
    sold: say("banner-sold", { amount: money(standing.price) }),
    unsold: say("banner-unsold"),
    reserve_not_met: say("banner-reserve_not_met"),
    cancelled: standing.reason ? say("banner-cancelled", { reason: standing.reason }) : say("banner-cancelled-plain"),
  };
  // A state that has no text here keeps the server's: when it starts, for one.
  const said = texts[/** @type {keyof typeof texts} */ (state)];
  if (said !== undefined) text.textContent = said;
}

/**
 * What everyone may know of the reserve.
 * @param {HTMLElement} root @param {Standing} standing @param {boolean} over
 */
function reserve(root, standing, over) {
  const line = /** @type {HTMLElement | null} */ (root.querySelector("[data-reserve-line]"));
  const mark = /** @type {HTMLElement | null} */ (line?.querySelector("[data-reserve-mark]"));
  const text = line?.querySelector("[data-reserve-text]");
  if (!line || !mark || !text) return;
  line.hidden = over || standing.reserve === "none";
  if (mark.dataset.reserveMark === standing.reserve) return;
  mark.dataset.reserveMark = standing.reserve;
  mark.textContent = say(`reserve-${standing.reserve}`);
  text.textContent = standing.reserve === "not_met" ? say("reserve-not_met-text") : "";
}

/**
 * The end: the stamp, and for those it concerns the whole page anew, with the order on it.
 * @param {HTMLElement} root @param {Standing} standing @param {boolean} own
 */
function end(root, standing, own) {
  sayNow(say("live-closed"));
  document.body.dataset.bar = "none";
  root.querySelector("[data-bidform]")?.remove();
  root.querySelector("[data-buynow]")?.remove();
  const stamp = /** @type {HTMLElement | null} */ (root.querySelector("[data-stamp]"));
  if (stamp && (standing.state === "won" || standing.state === "sold" || standing.state === "lost")) {
    stamp.hidden = false;
    stamp.classList.add("fresh");
  }
  if (own || standing.me !== null) setTimeout(() => location.reload(), 2000 + Math.random() * 2000);
}

/** @param {HTMLElement} root @param {Standing} standing @param {import("./bid.js").BidBox} bid */
function startTime(root, standing, bid) {
  const place = root.querySelector("[data-countdown]");
  /** @type {Set<string>} */
  const said = new Set();
  everyTick((time) => {
    const before = standing.state;
    settle(root, standing);
    if (standing.state !== before) bid.moved();
    const waiting = standing.state === "scheduled";
    const left = (waiting ? standing.startsAt : standing.endsAt) - time;
    const text = standing.outcome === null ? leftLong(left) : say("left-none");
    if (place && place.textContent !== text) place.textContent = text;
    const ending = !waiting && standing.outcome === null && left > 0 && left <= ENDING_MS;
    root.toggleAttribute("data-ending", ending);
    if (!ending) return;
    if (left <= 10000) once(said, "live-ten");
    else if (left <= 60000) once(said, "live-minute");
  });
}

/** @param {Set<string>} said @param {string} key */
function once(said, key) {
  if (said.has(key)) return;
  said.add(key);
  sayNow(say(key));
}

/** @param {HTMLElement} root */
function startShare(root) {
  const button = root.querySelector("[data-share]");
  button?.addEventListener("click", async () => {
    const address = location.origin + location.pathname;
    try {
      if (navigator.share) await navigator.share({ title: document.title, url: address });
      else {
        await navigator.clipboard.writeText(address);
        toast(say("live-copied"));
      }
    } catch {
      // The person closed the sheet again.
    }
  });
}
