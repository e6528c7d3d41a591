// Waiting for what comes by itself: asked again and again, whatever it takes to ask.

/** Long enough on any machine, in milliseconds; it says nothing about speed. Questions end what hangs by themselves. */
const PATIENCE = 30_000;
/** How long between two questions, in milliseconds. */
const PAUSE = 100;

/**
 * Waits until something is so. (`page.waitForFunction` asks once alone where the answer is a promise.)
 * @template Found
 * @param {() => Found | Promise<Found>} ask
 * @param {string} what is waited for, for whoever reads that it never came
 * @param {number} [patience]
 * @returns {Promise<Found>} the first answer that holds
 */
export async function until(ask, what, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() >= end) throw new Error(`never came: ${what}`);
    await new Promise((again) => setTimeout(again, PAUSE));
  }
}
