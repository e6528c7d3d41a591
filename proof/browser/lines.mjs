// What a page does when its line breaks where it hurts: each step puts a hand on the page's WebSocket and lets through
// only what it wants.

import assert from "node:assert/strict";
import { send } from "./forms.mjs";
import { until } from "./waiting.mjs";

/** @typedef {import("./market.mjs").Member} Member */

/** After a close with 1008 a page stays away for a minute, and comes back within five seconds more, in milliseconds. */
const STILL_AWAY = 50_000;
const BACK_AFTER = 20_000;

/**
 * A new page for the member. Every WebSocket it opens goes through `frame`, which says whether the page may have what
 * the server sent; what the page says is written down.
 * @param {Member} member
 * @param {(frame: any, line: any, said: any[]) => boolean} frame
 * @param {(message: any) => boolean} [says] whether the server may have what the page says
 * @returns {Promise<{opened: number, said: any[]}>} how many lines the page has opened, and what it said on them
 */
async function between(member, frame, says = () => true) {
  const seen = { opened: 0, said: [] };
  member.page = await member.context.newPage();
  await member.page.routeWebSocket(/\/ws$/, (line) => {
    seen.opened += 1;
    const server = line.connectToServer();
    server.onMessage((text) => {
      if (frame(JSON.parse(String(text)), line, seen.said)) line.send(text);
    });
    line.onMessage((text) => {
      const message = JSON.parse(String(text));
      seen.said.push(message);
      if (says(message)) server.send(text);
    });
  });
  return seen;
}

/** @param {any[]} said */
const subscriptions = (said) => said.filter((message) => message.type === "subscribe").length;

/**
 * @param {{seller: Member, cut: Member}} people
 * @returns {[string, () => Promise<void>][]}
 */
export function brokenLines({ seller, cut }) {
  let auction = "";
  return [
    ["an auction is listed for a member whose line will break", async () => {
      auction = await seller.list("접이식 책상 A folding desk");
      await cut.signUp();
      await cut.deposit(100_000);
    }],
    ["a bid whose answer is lost with the line is asked for again with its own key, and bids once", async () => {
      let broken = null;
      const seen = await between(cut, (frame, line) => {
        if (broken === null && (frame.type === "accepted" || frame.type === "bid")) {
          broken = line;
          line.close({ code: 1011 });
        }
        return line !== broken;
      });
      const keys = [];
      cut.page.on("request", (request) => {
        if (request.method() === "POST") keys.push(request.headers()["idempotency-key"]);
      });
      await cut.open(auction);
      await until(() => subscriptions(seen.said) > 0, "the page watches");
      await cut.bid(2_000);
      await until(() => keys.length > 0, "the page asks once more");
      await cut.expectAnswer("2,000");
      await cut.expectState("leading");
      keys.push(...seen.said.filter((message) => message.type === "bid").map((message) => message.key));
      assert.ok(broken, "the answer was kept from the page");
      assert.equal(keys.length, 2, "sent over the line, and once more by the API");
      assert.equal(new Set(keys).size, 1, `the same key: ${keys}`);
      const { items } = await cut.ask(`${auction}/bids`);
      assert.deepEqual(items.map((bid) => bid.amount), [2_000], "one bid, however often it was sent");
      await cut.expectWallet({ available: 98_000, held: 2_000 });
    }],
    ["a subscription that fails is asked for again, and the page goes on live", async () => {
      let failures = 0;
      const seen = await between(cut, (frame, line, said) => {
        if (failures === 0 && subscriptions(said) > 0) {
          failures += 1;
          line.send(JSON.stringify({ type: "error", code: "unavailable", id: Number(auction.split("/").pop()) }));
        }
        return true;
      });
      await cut.open(auction);
      await until(() => subscriptions(seen.said) >= 2, "the page asks again");
      assert.deepEqual([failures, seen.opened], [1, 1], "on the same line");
      await cut.bid(3_000);
      await cut.expectPrice(3_000);
    }],
    ["a bid that never arrived is asked for again with its key and its terms, and bids once with those read since", async () => {
      let isCut = true;
      const seen = await between(cut, () => true, (message) => !isCut || message.type !== "bid");
      await cut.page.route("**/api/v1/auctions/*/bids", (route) => (isCut ? route.abort() : route.continue()));
      await cut.open(auction);
      await until(() => subscriptions(seen.said) > 0, "the page watches");
      await cut.bid(5_000);
      await cut.page.locator("[data-bidform][data-sending]").waitFor();
      await cut.page.locator("[data-bidform]:not([data-sending])").waitFor();
      isCut = false;
      await seller.open(`${auction}/edit`);
      await send(seller.page, { note: "One drawer sticks a little." });
      await cut.page.locator("[data-changes-seen]").click();
      await cut.bid(5_000);
      await cut.expectPrice(5_000);
      const [first, again, fresh, ...more] = seen.said.filter((message) => message.type === "bid");
      assert.deepEqual([again.key, again.terms], [first.key, first.terms], "the same bid");
      assert.notEqual(fresh.key, first.key, "another bid");
      assert.deepEqual([fresh.terms, more.length], [first.terms + 1, 0], "under the terms that were read");
      const { items } = await cut.ask(`${auction}/bids`);
      assert.equal(items.filter((bid) => bid.amount === 5_000).length, 1, "one bid");
    }],
    ["a page that missed how its auction started afresh learns it from the next snapshot", async () => {
      let line = null;
      await between(cut, (_frame, open) => {
        line = open;
        return true;
      });
      await cut.open(auction);
      await cut.expectState("leading");
      await until(() => line !== null, "the page has a line");
      const seq = Number(await cut.page.locator("main [data-auction]").first().getAttribute("data-seq"));
      const id = Number(auction.split("/").pop());
      line.send(JSON.stringify({ type: "auction", id, seq, price: 1_000, minimum: 1_000, bid_count: 0, reserve: "none" }));
      await cut.page.locator("[data-afresh]").waitFor({ state: "visible" });
      await cut.expectState("open");
    }],
    ["a line that is closed for too much stays away for a minute, and comes back by itself", async () => {
      let isClosed = false;
      const seen = await between(cut, (_frame, line, said) => {
        if (isClosed || subscriptions(said) === 0) return true;
        isClosed = true;
        line.close({ code: 1008, reason: "too many messages in a second" });
        return false;
      });
      await cut.page.clock.install();
      await cut.open(auction);
      const bar = cut.page.locator("[data-live]");
      await bar.waitFor({ state: "visible" });
      await cut.page.clock.fastForward(STILL_AWAY);
      assert.equal(seen.opened, 1, "not before a minute is over");
      await cut.page.clock.fastForward(BACK_AFTER);
      await until(() => seen.opened === 2, "the page comes back");
      await bar.waitFor({ state: "hidden" });
    }],
  ];
}
