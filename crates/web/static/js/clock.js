// The server's clock: learnt from the page, then from hello and pong; a person's own clock never counts.

let base = Date.parse(document.body.dataset.now ?? "") || Date.now();
let mark = performance.now();
/** The round trip of the best sample so far; the page itself is worth nothing much. */
let trip = Infinity;

/** The server's time now, in milliseconds since 1970. */
export function now() {
  return base + (performance.now() - mark);
}

/**
 * Learns the time from a message.
 * @param {string} said the server's time as it stands in the message
 * @param {number} roundTrip milliseconds between question and answer
 */
export function learn(said, roundTrip) {
  const time = Date.parse(said);
  if (Number.isNaN(time)) return;
  const here = performance.now();
  // A sample of a shorter trip is nearer to the truth; old samples are forgotten slowly, for clocks drift.
  if (roundTrip <= trip * 1.25) {
    base = time + roundTrip / 2;
    mark = here;
    trip = Math.max(roundTrip, 1);
  } else {
    trip *= 1.1;
  }
}

/** @type {Set<(now: number) => void>} */
const watchers = new Set();

/**
 * Calls back about four times a second while the page is seen, and once when it is seen again.
 * @param {(now: number) => void} callback
 */
export function everyTick(callback) {
  watchers.add(callback);
  callback(now());
}

function tick() {
  const time = now();
  for (const callback of watchers) callback(time);
}

setInterval(() => {
  if (!document.hidden) tick();
}, 250);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
});
