// The bid box: amounts, the second yes for unusual ones, sending under one key until an answer is certain.

import { freshKey } from "./key.js";
import { sayNow, sayPolitely } from "./say.js";
import { amountTyped, grouped, money, say } from "./words.js";

/** An answer over the socket that takes longer is asked for again over HTTP, with the same key. */
const SOCKET_MS = 3000;
/** The server itself gives up waiting for an outcome after ten seconds. */
const HTTP_MS = 12000;
const TRIES = 4;
/** Right after the amount changed under the finger a press is taken for the old amount. */
const SETTLE_MS = 800;
/** Steps above the minimum that are on offer. */
const STEPS = [0, 2, 4];

/**
 * @typedef {{ok: true, seq: number | null} | {ok: false, code: string, title: string, minimum?: number | null, wait?: number}} Answer
 * @typedef {{answer: (frame: import("./live.js").Frame) => void, moved: () => void, wallet: (frame: import("./live.js").Frame) => void}} BidBox
 */

/**
 * @param {HTMLElement} root
 * @param {import("./auction.js").Standing} standing
 * @param {import("./live.js").Live} live
 * @param {() => void} settle shows where the member stands
 * @returns {BidBox}
 */
export function startBid(root, standing, live, settle) {
  const form = /** @type {HTMLFormElement | null} */ (root.querySelector("[data-bidform]"));
  const field = form?.querySelector("input[name=amount]:not([type=hidden])");
  if (!form || !(field instanceof HTMLInputElement)) return { answer() {}, moved() {}, wallet() {} };
  return new Box(root, form, field, standing, live, settle);
}

/** @implements {BidBox} */
class Box {
  /** @type {Map<string, (answer: Answer) => void>} */
  #waiting = new Map();
  #ownAmount = false;
  #changedAt = -SETTLE_MS;
  #sending = false;
  /** The bid whose outcome is not yet certain. @type {{amount: number, key: string, unsure: boolean} | null} */
  #open = null;
  #available = 0;

  /**
   * @param {HTMLElement} root @param {HTMLFormElement} form @param {HTMLInputElement} field
   * @param {import("./auction.js").Standing} standing @param {import("./live.js").Live} live @param {() => void} settle
   */
  constructor(root, form, field, standing, live, settle) {
    this.root = root;
    this.form = form;
    this.field = field;
    this.standing = standing;
    this.live = live;
    this.settle = settle;
    this.send = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-send]"));
    this.#available = Number(form.querySelector("[data-usable]")?.getAttribute("data-usable") ?? 0) - standing.held;
    field.addEventListener("input", () => {
      this.#ownAmount = true;
      this.#changedAt = -SETTLE_MS;
      this.#note();
    });
    field.addEventListener("blur", () => this.#write(amountTyped(field.value)));
    form.querySelector("[data-amounts]")?.addEventListener("click", (event) => this.#choose(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  /** @param {Event} event */
  #choose(event) {
    const choice = event.target instanceof Element ? event.target.closest("[data-amount]") : null;
    if (!choice) return;
    event.preventDefault();
    this.#ownAmount = false;
    this.#changedAt = -SETTLE_MS;
    this.#write(Number(choice.getAttribute("data-amount")));
  }

  /** @param {number | null} amount */
  #write(amount) {
    if (amount === null) return;
    this.field.value = grouped(amount);
    this.#note();
  }

