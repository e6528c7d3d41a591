// The whole way of a sale, through pages alone: listed with a reserve, two maximums against each other, closed by itself,
// paid by the receipt code, and told by both.

import assert from "node:assert/strict";
import { send } from "./forms.mjs";
import { PATIENCE, storyEnd } from "./market.mjs";

/** @typedef {import("./market.mjs").Member} Member */

const RESERVE = 30_000;
/** The winner's maximums, one after another; from the second on they stay hidden for ever. */
const MAXIMUMS = [27_310, 48_730, 61_970];
const HIDDEN = MAXIMUMS.slice(1);
/** What the rival names, and so the price at which it is sold. */
const BEATEN = [9_500, 35_000];
const PRICE = BEATEN[1];
const DEPOSITS = { winner: 200_000, rival: 100_000 };

/** @param {number} amount with a comma, as both languages write it */
const written = (amount) => amount.toLocaleString("en-US");

/**
 * Whether a text has the amount in it, with or without its comma, and not as a part of a longer number.
 * @param {string} text
 * @param {number} amount
 */
function tells(text, amount) {
  const [thousands, rest] = written(amount).split(",");
  return new RegExp(`(?<!\\d)${thousands},?${rest}(?!\\d)`).test(text);
}

/**
 * Everything that the server says on the lines of a member's page from now on.
 * @param {Member} member
 * @returns {string[]}
 */
function overhear(member) {
  const heard = [];
  member.page.on("websocket", (line) => line.on("framereceived", ({ payload }) => heard.push(String(payload))));
  return heard;
}

/**
 * All that a member can be shown of an auction: the page as it stands, the page loaded anew, and what the API says.
 * @param {Member} member
 * @param {string} auction
 */
async function shown(member, auction) {
  const api = ["", "/bids", "/events"].map((part) => `/api/v1${auction}${part}`);
  const texts = [await member.page.content()];
  for (const path of [auction, ...api]) {
    const answer = await member.context.request.get(member.url + path);
    assert.equal(answer.status(), 200, `${path} as ${member.name}`);
    texts.push(JSON.stringify(answer.headers()), await answer.text());
  }
  return texts;
}

/**
 * @param {Member[]} members
 * @param {string} auction
 * @param {number[]} amounts that none of them may be told
 */
async function expectHidden(members, auction, amounts) {
  for (const member of members) {
    for (const text of await shown(member, auction)) {
      for (const amount of amounts) assert.ok(!tells(text, amount), `${amount} is shown to ${member.name}`);
    }
  }
}

/** @param {Member} member @param {number} maximum in won */
async function outdo(member, maximum) {
  await send(member.page, { maximum: String(maximum) });
}

/** @param {Member} member @param {string} selector @param {string} [words] */
async function expectShown(member, selector, words) {
  const place = member.page.locator(selector);
  await (words ? place.filter({ hasText: words }) : place).first().waitFor();
}

/** @param {Member} member @param {number} maximum as only he sees it */
const expectOwnMaximum = (member, maximum) => expectShown(member, "[data-own-maximum]:visible", written(maximum));

/** @param {Member} member @param {string} code */
const expectReserve = (member, code) => expectShown(member, `[data-reserve-line]:visible [data-reserve-mark="${code}"]`);

/**
 * @typedef {object} People
 * @property {Member} seller
 * @property {Member} winner with a phone, in Korean
 * @property {Member} rival at a desktop, in English
 * @property {Member} guest
 *
 * @typedef {{auction?: string, order?: string, heard?: Record<string, string[]>}} Found
 */

