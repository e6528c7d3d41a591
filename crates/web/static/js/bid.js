// The bid box: amounts, a maximum, the second yes for unusual ones, and what became of a bid.

import { Delivery } from "./delivery.js";
import { adoptLine } from "./history.js";
import { sayNow, sayPolitely } from "./say.js";
import { amountTyped, grouped, money, say } from "./words.js";

/** Right after the amount changed under the finger a press is taken for the old amount. */
const SETTLE_MS = 800;
/** Steps above the minimum that are on offer. */
const STEPS = [0, 2, 4];
/** An amount above so many times what is needed, or a maximum of so many times, is asked about once more. */
const UNUSUAL = 3;
const UNUSUAL_MAXIMUM = 10;
/** A frame that has not come so long after its bid was accepted was outrun: the page asks how it stands. */
const FRAME_MS = 1500;

/**
 * @typedef {import("./delivery.js").Figures} Figures
 * @typedef {import("./delivery.js").Accepted} Accepted
 * @typedef {import("./delivery.js").Refused} Refused
 * @typedef {object} BidBox
 * @property {(frame: import("./live.js").Frame) => void} answer
 * @property {() => void} moved
 * @property {(frame: import("./live.js").Frame) => void} wallet
 * @property {() => Promise<void>} ask asks how the member stands here
 */

/**
 * @param {HTMLElement} root
 * @param {import("./auction.js").Standing} standing
 * @param {import("./live.js").Live} live
 * @param {import("./changes.js").Changes} changes
 * @param {() => void} settle shows where the member stands
 * @returns {BidBox}
 */
export function startBid(root, standing, live, changes, settle) {
  const form = /** @type {HTMLFormElement | null} */ (root.querySelector("[data-bidform]"));
  const field = form?.querySelector("input[name=amount]:not([type=hidden])");
  if (!form || !(field instanceof HTMLInputElement)) return { answer() {}, moved() {}, wallet() {}, async ask() {} };
  return new Box(root, form, field, standing, live, changes, settle);
}

/** @implements {BidBox} */
class Box {
  #ownAmount = false;
  #changedAt = -SETTLE_MS;
  #sending = false;
  /** The accepted bid of which it is not yet known who leads after it. @type {{figures: Figures, late: number} | null} */
  #undecided = null;
  #available = 0;
  /** Where the member stood when the form was last looked after. */
  #before = "";