  /** What would be held, and which of the ready amounts it is. */
  #note() {
    const amount = amountTyped(this.field.value);
    const note = this.form.querySelector("[data-holdnote]");
    if (note && amount !== null) note.textContent = say("bid-hold-note", { amount: money(amount) });
    for (const choice of this.form.querySelectorAll("[data-amount]")) {
      if (Number(choice.getAttribute("data-amount")) === amount) choice.setAttribute("aria-current", "true");
      else choice.removeAttribute("aria-current");
    }
  }

  /** The price or the state moved: offers what can be bid now, and keeps an amount of the member's own. */
  moved() {
    const { minimum, step, buyNow, state } = this.standing;
    const open = ["open", "ending", "leading", "outbid"].includes(state);
    const said = /** @type {HTMLElement | null} */ (this.form.querySelector("[data-answer]"));
    if (said?.dataset.tone === "good" && state === "outbid") said.textContent = "";
    if (this.send) this.send.disabled = !open || minimum === null || this.#sending;
    const row = this.form.querySelector("[data-amounts]");
    if (minimum === null || !row) return;
    const amounts = [...new Set(STEPS.map((steps) => Math.min(minimum + steps * step, buyNow ?? Infinity)))];
    const shown = [...row.querySelectorAll("[data-amount]")].map((one) => Number(one.getAttribute("data-amount")));
    if (amounts.join() === shown.join()) return;
    row.replaceChildren(...amounts.map((amount) => this.#pill(amount)));
    if (!this.#ownAmount && !this.#sending && amountTyped(this.field.value) !== minimum) {
      this.#changedAt = performance.now();
      this.#write(minimum);
    } else {
      this.#note();
    }
  }

  /** @param {number} amount */
  #pill(amount) {
    const pill = document.createElement("a");
    pill.className = "amount-choice";
    pill.href = `/auctions/${this.standing.id}?amount=${amount}#bid`;
    pill.dataset.amount = String(amount);
    pill.textContent = grouped(amount);
    return pill;
  }

  /** @param {import("./live.js").Frame} frame */
  wallet(frame) {
    if (typeof frame.available === "number") this.#available = frame.available;
    this.#usable();
  }

  #usable() {
    const place = this.form.querySelector("[data-usable]");
    if (!place) return;
    const usable = this.#available + this.standing.held;
    place.setAttribute("data-usable", String(usable));
    place.textContent = money(usable);
  }

  /** @param {import("./live.js").Frame} frame */
  answer(frame) {
    const done = this.#waiting.get(frame.key);
    if (!done) return;
    this.#waiting.delete(frame.key);
    if (frame.type === "accepted") done({ ok: true, seq: frame.seq ?? null });
    else done({ ok: false, code: frame.code, title: frame.title ?? "", minimum: frame.minimum });
  }

  async #submit() {
    if (this.#sending) return;
    const amount = amountTyped(this.field.value);
    if (amount === null) return this.#tell("warn", say("bid-not-number"));
    const { minimum } = this.standing;
    const underTheFinger = performance.now() - this.#changedAt < SETTLE_MS;
    if (minimum !== null && (amount < minimum || underTheFinger)) return this.#offer(minimum);
    if (minimum !== null && this.#isUnusual(amount, minimum) && !(await this.#sure(amount))) return;
    this.#busy(true, say("bid-sending"));
    const answer = await this.#deliver(amount);
    this.#busy(false, say("bid-send"));
    if (answer.ok) this.#accepted(amount, answer.seq);
    else this.#refused(answer);
  }

  /** @param {number} minimum offered, never taken: the member has to press again */
  #offer(minimum) {
    this.#ownAmount = false;
    this.#write(minimum);
    this.#tell("warn", say("bid-moved", { minimum: money(minimum) }));
  }

  /**
   * Far above what is needed, or enough to buy at once.
   * @param {number} amount @param {number} minimum
   */
  #isUnusual(amount, minimum) {
    const { buyNow } = this.standing;
    return amount > minimum * 3 || (buyNow !== null && amount >= buyNow);
  }

  /** @param {number} amount @returns {Promise<boolean>} */
  #sure(amount) {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-confirm]"));
    if (!dialog) return Promise.resolve(true);
    const place = dialog.querySelector("[data-confirm-amount]");
    const hint = dialog.querySelector("[data-confirm-hint]");
    const { buyNow } = this.standing;
    const buys = buyNow !== null && amount >= buyNow;
    if (place) place.textContent = money(buys ? buyNow : amount);
    if (hint) hint.textContent = buys ? say("bid-buys-text", { amount: money(buyNow) }) : say("bid-confirm-hint");
    const yes = dialog.querySelector("button[value=yes]");
    if (yes) yes.textContent = say(buys ? "buy-now-yes" : "bid-confirm-send");
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  /**
   * Sends the bid under one key until an answer is certain: the socket first, then HTTP.
   * @param {number} amount
   * @returns {Promise<Answer>}
   */
  async #deliver(amount) {
    // A bid whose outcome is open keeps its key: pressing again asks what became of it, and never bids twice.
    if (this.#open?.amount !== amount) this.#open = { amount, key: freshKey(), unsure: false };
    const open = this.#open;
    /** @type {Answer} */
    let answer = await this.#bySocket(amount, open.key);
    open.unsure ||= isLost(answer);
    for (let round = 1; round < TRIES && !answer.ok && isUncertain(answer.code, open.unsure); round += 1) {
      this.#busy(true, say("bid-retrying"));
      await pause((answer.wait ?? 0) + Math.random() * 400 * round);
      answer = await this.#byHttp(amount, open.key);
      open.unsure ||= isLost(answer);
    }
    if (answer.ok || !isUncertain(answer.code, open.unsure)) this.#open = null;
    return answer;
  }

  /** @param {number} amount @param {string} key @returns {Promise<Answer>} */
  #bySocket(amount, key) {
    const { id, terms } = this.standing;
    if (!this.live.send({ type: "bid", id, amount, terms, key })) return this.#byHttp(amount, key);
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

  /** @param {number} amount @param {string} key @returns {Promise<Answer>} */
  async #byHttp(amount, key) {
    const { id, terms } = this.standing;
    try {
      const response = await fetch(`/api/v1/auctions/${id}/bids`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key, accept: "application/json" },
        body: JSON.stringify({ amount, terms }),
        signal: AbortSignal.timeout(HTTP_MS),
      });
      const body = await response.json();
      if (response.ok) return { ok: true, seq: body.bid?.seq ?? null };
      const wait = Number(response.headers.get("retry-after") ?? 0) * 1000;
      return { ok: false, code: body.code ?? "internal", title: body.title ?? "", minimum: body.minimum, wait };
    } catch {
      return { ok: false, code: "no_answer", title: say("bid-unsure"), wait: 800 };
    }
  }

  /** @param {number} amount @param {number | null} seq */
  #accepted(amount, seq) {
    const { standing } = this;
    standing.ownSeq = seq;
    const line = /** @type {HTMLElement | null} */ (seq === null ? null : this.root.querySelector(`[data-history] [data-seq="${seq}"]`));
    if (line?.dataset.bidder) {
      standing.me = Number(line.dataset.bidder);
      standing.ownSeq = null;
      line.toggleAttribute("data-mine", true);
      const who = line.querySelector(".who");
      if (who) who.textContent = say("live-you");
    }
    // Its frame has not come yet, so nobody can have bid more in between that this page knows of.
    if (standing.ownSeq !== null && standing.me !== null) standing.leader = standing.me;
    standing.held = amount;
    this.#ownAmount = false;
    this.settle();
    this.moved();
    this.#write(standing.minimum);
    this.#changedAt = performance.now();
    this.#usable();
    if (standing.state !== "outbid") this.#tell("good", say("bid-accepted", { amount: money(amount) }));
  }

  /** @param {Extract<Answer, {ok: false}>} answer */
  #refused(answer) {
    if (answer.code === "unauthenticated" || answer.code === "session_expired") {
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    if (answer.code === "below_minimum" && typeof answer.minimum === "number") {
      this.standing.minimum = answer.minimum;
      this.moved();
      this.#offer(answer.minimum);
      this.#changedAt = performance.now();
      return;
    }
    const isOpen = this.#open !== null;
    this.#tell(isOpen ? "warn" : "bad", isOpen && this.#open?.unsure ? say("bid-unsure") : answer.title || say("bid-unsure"));
  }

  /** @param {"good" | "warn" | "bad"} tone @param {string} text */
  #tell(tone, text) {
    const place = /** @type {HTMLElement | null} */ (this.form.querySelector("[data-answer]"));
    if (place) {
      place.dataset.tone = tone;
      place.textContent = text;
    }
    if (tone === "good") sayPolitely(text);
    else sayNow(text);
  }

  /** @param {boolean} on @param {string} label */
  #busy(on, label) {
    this.#sending = on;
    this.form.toggleAttribute("data-sending", on);
    if (!this.send) return;
    this.send.disabled = on;
    this.send.textContent = label;
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
