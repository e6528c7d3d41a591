// Delivering a bid: under one key until an answer is certain, over the socket first and then by HTTP.

import { freshKey } from "./key.js";
import { say } from "./words.js";

/** An answer over the socket that takes longer is asked for again over HTTP, with the same key. */
const SOCKET_MS = 3000;
/** The server itself gives up waiting for an outcome after ten seconds. */
const HTTP_MS = 12000;
const TRIES = 4;

/**
 * What a member bids: an amount, a maximum, or both.
 * @typedef {{amount?: number, maximum?: number}} Figures
 * @typedef {{figures: Figures, terms: number, key: string}} Bid
 * @typedef {{ok: true, seq: number | null, silent: boolean, leads?: boolean, minimum?: number | null}} Accepted
 * @typedef {{ok: false, code: string, title: string, minimum?: number | null, terms?: number, wait?: number}} Refused
 * @typedef {Accepted | Refused} Answer
 */

export class Delivery {
  /** @type {Map<string, (answer: Answer) => void>} */
  #waiting = new Map();
  /**
   * The bid whose outcome is not yet certain. Its key stands for its terms too: the same key with others is refused.
   * @type {{figures: Figures, terms: number, key: string, unsure: boolean} | null}
   */
  #open = null;

  /**
   * @param {import("./auction.js").Standing} standing @param {import("./live.js").Live} live
   * @param {() => void} retrying says that the bid is sent once more
   */
  constructor(standing, live, retrying) {
    this.standing = standing;
    this.live = live;
    this.retrying = retrying;
  }

  /** The bid whose outcome is not yet certain, if there is one. */
  get open() {
    return this.#open;
  }

  /** @param {import("./live.js").Frame} frame */
  answer(frame) {
    const done = this.#waiting.get(frame.key);
    if (!done) return;
    this.#waiting.delete(frame.key);
    if (frame.type === "accepted") done({ ok: true, seq: frame.seq ?? null, silent: frame.silent === true });
    else done({ ok: false, code: frame.code, title: frame.title ?? "", minimum: frame.minimum, terms: frame.terms });
  }

  /**
   * Sends the bid under one key until an answer is certain: the socket first, then HTTP.
   * @param {Figures} figures
   * @returns {Promise<Answer>}
   */
  async deliver(figures) {
    // A bid whose outcome is open keeps its key: pressing again asks what became of it, and never bids twice.
    const open = this.#keeps(figures) ?? { figures, terms: this.standing.terms, key: freshKey(), unsure: false };
    this.#open = open;
    /** @type {Answer} */
    let answer = await this.#bySocket(open);
    open.unsure ||= isLost(answer);
    for (let round = 1; round < TRIES && !answer.ok && isUncertain(answer.code, open.unsure); round += 1) {
      this.retrying();
      await pause((answer.wait ?? 0) + Math.random() * 400 * round);
      answer = await this.#byHttp(open);
      open.unsure ||= isLost(answer);
    }
    if (answer.ok || !isUncertain(answer.code, open.unsure)) this.#open = null;
    return answer;
  }

  /**
   * The open bid, if these figures ask what became of it. One that surely was not decided gives way to newer terms.
   * @param {Figures} figures
   */
  #keeps({ amount, maximum }) {
    const open = this.#open;
    if (open === null || open.figures.amount !== amount || open.figures.maximum !== maximum) return null;
    return open.unsure || open.terms === this.standing.terms ? open : null;
  }

  /** @param {Bid} bid @returns {Promise<Answer>} */
  #bySocket({ figures, terms, key }) {
    const { id } = this.standing;
    if (!this.live.send({ type: "bid", id, ...figures, terms, key })) return this.#byHttp({ figures, terms, key });
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#waiting.delete(key);
        resolve({ ok: false, code: "no_answer", title: say("bid-unsure") });
      }, SOCKET_MS);
      this.#waiting.set(key, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
  }

  /** @param {Bid} bid @returns {Promise<Answer>} */
  async #byHttp({ figures, terms, key }) {
    const { id } = this.standing;
    try {
      const response = await fetch(`/api/v1/auctions/${id}/bids`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key, accept: "application/json" },
        body: JSON.stringify({ ...figures, terms }),
        signal: AbortSignal.timeout(HTTP_MS),
      });
      const body = await response.json();
      if (response.ok) {
        const { minimum, leading } = body.auction ?? {};
        return { ok: true, seq: body.bid?.seq ?? null, silent: body.bid === null, leads: leading === true, minimum };
      }
      const wait = Number(response.headers.get("retry-after") ?? 0) * 1000;
      const { code = "internal", title = "", minimum, terms: now } = body;
      return { ok: false, code, title, minimum, terms: now, wait };
    } catch {
      return { ok: false, code: "no_answer", title: say("bid-unsure"), wait: 800 };
    }
  }
}

/** Whether the bid may have been accepted without our hearing of it. @param {Answer} answer */
function isLost(answer) {
  return !answer.ok && (answer.code === "no_answer" || answer.code === "outcome_unknown");
}

/**
 * Nothing is known, or nothing was decided: the same key may be sent again. Once an answer was lost, being turned away
 * at the door says nothing about it either.
 * @param {string} code @param {boolean} unsure
 */
function isUncertain(code, unsure) {
  const turnedAway = code === "rate_limited" || code === "unavailable" || code === "internal";
  return code === "no_answer" || code === "busy" || code === "outcome_unknown" || (unsure && turnedAway);
}

/** @param {number} wait milliseconds */
function pause(wait) {
  return new Promise((resolve) => setTimeout(resolve, wait));
}
