// What a page does when its line breaks where it hurts: each step puts a hand on the page's WebSocket and lets through
// only what it wants.

import assert from "node:assert/strict";

/** @typedef {import("./market.mjs").Member} Member */

/** Long enough for a page that asks again on any machine, in milliseconds. */
const PATIENCE = 30_000;
/** After a close with 1008 a page stays away for a minute, and comes back within five seconds more, in milliseconds. */
const STILL_AWAY = 50_000;
const BACK_AFTER = 20_000;

/**
 * A new page for the member. Every WebSocket it opens goes through `frame`, which says whether the page may have what
 * the server sent; what the page says is written down.
 * @param {Member} member
 * @param {(frame: any, line: any, said: any[]) => boolean} frame
 * @returns {Promise<{opened: number, said: any[]}>} how many lines the page has opened, and what it said on them
 */
async function between(member, frame) {
  const seen = { opened: 0, said: [] };
  member.page = await member.context.newPage();
  await member.page.routeWebSocket(/\/ws$/, (line) => {
    seen.opened += 1;
    const server = line.connectToServer();
    server.onMessage((text) => {
      if (frame(JSON.parse(String(text)), line, seen.said)) line.send(text);
    });
    line.onMessage((text) => {
      seen.said.push(JSON.parse(String(text)));
      server.send(text);
    });
  });
  return seen;
}

/**
 * @param {() => boolean} holds
 * @param {string} what
 */
async function until(holds, what) {
  const end = Date.now() + PATIENCE;
  while (!holds()) {
    assert.ok(Date.now() < end, what);
    await new Promise((again) => setTimeout(again, 50));
  }
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
      await cut.expectState("leading", PATIENCE);
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
