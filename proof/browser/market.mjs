// What members do here, through pages alone, and what they may expect to see and to own afterwards.

import assert from "node:assert/strict";
import { localMinute, send } from "./forms.mjs";
import { STEP_PATIENCE, until } from "./waiting.mjs";

/** @typedef {import("playwright-core").BrowserContext} BrowserContext */
/** @typedef {import("playwright-core").Page} Page */

const MINUTE = 60_000;
/** How long a story may take before its auction ends, in milliseconds. */
const STORY = 100_000;
/** How long to wait for a close; it says nothing about speed, it only ends what hangs. */
export const PATIENCE = 6 * MINUTE;

/** A member with a browser of his own. */
export class Member {
  /**
   * @param {string} name
   * @param {BrowserContext} context
   * @param {Page} page
   * @param {string} url
   */
  constructor(name, context, page, url) {
    Object.assign(this, { name, context, page, url });
  }

  /** @param {string} path */
  async open(path) {
    const answer = await this.page.goto(this.url + path);
    assert.equal(answer?.status(), 200, `${path} answers`);
  }

  async signUp() {
    const username = `${this.name}_${Date.now().toString(36)}`;
    await this.open("/sign-up");
    await send(this.page, { username, password: `${username}-password`, nickname: username });
    await this.page.waitForURL((address) => address.pathname !== "/sign-up");
    this.username = username;
    this.id = (await this.ask("/me")).id;
  }

  /** @param {number} amount in won */
  async deposit(amount) {
    await this.open("/wallet");
    await send(this.page, { amount: String(amount) });
    await this.expectWallet({ available: amount, held: 0 });
  }

  /**
   * Offers something from 1,000 won in steps of 1,000.
   * @param {string} title
   * @param {Date} [end] on a whole minute; without one the form's own default stands
   * @param {Record<string, string>} [terms] further fields of the form, or others than these
   * @returns {Promise<string>} the path of the auction's page
   */
  async list(title, end, terms = {}) {
    await this.open("/sell");
    const zone = (await this.page.locator("body").getAttribute("data-zone")) ?? "Asia/Seoul";
    const values = { title, description: `${title}, used with care.`, start_price: "1000", bid_unit: "1000" };
    const close = end ? { ends_at: localMinute(end, zone), soft_close_minutes: "0" } : {};
    await send(this.page, { ...values, ...close, ...terms });
    await this.page.waitForURL(/\/auctions\/\d+/);
    return new URL(this.page.url()).pathname;
  }

  /** @param {number} amount in won */
  async bid(amount) {
    await send(this.page, { amount: String(amount) });
  }

  /** @param {string} state as the bid box says it */
  async expectState(state, patience = STEP_PATIENCE) {
    await this.page.locator(`main [data-bidbox][data-state="${state}"]`).waitFor({ timeout: patience });
  }

  /** @param {number} price in won */
  async expectPrice(price) {
    await this.page.locator(`main [data-bidbox] [data-price="${price}"]`).waitFor();
  }

  /**
   * Waits until the wallet stands as it must; a form may still be on its way when its button has been pressed.
   * @param {{available: number, held: number}} money
   */
  async expectWallet({ available, held }) {
    let wallet = { available: -1, held: -1 };
    const stands = async () => {
      wallet = await this.ask("/wallet");
      return wallet.available === available && wallet.held === held;
    };
    await until(stands, "the wallet stands as it must").catch(() => {});
    assert.deepEqual({ available: wallet.available, held: wallet.held }, { available, held });
  }

  /** @param {string} words in what answers the last form */
  async expectAnswer(words) {
    const answer = this.page.locator('main [data-answer], main [role="alert"]').filter({ hasText: words });
    await answer.first().waitFor();
  }

  /** Marks the page, so that a later look can tell whether it is still the same one. */
  async mark() {
    await this.page.evaluate("document.documentElement.dataset.marked = 'yes'");
  }

