// A sale that falls through: bought at once, disputed, decided by an admin, offered to the next bidder, who takes it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { send } from "./forms.mjs";

/** @typedef {import("./market.mjs").Member} Member */

const BUY_NOW = 20_000;
/** All goes back, and it was the buyer's fault: only then may the thing be offered to the next. */
export const DECISION = { refund: String(BUY_NOW), fault: "buyer", reason: "The lamp works; he changed his mind." };
const NEXT = 2_000;

/** @param {Member} member @param {string} selector */
const expectShown = (member, selector) => member.page.locator(selector).first().waitFor();

/**
 * Unfolds what asks for a second yes, and says it.
 * @param {Member} member
 * @param {string} action the end of the form's address
 */
async function confirm(member, action) {
  const form = member.page.locator(`details.confirm:has(form[action$="${action}"])`);
  await form.locator("> summary").click();
  await form.locator("form button").last().click();
}

/**
 * Makes a member an admin, the way an operator does.
 * @param {Member} member
 * @param {{server: string, dataDir: string}} house
 */
export async function grant(member, { server, dataDir }) {
  await promisify(execFile)(server, ["admin", "grant", member.username, "--data-dir", dataDir]);
}

/**
 * @typedef {{seller: Member, winner: Member, rival: Member, admin: Member}} People
 * @typedef {{auction?: string, order?: string}} Found
 */

/**
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function listing({ seller }, found) {
  return [
    ["a thing with a price to buy at once is listed", async () => {
      found.auction = await seller.list("책상 등 A reading lamp", undefined, { buy_now_price: String(BUY_NOW) });
    }],
  ];
}

/**
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function buying({ winner, rival }, found) {
  return [
    ["a neighbour bids on it", async () => {
      await rival.open(found.auction);
      await rival.bid(NEXT);
      await rival.expectState("leading");
    }],
    ["a neighbour buys it at once, and its order begins", async () => {
      await winner.open(found.auction);
      await confirm(winner, "/buy-now");
      await winner.expectState("won");
      found.order = await winner.page.locator('main a[href^="/orders/"]').first().getAttribute("href");
      await rival.expectState("lost");
    }],
  ];
}

/**
 * @param {People} people
 * @param {Found} found
 * @param {{server: string, dataDir: string}} house where the server that runs has its data
 * @returns {[string, () => Promise<void>][]}
 */
export function disputing({ winner, admin }, found, house) {
  return [
    ["the buyer opens a dispute", async () => {
      await winner.open(found.order);
      await send(winner.page, { text: "등이 켜지지 않아요. 처음부터 그랬어요." });
      await expectShown(winner, '[data-situation="evidence"]');
    }],
    ["a member is no admin until the operator says so, and finds the dispute then", async () => {
      await admin.signUp();
      const refused = await admin.context.request.get(`${admin.url}/admin`);
      assert.ok(refused.status() >= 400, `/admin answers ${refused.status()} to a member`);
      await grant(admin, house);
      await admin.open("/admin");
      await expectShown(admin, `main a[href="${found.order}"]`);
    }],
  ];
}

/**
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function deciding({ seller, winner, rival, admin }, found) {
  const before = {};
  return [
    ["the admin gives all back, names the buyer, and is shown what it comes to before it counts", async () => {
      before.winner = await winner.ask("/wallet");
      await admin.open(found.order);
      await send(admin.page, DECISION);
      await admin.page.locator('input[name="confirmed"]').waitFor({ state: "attached" });
      await admin.page.locator("form[data-decide] button").last().click();
      await expectShown(admin, '[data-situation="split"]');
      await winner.expectWallet({ available: before.winner.available + BUY_NOW, held: before.winner.held });
    }],
    ["the seller offers it to the next bidder", async () => {
      await seller.open(found.order);
      await seller.page.locator('form[action$="/offer"] button').click();
      await expectShown(seller, '.answer[role="status"]');
      await rival.open(`${found.auction}/offer`);
      await expectShown(rival, 'details:has(form[action$="/offer/accept"])');
    }],
  ];
}

/**
 * @param {People} people
 * @param {Found} found
 * @returns {[string, () => Promise<void>][]}
 */
export function taking({ rival }, found) {
  return [
    ["the next bidder takes it, and an order of his own begins", async () => {
      const { available, held } = await rival.ask("/wallet");
      await rival.open(`${found.auction}/offer`);
      const price = Number(await rival.page.locator("main [data-price]").getAttribute("data-price"));
      assert.ok(price > 0, "the offer has a price");
      await confirm(rival, "/offer/accept");
      await rival.page.waitForURL(/\/orders\/\d+/);
      await rival.expectWallet({ available: available - price, held });
    }],
  ];
}
