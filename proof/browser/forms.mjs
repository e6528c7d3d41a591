// Fills forms the way a person does: by the names of their fields, opening what is folded, pressing the button that sends.

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

/**
 * The form that has all the named fields; a page may have others (search, language).
 * @param {Page} page
 * @param {string[]} names
 * @returns {Locator}
 */
export function formWith(page, names) {
  const having = names.map((name) => `:has([name="${name}"]:not([type="hidden"]))`).join("");
  return page.locator(`form${having}`).first();
}

/**
 * Sets every field and presses the button that sends.
 * @param {Page} page
 * @param {Record<string, string>} values by field name
 */
export async function send(page, values) {
  const form = formWith(page, Object.keys(values));
  for (const [name, value] of Object.entries(values)) await set(form, name, value);
  await submitButton(form).click();
}

/** @param {Locator} form */
function submitButton(form) {
  return form.locator('button:not([type="button"]):not([type="reset"]):not([name="amount"]), input[type="submit"]').last();
}

/**
 * @param {Locator} form
 * @param {string} name
 * @param {string} value
 */
async function set(form, name, value) {
  const field = form.locator(`[name="${name}"]:not([type="hidden"])`);
  await unfold(field.first());
  const kind = await field.first().evaluate((element) => (element.tagName === "SELECT" ? "select" : element.type));
  if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
  else if (kind === "select") await field.selectOption(value);
  else if (kind === "checkbox") await field.setChecked(value === "yes", { force: true });
  else await field.fill(value);
}

/**
 * Opens the folded parts of a page around a field, outermost first.
 * @param {Locator} field
 */
async function unfold(field) {
  const folded = field.locator("xpath=ancestor::details[not(@open)]");
  while ((await folded.count()) > 0) await folded.first().locator("> summary").click();
}

/**
 * A moment as a `datetime-local` field says it, in the market's own time zone.
 * @param {Date} moment
 * @param {string} zone
 */
export function localMinute(moment, zone) {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return format.format(moment).replace(" ", "T");
}
