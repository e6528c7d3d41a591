// What is said aloud and what pops up: prices at most once in three seconds, urgent words once each.

const polite = document.querySelector("[data-say]");
const urgent = document.querySelector("[data-alert]");

const PAUSE_MS = 3000;
/** @type {string | null} */
let waiting = null;
let spokenAt = -PAUSE_MS;
let timer = 0;

/**
 * Says something when there is time: of several within three seconds only the newest is heard.
 * @param {string} text
 */
export function sayPolitely(text) {
  waiting = text;
  if (timer) return;
  const wait = Math.max(0, spokenAt + PAUSE_MS - performance.now());
  timer = setTimeout(() => {
    timer = 0;
    spokenAt = performance.now();
    if (polite && waiting !== null) polite.textContent = waiting;
    waiting = null;
  }, wait);
}

/**
 * Says something at once; the same words again are heard again.
 * @param {string} text
 */
export function sayNow(text) {
  if (!urgent) return;
  urgent.textContent = "";
  requestAnimationFrame(() => {
    urgent.textContent = text;
  });
}

const TOAST_MS = 4000;

/**
 * Shows a short word at the foot of the page.
 * @param {string} text
 */
export function toast(text) {
  document.querySelector(".toast")?.remove();
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = text;
  document.body.append(note);
  setTimeout(() => note.remove(), TOAST_MS);
}