/**
 * From the form to the last bid.
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function offering({ seller, winner, rival, guest }, found) {
  const others = [seller, rival, guest];
  return [
    ["three neighbours sign up, one with a phone in Korean, one at a desktop in English", async () => {
      for (const member of [seller, winner, rival]) await member.signUp();
      await winner.deposit(DEPOSITS.winner);
      await rival.deposit(DEPOSITS.rival);
      assert.equal(await winner.page.locator("html").getAttribute("lang"), "ko");
      assert.equal(await rival.page.locator("html").getAttribute("lang"), "en");
    }],
    ["the seller lists with a reserve, which he alone sees", async () => {
      found.heard = { seller: overhear(seller), rival: overhear(rival) };
      const terms = { increments: "ladder", reserve_price: String(RESERVE) };
      found.auction = await seller.list("자전거 A city bicycle", storyEnd(), terms);
      await expectShown(seller, ".own-reserve", written(RESERVE));
      for (const member of [winner, rival, guest]) {
        await member.open(found.auction);
        await expectReserve(member, "not_met");
      }
      await expectHidden([winner, rival, guest], found.auction, [RESERVE]);
    }],
    ["a maximum far above the price is asked about, leads at the start, and holds all of its money", async () => {
      await outdo(winner, MAXIMUMS[0]);
      await winner.page.locator('dialog[data-confirm] button[value="yes"]').click();
      await winner.expectState("leading");
      await winner.expectPrice(1_000);
      await expectOwnMaximum(winner, MAXIMUMS[0]);
      await winner.expectWallet({ available: DEPOSITS.winner - MAXIMUMS[0], held: MAXIMUMS[0] });
    }],
    ["another maximum is beaten at once: he is told, the leader still leads, and no money of his is held", async () => {
      await outdo(rival, BEATEN[0]);
      await rival.expectState("outbid");
      await rival.expectPrice(BEATEN[0]);
      await rival.expectAnswer("9,600");
      await rival.expectWallet({ available: DEPOSITS.rival, held: 0 });
      await winner.expectPrice(BEATEN[0]);
      await winner.expectState("leading");
      await expectReserve(winner, "not_met");
      await expectHidden(others, found.auction, MAXIMUMS);
    }],
    ["a maximum above the reserve meets it, and everyone sees that", async () => {
      await outdo(winner, MAXIMUMS[1]);
      for (const member of [winner, rival, seller, guest]) {
        await member.expectPrice(RESERVE);
        await expectReserve(member, "met");
      }
      await expectHidden(others, found.auction, HIDDEN);
    }],
    ["the leader raises in silence, and nobody else learns of it", async () => {
      const before = found.heard.seller.length;
      await outdo(winner, MAXIMUMS[2]);
      await expectOwnMaximum(winner, MAXIMUMS[2]);
      await winner.expectWallet({ available: DEPOSITS.winner - MAXIMUMS[2], held: MAXIMUMS[2] });
      await expectHidden(others, found.auction, HIDDEN);
      await outdo(rival, BEATEN[1]);
      for (const member of [winner, rival, seller, guest]) await member.expectPrice(BEATEN[1]);
      const since = found.heard.seller.slice(before).map((text) => JSON.parse(text));
      const events = since.filter((frame) => frame.seq !== undefined).map((frame) => frame.kind ?? frame.type);
      assert.deepEqual(events, ["bid", "auto"], "between the raise and the next bid the seller hears nothing");
      await rival.expectState("outbid");
      await expectHidden(others, found.auction, HIDDEN);
    }],
    ["why the price is what it is stands in the history, the same in every page", async () => {
      const lines = async (member) => {
        await member.open(found.auction);
        const all = member.page.locator("[data-history] li");
        return all.evaluateAll((found) => found.map((one) => [one.dataset.seq, one.dataset.kind]));
      };
      const seen = await lines(guest);
      for (const member of [winner, rival, seller]) assert.deepEqual(await lines(member), seen, member.name);
      assert.equal(await guest.page.locator("[data-history] li:has(.why)").count(), seen.length, "each line says why");
    }],
  ];
}

/**
 * From the close to what both say of each other.
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function settling({ seller, winner, rival, guest }, found) {
  let code = "";
  const opinions = { winner: "시간을 잘 지켜 주셨어요.", seller: "A pleasure to meet this neighbour." };
  return [
    ["the sale closes by itself, at what the rival named", async () => {
      await winner.open(found.auction);
      await winner.expectState("won", PATIENCE);
      await rival.open(found.auction);
      await rival.expectState("lost");
      await winner.expectWallet({ available: DEPOSITS.winner - PRICE, held: 0 });
      await rival.expectWallet({ available: DEPOSITS.rival, held: 0 });
      await seller.expectWallet({ available: 0, held: 0 });
      await expectHidden([seller, rival, guest], found.auction, HIDDEN);
      for (const [name, heard] of Object.entries(found.heard)) {
        for (const amount of HIDDEN) assert.ok(!heard.some((text) => tells(text, amount)), `${amount} was told to ${name}`);
      }
    }],
    ["the winner opens his order and sees the receipt code", async () => {
      await winner.open(found.auction);
      await winner.page.locator('main a[href^="/orders/"]').first().click();
      await expectShown(winner, '[data-code="receipt"]');
      found.order = new URL(winner.page.url()).pathname;
      code = (await winner.page.locator('[data-code="receipt"] .code-digits').innerText()).replace(/\D/g, "");
      assert.equal(code.length, 6, `${code} has six digits`);
    }],
    ["nobody but the winner is shown the code, and others are shown no order", async () => {
      await seller.open("/orders");
      await seller.page.locator(`main a[href="${found.order}"]`).click();
      await expectShown(seller, '[data-situation="start"]');
      assert.ok(!(await seller.page.content()).includes(code), "the seller is not shown the code");
      const strange = await rival.context.request.get(rival.url + found.order);
      assert.equal(strange.status(), 404, "the order of others");
    }],
    ["a wrong code pays nothing and says so", async () => {
      const wrong = code.slice(0, 5) + ((Number(code[5]) + 1) % 10);
      await send(seller.page, { code: wrong });
      await expectShown(seller, "#receipt-fault");
      await seller.expectWallet({ available: 0, held: 0 });
    }],
    ["the right code ends the order and pays the seller at once", async () => {
      await send(seller.page, { code });
      await expectShown(seller, '[data-situation="done"]');
      await seller.expectWallet({ available: PRICE, held: 0 });
      await seller.open("/wallet");
      await expectShown(seller, `[data-wallet-available="${PRICE}"]`);
      await expectShown(seller, '.line[data-direction="in"]', written(PRICE));
      await winner.open(found.order);
      await expectShown(winner, '[data-situation="done"]');
    }],
    ["the first review is kept from the other until he has written his own", async () => {
      await send(winner.page, { stars: "5", text: opinions.winner });
      await expectShown(winner, '.answer[role="status"]');
      await seller.open(found.order);
      assert.ok(!(await seller.page.content()).includes(opinions.winner), "it is not shown yet");
    }],
    ["both reviews are shown, in the order and on both profiles", async () => {
      await send(seller.page, { stars: "4", text: opinions.seller });
      for (const opinion of Object.values(opinions)) await expectShown(seller, ".review", opinion);
      await winner.open(found.order);
      for (const opinion of Object.values(opinions)) await expectShown(winner, ".review", opinion);
      await guest.open(`/members/${seller.id}`);
      await expectShown(guest, ".review", opinions.winner);
      await guest.open(`/members/${winner.id}`);
      await expectShown(guest, ".review", opinions.seller);
    }],
  ];
}
