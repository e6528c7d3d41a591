// The one script of every page: opens the live line and starts what the page has.

import { startAuction } from "./auction.js";
import { startCards } from "./cards.js";
import { startFace } from "./face.js";
import { startHearts } from "./heart.js";
import { startHome } from "./home.js";
import { Live } from "./live.js";
import { startMine } from "./mine.js";
import { startDecide } from "./order.js";
import { startRegions } from "./region.js";
import { startRoom } from "./room.js";
import { toast } from "./say.js";
import { forgetOnSignOut, remember, startSeen } from "./seen.js";
import { forgetSentDraft, startSell } from "./sell.js";
import { startWallet } from "./wallet.js";
import { say } from "./words.js";

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

startBar(live);
startBell(live);
if (auction) startAuction(auction, live);
if (auction) startRoom(auction);
if (auction) remember(Number(auction.dataset.auction));
const addCard = startCards(live);
startHearts();
forgetOnSignOut();
startRegions();
if (page === "home") startHome();
if (page === "home") void startSeen(addCard);
if (page === "mine") startMine(live);
if (page === "wallet") startWallet(live);
const face = /** @type {HTMLElement | null} */ (document.querySelector("[data-face]"));
if (face) startFace(face);
if (decide) startDecide(decide);
if (sell) startSell(sell);
else forgetSentDraft();
if (auction || document.querySelector(".card[data-auction], [data-seen]") || document.body.dataset.member) live.open();
