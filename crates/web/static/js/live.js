// The live line: one WebSocket a page, which carries every auction on it, picks up where it broke off and heals itself.

import { learn } from "./clock.js";

/**
 * A frame as the server sends it; only `type` is always there.
 * @typedef {{type: string, id?: number, seq?: number, now?: string, [name: string]: any}} Frame
 */

const RETRY_MS_MAX = 5000;
const PING_MS = 20000;
/** Nothing heard for so long means that the line is dead, whatever the browser believes. */
const SILENCE_MS_MAX = 45000;
/** The server takes 20 messages a second; some room is left for bids. */
const MESSAGES_PER_SECOND = 14;
/** After the server has closed for too much (1008), trying again at once would only be too much again. */
const REFUSED_MS = 60000;
/** How long to wait before a subscription that failed is asked for again. */
const AGAIN_MS = 3000;

export class Live {
  /** @type {WebSocket | null} */
  #socket = null;
  /** The newest event known of each watched auction; 0 asks for a snapshot. @type {Map<number, number>} */
  #known = new Map();
  /** @type {string[]} */
  #queue = [];
  /** @type {Set<(frame: Frame) => void>} */
  #listeners = new Set();
  /** @type {Set<(up: boolean) => void>} */
  #lineListeners = new Set();
  /** Auctions whose next snapshot counts whatever its number: it answers our own question. @type {Set<number>} */
  #asked = new Set();
  #heardAt = 0;
  #drainedAt = -Infinity;
  #retry = 0;

  constructor() {
    setInterval(() => this.#drain(), 1000);
    setInterval(() => this.#beat(), PING_MS);
    addEventListener("online", () => this.#reopen(0));
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#reopen(0);
    });
    addEventListener("pagehide", () => this.#socket?.close());
  }

  /** Whether the line is up. */
  get up() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** @param {(frame: Frame) => void} listener hears every frame that is new, in order for each auction */
  onFrame(listener) {
    this.#listeners.add(listener);
  }

  /** @param {(up: boolean) => void} listener hears when the line comes up and when it is lost */
  onLine(listener) {
    this.#lineListeners.add(listener);
  }

  /**
   * Watches an auction from the event the page already shows.
   * @param {number} id
   * @param {number} seq 0 when the page does not know
   */
  watch(id, seq) {
    if (this.#known.has(id)) return;
    this.#known.set(id, seq);
    if (this.up) this.#subscribe(id);
  }

  /** Opens the line. */
  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.addEventListener("open", () => {
      this.#queue.length = 0;
      for (const id of this.#known.keys()) this.#subscribe(id);
      this.#beat();
      for (const listener of this.#lineListeners) listener(true);
    });
    socket.addEventListener("message", (event) => this.#hear(event.data));
    socket.addEventListener("close", (event) => this.#lost(socket, event.code));
  }

  /**
   * Sends a message at once, past the queue of subscriptions; false when the line is down.
   * @param {object} message
   */
  send(message) {
    if (!this.up) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  /** @param {number} id */
  #subscribe(id) {
    const since = this.#known.get(id) ?? 0;
    this.#asked.add(id);
    this.#queue.push(JSON.stringify(since > 0 ? { type: "subscribe", id, since } : { type: "subscribe", id }));
    if (this.#queue.length === 1) queueMicrotask(() => this.#drain());
  }

  /** At most so many messages in any second, whenever the line came up within it. */
  #drain() {
    if (!this.up || performance.now() - this.#drainedAt < 990) return;
    if (this.#queue.length > 0) this.#drainedAt = performance.now();
    for (const message of this.#queue.splice(0, MESSAGES_PER_SECOND)) this.#socket?.send(message);
  }

  #beat() {
    if (!this.up) return;
    if (performance.now() - this.#heardAt > SILENCE_MS_MAX) {
      this.#socket?.close();
      return;
    }
    this.send({ type: "ping", at: Math.round(performance.now()) });
  }

  /** @param {unknown} data */
  #hear(data) {
    this.#heardAt = performance.now();
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    if (frame.type === "hello" && frame.now) learn(frame.now, 400);
    if (frame.type === "pong" && frame.now) learn(frame.now, performance.now() - Number(frame.at ?? 0));
    if (frame.type === "error" && frame.id !== undefined) this.#askAgain(frame.id, String(frame.code));
    if (this.#isNews(frame)) for (const listener of this.#listeners) listener(frame);
  }

  /**
   * A subscription that failed for a passing reason is asked for again.
   * @param {number} id @param {string} code
   */
  #askAgain(id, code) {
    if (code === "auction_not_found" || !this.#known.has(id)) return;
    setTimeout(() => {
      if (this.up) this.#subscribe(id);
    }, AGAIN_MS);
  }

  /**
   * Frames of an auction come once each and in order; a gap, which should not be, asks for a snapshot.
   * @param {Frame} frame
   */
  #isNews(frame) {
    const { id, seq, type } = frame;
    const answers = type === "accepted" || type === "refused";
    if (id === undefined || seq === undefined || answers || !this.#known.has(id)) return true;
    const known = this.#known.get(id) ?? 0;
    const answersUs = this.#asked.delete(id);
    if (type === "auction") {
      if (seq < known && !answersUs) return false;
    } else {
      if (seq <= known) return false;
      if (known > 0 && seq > known + 1) {
        this.#known.set(id, 0);
        this.#queue.push(JSON.stringify({ type: "unsubscribe", id }));
        this.#subscribe(id);
        this.#drain();
        return false;
      }
    }
    this.#known.set(id, seq);
    return true;
  }

  /** @param {WebSocket} socket @param {number} code */
  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    for (const listener of this.#lineListeners) listener(false);
    this.#reopen(Math.random() * RETRY_MS_MAX + (code === 1008 ? REFUSED_MS : 0));
  }

  /** @param {number} wait milliseconds */
  #reopen(wait) {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (!this.#socket) this.open();
    }, wait);
  }
}
