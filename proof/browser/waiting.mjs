// Waiting for what comes by itself: asked again and again, whatever it takes to ask.

/**
 * Long enough on any machine, however busy with other pages, in milliseconds; it says nothing about speed, it only ends what
 * hangs.
 */
export const STEP_PATIENCE = 60_000;
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
export async function until(ask, what, patience = STEP_PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() >= end) throw new Error(`never came: ${what}`);
    await new Promise((again) => setTimeout(again, PAUSE));
  }
}