  async expectSamePage() {
    assert.equal(await this.page.locator("html").getAttribute("data-marked"), "yes", "the page was not loaded anew");
  }

  /** @param {string} path below the API, asked with the browser's own session */
  async ask(path) {
    const answer = await this.context.request.get(`${this.url}/api/v1${path}`);
    assert.equal(answer.status(), 200, `${path} answers`);
    return answer.json();
  }
}

/** The first whole minute that leaves enough time for a story, and so many milliseconds more. */
export function storyEnd(more = 0) {
  return new Date(Math.ceil((Date.now() + STORY + more) / MINUTE) * MINUTE);
}

/**
 * The story of one auction, in order; each step rests on those before it.
 * @param {{seller: Member, bidder: Member, plain: Member}} people `plain` has a browser without JavaScript
 * @param {{auction?: string}} found where the auction stands, once it is listed
 * @returns {[string, () => Promise<void>][]}
 */
export function bidding({ seller, bidder, plain }, found) {
  return [
    ["three members sign up, one of them without JavaScript", async () => {
      for (const member of [seller, bidder, plain]) await member.signUp();
    }],
    ["the bidders deposit", async () => {
      await bidder.deposit(100_000);
      await plain.deposit(50_000);
    }],
    ["the seller lists an auction and stays on its page", async () => {
      found.auction = await seller.list("원목 의자 An oak chair", storyEnd());
      await seller.expectState("own");
      await seller.mark();
    }],
    ["a bid leads and holds the money", async () => {
      await bidder.open(found.auction);
      await bidder.expectState("open");
      await bidder.mark();
      await bidder.bid(2_000);
      await bidder.expectState("leading");
      await bidder.expectWallet({ available: 98_000, held: 2_000 });
    }],
    ["the seller sees the new price live", async () => {
      await seller.expectPrice(2_000);
      await seller.expectSamePage();
    }],
    ["a plain form bids without JavaScript", async () => {
      await plain.open(found.auction);
      await plain.bid(5_000);
      await plain.expectState("leading");
      await plain.expectPrice(5_000);
      await plain.expectWallet({ available: 45_000, held: 5_000 });
    }],
    ["the outbid member learns it live and has the money back", async () => {
      await bidder.expectState("outbid");
      await bidder.expectPrice(5_000);
      await bidder.expectSamePage();
      await bidder.expectWallet({ available: 100_000, held: 0 });
    }],
    ["bidding again takes the lead back, and the leader may raise his own", async () => {
      await bidder.bid(7_000);
      await bidder.expectState("leading");
      await bidder.expectPrice(7_000);
      await bidder.bid(9_000);
      await bidder.expectPrice(9_000);
      await bidder.expectState("leading");
      await bidder.expectWallet({ available: 91_000, held: 9_000 });
      await seller.expectPrice(9_000);
    }],
    ["a bid that is too low is refused in words", async () => {
      await plain.open(found.auction);
      await plain.expectState("outbid");
      await plain.bid(9_000);
      await plain.expectAnswer("10,000");
      await plain.expectWallet({ available: 50_000, held: 0 });
    }],
  ];
}

/**
 * How the story ends, once the auction has closed by itself.
 * @param {{seller: Member, bidder: Member, plain: Member}} people
 * @param {{auction?: string}} found
 * @returns {[string, () => Promise<void>][]}
 */
export function closing({ seller, bidder, plain }, found) {
  return [
    ["the winner's page says so", async () => {
      await bidder.open(found.auction);
      await bidder.expectState("won", PATIENCE);
      await bidder.expectWallet({ available: 91_000, held: 0 });
    }],
    ["the other bidder has lost, and all of the money is free", async () => {
      await plain.open(found.auction);
      await plain.expectState("lost");
      await plain.expectWallet({ available: 50_000, held: 0 });
    }],
    ["the seller sees that it is sold, and is paid once it is handed over", async () => {
      await seller.open(found.auction);
      await seller.expectState("ended");
      await seller.expectWallet({ available: 0, held: 0 });
    }],
  ];
}
