// Words and figures: the texts come with the page (template#script-words), money and time are written as the server writes them.

/** @type {Map<string, string>} */
const texts = new Map();
const store = /** @type {HTMLTemplateElement | null} */ (document.getElementById("script-words"));
for (const one of store?.content.querySelectorAll("data") ?? []) {
  texts.set(one.value, one.textContent ?? "");
}

/**
 * The text of a key with its figures put in; an unknown key is empty.
 * @param {string} key
 * @param {Record<string, string | number>} [figures]
 */
export function say(key, figures = {}) {
  const text = texts.get(key) ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in figures ? String(figures[name]) : whole));
}

/** @param {number} number a whole number, written with a comma at every thousand */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {number} amount whole won */
export function money(amount) {
  return say("won", { amount: grouped(amount) });
}

/**
 * Reads an amount as a person types it: commas, a currency sign and full-width digits are fine.
 * @param {string} typed
 * @returns {number | null}
 */
export function amountTyped(typed) {
  const plain = typed.normalize("NFKC").replace(/[,\s원₩]/g, "");
  if (!/^\d{1,13}$/.test(plain)) return null;
  return Number(plain);
}

/**
 * The time left in a few words.
 * @param {number} left milliseconds
 */
export function leftShort(left) {
  const seconds = Math.ceil(left / 1000);
  if (seconds <= 0) return say("left-none");
  if (seconds < 60) return say("left-seconds", { seconds });
  if (seconds < 600) return say("left-minutes-seconds", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  if (seconds < 3600) return say("left-minutes", { minutes: Math.floor(seconds / 60) });
  if (seconds < 86400) return say("left-hours", { hours: Math.floor(seconds / 3600) });
  return plural("left-days", Math.floor(seconds / 86400), "days");
}

/**
 * The time left in two units, for the countdown.
 * @param {number} left milliseconds
 */
export function leftLong(left) {
  const seconds = Math.ceil(left / 1000);
  if (seconds < 60) return leftShort(left);
  if (seconds < 3600) return say("left-minutes-seconds", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  if (seconds < 86400) {
    return say("left-hours-minutes", { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60) });
  }
  return say("left-days-hours", { days: Math.floor(seconds / 86400), hours: Math.floor((seconds % 86400) / 3600) });
}

/**
 * A counted thing; the text for exactly one stands under `<key>-one`, where the language has it.
 * @param {string} key
 * @param {number} count
 * @param {string} [name]
 */
export function plural(key, count, name = "count") {
  const one = count === 1 && texts.has(`${key}-one`);
  return say(one ? `${key}-one` : key, { [name]: grouped(count) });
}

const icons = /** @type {HTMLTemplateElement | null} */ (document.getElementById("state-icons"));

/**
 * The icon of a state, fresh.
 * @param {string} state
 * @returns {Node}
 */
export function stateIcon(state) {
  const icon = icons?.content.querySelector(`[data-icon="${CSS.escape(state)}"] > svg`);
  return icon ? icon.cloneNode(true) : document.createTextNode("");
}