  /**
   * @param {HTMLElement} root @param {HTMLFormElement} form @param {HTMLInputElement} field
   * @param {import("./auction.js").Standing} standing @param {import("./live.js").Live} live
   * @param {import("./changes.js").Changes} changes @param {() => void} settle
   */
  constructor(root, form, field, standing, live, changes, settle) {
    this.root = root;
    this.form = form;
    this.field = field;
    this.standing = standing;
    this.changes = changes;
    this.settle = settle;
    this.delivery = new Delivery(standing, live, () => this.#busy(true, say("bid-retrying")));
    this.maximum = /** @type {HTMLInputElement | null} */ (form.querySelector("input[name=maximum]:not([type=hidden])"));
    this.send = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-send]"));
    this.#available = Number(form.querySelector("[data-usable]")?.getAttribute("data-usable") ?? 0) - standing.held;
    field.addEventListener("input", () => {
      this.#ownAmount = true;
      this.#changedAt = -SETTLE_MS;
      this.#note();
    });
    field.addEventListener("blur", () => this.#write(amountTyped(field.value)));
    this.maximum?.addEventListener("input", () => this.#note());
    this.maximum?.addEventListener("blur", () => {
      const maximum = amountTyped(this.maximum?.value ?? "");
      if (this.maximum && maximum !== null) this.maximum.value = grouped(maximum);
    });
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
    const named = amountTyped(this.maximum?.value ?? "") ?? amount;
    // What is held for a leader never becomes less.
    const most = Math.max(named ?? 0, this.standing.state === "leading" ? this.standing.held : 0);
    if (note && named !== null) note.textContent = say("bid-hold-note", { amount: money(most) });
    if (this.send && !this.#sending) this.send.textContent = this.#label();
    for (const choice of this.form.querySelectorAll("[data-amount]")) {
      if (Number(choice.getAttribute("data-amount")) === amount) choice.setAttribute("aria-current", "true");
      else choice.removeAttribute("aria-current");
    }
  }

  /** What the button does. */
  #label() {
    const raises = this.standing.state === "leading" && (this.maximum?.value ?? "").trim() !== "";
    return say(raises ? "bid-maximum-raise" : "bid-send");
  }

  /** The price or the state moved: offers what can be bid now, and keeps an amount of the member's own. */
  moved() {
    const { minimum, step, buyNow, state } = this.standing;
    this.#decide();
    const title = this.form.querySelector("[data-maximum-title]");
    if (title) title.textContent = say(state === "leading" ? "bid-maximum-raise" : "bid-maximum-set");
    if (this.send && !this.#sending) this.send.textContent = this.#label();
    const open = ["open", "ending", "leading", "outbid"].includes(state);
    this.#usable();
    if (state === "outbid" && this.#before !== "outbid") this.#outbid(minimum);
    this.#before = state;
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

  /**
   * What was said and typed while leading is of no use any more.
   * @param {number | null} minimum
   */
  #outbid(minimum) {
    const said = /** @type {HTMLElement | null} */ (this.form.querySelector("[data-answer]"));
    if (said && said.dataset.tone !== "warn") said.textContent = "";
    const maximum = amountTyped(this.maximum?.value ?? "");
    if (this.maximum && maximum !== null && minimum !== null && maximum < minimum) {
      this.maximum.value = "";
      this.#fold();
    }
  }

  /** @param {import("./live.js").Frame} frame */
  answer(frame) {
    this.delivery.answer(frame);
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

  async #submit() {
    if (this.#sending) return;
    const figures = this.#figures();
    if (figures === null) return this.#tell("warn", say("bid-not-number"));
    if (this.changes.unread()) return this.#tell("warn", say("live-edited"));
    const { amount, maximum } = figures;
    if (amount !== undefined && maximum !== undefined && maximum < amount) return this.#tell("warn", say("bid-maximum-low"));
    const { minimum } = this.standing;
    const raises = maximum !== undefined && this.standing.state === "leading";
    const most = maximum ?? amount ?? 0;
    const underTheFinger = maximum === undefined && performance.now() - this.#changedAt < SETTLE_MS;
    if (minimum !== null && !raises && (most < minimum || underTheFinger)) return this.#offer(minimum);
    const doubt = minimum === null ? null : this.#doubt(figures, minimum, raises);
    if (doubt && !(await this.#sure(doubt))) return;
    this.#busy(true, say("bid-sending"));
    let answer = await this.delivery.deliver(figures);
    // Asked again with the terms it was first sent with, and never decided: the new ones have been read since.
    const hasRead = !answer.ok && answer.code === "terms_changed" && answer.terms === this.standing.terms;
    if (hasRead) answer = await this.delivery.deliver(figures);
    this.#busy(false, this.#label());
    if (answer.ok) this.#accepted(figures, answer);
    else this.#refused(answer);
  }

  /**
   * What was typed. Beside a maximum an amount is only a wish to show more than is needed.
   * @returns {Figures | null} nothing if it is no figure
   */
  #figures() {
    const typed = (this.maximum?.value ?? "").trim();
    const maximum = typed === "" ? undefined : amountTyped(typed);
    if (maximum === null) return null;
    const amount = this.field.value.trim() === "" ? undefined : amountTyped(this.field.value);
    if (amount === null || (amount ?? maximum) === undefined) return null;
    if (maximum === undefined) return { amount };
    const wished = amount !== undefined && amount > (this.standing.minimum ?? 0) && this.standing.state !== "leading";
    return wished ? { amount, maximum } : { maximum };
  }

  /** @param {number} minimum offered, never taken: the member has to press again */
  #offer(minimum) {
    this.#ownAmount = false;
    this.#write(minimum);
    this.#tell("warn", say("bid-moved", { minimum: money(minimum) }));
  }

  /**
   * What has to be asked once more: a figure far above what is needed, or one that is enough to buy at once.
   * @param {Figures} figures @param {number} minimum @param {boolean} raises
   * @returns {{amount: number, hint: string, yes: string} | null}
   */
  #doubt({ amount, maximum }, minimum, raises) {
    const { buyNow, held } = this.standing;
    const shown = raises ? 0 : Math.max(amount ?? 0, maximum === undefined ? 0 : minimum);
    if (buyNow !== null && shown >= buyNow) {
      return { amount: buyNow, hint: say("bid-buys-text", { amount: money(buyNow) }), yes: say("buy-now-yes") };
    }
    const yes = say("bid-confirm-send");
    if (maximum !== undefined && maximum >= UNUSUAL_MAXIMUM * Math.max(minimum, raises ? held : 0)) {
      return { amount: maximum, hint: say("bid-confirm-maximum-hint"), yes };
    }
    if (amount !== undefined && amount > UNUSUAL * minimum) return { amount, hint: say("bid-confirm-hint"), yes };
    return null;
  }

  /** @param {{amount: number, hint: string, yes: string}} doubt @returns {Promise<boolean>} */
  #sure(doubt) {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-confirm]"));
    if (!dialog) return Promise.resolve(true);
    const place = dialog.querySelector("[data-confirm-amount]");
    const hint = dialog.querySelector("[data-confirm-hint]");
    if (place) place.textContent = money(doubt.amount);
    if (hint) hint.textContent = doubt.hint;
    const yes = dialog.querySelector("button[value=yes]");
    if (yes) yes.textContent = doubt.yes;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  /** @param {Figures} figures @param {Accepted} answer */
  #accepted(figures, answer) {
    const { standing } = this;
    if (answer.silent) {
      standing.held = figures.maximum ?? standing.held;
      this.#finish();
      return this.#tell("good", say("bid-raised"));
    }
    standing.ownSeq = answer.seq;
    const line = answer.seq === null ? null : adoptLine(this.root, answer.seq);
    if (line !== null) {
      standing.me = line.me;
      standing.ownLed = line.led;
      standing.ownSeq = null;
    }
    const late = setTimeout(() => void this.ask(), FRAME_MS);
    this.#undecided = { figures, late };
    if (answer.leads !== undefined && standing.ownSeq !== null) {
      // By HTTP it is known who leads, though its frame has not come yet.
      if (typeof answer.minimum === "number") standing.minimum = answer.minimum;
      if (answer.leads && standing.me !== null) standing.leader = standing.me;
      this.#decided(answer.leads);
    } else {
      this.#decide();
    }
  }

  /** Says who leads after the member's bid, once its frame is there. */
  #decide() {
    const { standing } = this;
    if (this.#undecided && standing.ownSeq === null) this.#decided(standing.ownLed);
  }

  /** @param {boolean} leads */
  #decided(leads) {
    const { standing } = this;
    if (!this.#undecided) return;
    const { figures, late } = this.#undecided;
    clearTimeout(late);
    this.#undecided = null;
    if (leads) {
      const most = figures.maximum ?? figures.amount ?? 0;
      standing.held = Math.max(most, standing.state === "leading" ? standing.held : 0);
    }
    this.#finish();
    if (leads && standing.state === "outbid") return;
    if (leads) return this.#tell("good", this.#leading(figures));
    const minimum = standing.minimum === null ? "" : money(standing.minimum);
    this.#tell("warn", say("bid-beaten", { minimum }));
  }

  /** @param {Figures} figures */
  #leading({ amount, maximum }) {
    const { price, reserve } = this.standing;
    const shown = money(Math.max(price, amount ?? 0));
    if (reserve === "not_met") return say("bid-accepted-below", { amount: shown });
    if (maximum !== undefined && maximum > price) return say("bid-accepted-maximum", { amount: money(maximum) });
    return say("bid-accepted", { amount: shown });
  }

  /** The form is ready for the next bid. */
  #finish() {
    this.#ownAmount = false;
    if (this.maximum) this.maximum.value = "";
    this.#fold();
    this.settle();
    this.moved();
    this.#write(this.standing.minimum);
    this.#changedAt = performance.now();
    this.#usable();
  }

  /** Folds the part for a maximum again. */
  #fold() {
    const part = this.form.querySelector("[data-maximum-part]");
    if (part instanceof HTMLDetailsElement) part.open = false;
  }

  /** Asks how the member stands here: a frame was outrun, or something was told to him alone. */
  async ask() {
    const { standing } = this;
    try {
      const response = await fetch(`/api/v1/auctions/${standing.id}`, { headers: { accept: "application/json" } });
      const { mine, minimum } = await response.json();
      if (!mine) return;
      const before = standing.held;
      standing.me = mine.bidder;
      standing.ownSeq = null;
      standing.held = mine.held;
      if (mine.leading) standing.leader = mine.bidder;
      if (minimum !== undefined) standing.minimum = minimum;
      if (this.#undecided) return this.#decided(mine.leading);
      this.settle();
      this.moved();
      if (mine.leading && mine.held < before) this.#tell("warn", say("bid-maximum-cut"));
    } catch {
      // The next frame shows it.
    }
  }

  /** @param {Refused} answer */
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
    if (answer.code === "terms_changed") {
      this.changes.missed(answer.terms ?? null);
      this.changes.unread();
    }
    const { open } = this.delivery;
    this.#tell(open ? "warn" : "bad", open?.unsure ? say("bid-unsure") : answer.title || say("bid-unsure"));
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
