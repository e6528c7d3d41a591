// The one script of every page: opens the live line and starts what the page has.

import { startCards } from "./cards.js";
import { startHearts } from "./heart.js";
import { Live } from "./live.js";
import { toast } from "./say.js";
import { forgetOnSignOut, remember, startSeen } from "./seen.js";
import { say } from "./words.js";
import { startWorker } from "./worker.js";

/** A line that is back within this time was never missed. */
const PATIENCE_MS = 1200;

const live = new Live();

/** @param {Live} line */
function startBar(line) {
  const bar = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
  let timer = 0;
  line.onLine((up) => {
    clearTimeout(timer);
    if (!bar) return;
    if (up) {
      if (!bar.hidden) toast(say("live-back"));
      bar.hidden = true;
    } else {
      timer = setTimeout(() => {
        bar.hidden = false;
      }, PATIENCE_MS);
    }
  });
}

/** @param {Live} line */
function startBell(line) {
  line.onFrame((frame) => {
    if (frame.type !== "unread") return;
    const count = Number(frame.count ?? 0);
    for (const mark of document.querySelectorAll("[data-unread].unread")) {
      mark.textContent = count > 99 ? "99+" : count > 0 ? String(count) : "";
    }
  });
}

const page = document.body.dataset.page;
const auction = /** @type {HTMLElement | null} */ (document.querySelector(".auction[data-auction]"));
const decide = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-decide]"));
const sell = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sell]"));
const listing = /** @type {HTMLFormElement | null} */ (document.querySelector("form:has([data-pictures])"));

/**
 * What only some pages have is fetched by them alone: a first visit should not carry the whole house.
 * @type {Promise<void>[]}
 */
const parts = [];

/**
 * @template Part
 * @param {unknown} isHere
 * @param {() => Promise<Part>} fetched
 * @param {(part: Part) => void} start
 */
function where(isHere, fetched, start) {
  if (isHere) parts.push(fetched().then(start));
}

startWorker();
startBar(live);
startBell(live);
if (auction) remember(Number(auction.dataset.auction));
const addCard = startCards(live);
startHearts();
forgetOnSignOut();
if (page === "home") void startSeen(addCard);
where(auction, () => import("./auction.js"), ({ startAuction }) => auction && startAuction(auction, live));
where(auction, () => import("./room.js"), ({ startRoom }) => auction && startRoom(auction));
where(auction?.querySelector("[data-gallery]"), () => import("./gallery.js"), ({ startGallery }) => auction && startGallery(auction));
where(document.querySelector("select[name=region_id]"), () => import("./region.js"), ({ startRegions }) => startRegions());
where(document.querySelector("input[type=search]"), () => import("./suggest.js"), ({ startSuggestions }) => startSuggestions());
const locate = /** @type {HTMLElement | null} */ (document.querySelector("[data-locate]"));
where(locate, () => import("./locate.js"), ({ startLocate }) => locate && startLocate(locate));
where(page === "home", () => import("./home.js"), ({ startHome }) => startHome());
where(page === "mine", () => import("./mine.js"), ({ startMine }) => startMine(live));
const face = /** @type {HTMLElement | null} */ (document.querySelector("[data-face]"));
where(face, () => import("./face.js"), ({ startFace }) => face && startFace(face));
where(page === "wallet", () => import("./wallet.js"), ({ startWallet }) => startWallet(live));
where(decide, () => import("./order.js"), ({ startDecide }) => decide && startDecide(decide));
where(document.querySelector("[data-push]"), () => import("./push.js"), ({ startPush }) => startPush(document.querySelector("[data-push]")));
where(listing, () => Promise.all([import("./pictures.js"), import("./sell.js")]), ([{ startPictures }, { startSell }]) => {
  if (!listing) return;
  const pictures = startPictures(listing);
  if (sell) startSell(sell, pictures);
});
where(!sell && sessionStorage.length > 0, () => import("./sell.js"), ({ forgetSentDraft }) => forgetSentDraft());

const isLive = auction || document.querySelector(".card[data-auction], [data-seen]") || document.body.dataset.member;
// Whatever listens is there before the line is: a part that could not be fetched holds up none of the others.
if (isLive) void Promise.allSettled(parts).then(() => live.open());
