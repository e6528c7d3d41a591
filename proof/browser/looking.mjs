// Looks at pages as people have them: phone and desktop, light and dark, Korean and English; asks axe about each, and
// keeps a picture of each.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

/** @typedef {import("playwright-core").Page} Page */

const axe = createRequire(import.meta.url)("axe-core");
const LANGUAGES = ["ko", "en"];
const SCHEMES = /** @type {const} */ (["light", "dark"]);
const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 900 },
];
/** The levels of WCAG 2.2 that the pages promise. */
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Counts what was looked at, and where pictures go. */
export class Gallery {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    this.pages = 0;
    this.pictures = 0;
  }

  /**
   * Opens one address in both languages and looks at it from all sides.
   * @param {Page} page
   * @param {{who: string, name: string, address: string, status?: number, prepare?: (page: Page) => Promise<void>}} view
   *   `prepare` fills in or unfolds what is to be seen
   */
  async look(page, { who, name, address, status = 200, prepare }) {
    const faults = [];
    const complain = listen(page, status);
    for (const language of LANGUAGES) {
      const answer = await page.goto(withLanguage(address, language));
      assert.equal(answer?.status(), status, `${address} answers`);
      faults.push(...(await plainFaults(page, language)));
      await prepare?.(page);
      for (const size of SIZES) {
        for (const scheme of SCHEMES) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          const side = `${language}-${size.width}-${scheme}`;
          if (size === SIZES[0]) faults.push(...(await axeFaults(page, side)));
          faults.push(...(await overflow(page, side)));
          await page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)");
          const path = join(this.folder, `${name}-${who}-${side}.png`);
          await page.screenshot({ path, fullPage: true, animations: "disabled" });
          this.pictures += 1;
        }
      }
    }
    this.pages += 1;
    faults.push(...complain());
    assert.deepEqual([...new Set(faults)], [], `${address} as ${who}`);
  }
}

/**
 * The addresses that a page's own navigation leads to, without their queries.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export async function navigation(page) {
  const links = page.locator('nav a[href^="/"], header a[href^="/"], footer a[href^="/"]');
  const addresses = await links.evaluateAll((found) => found.map((link) => new URL(link.href).pathname));
  return [...new Set(addresses)].filter((path) => !path.startsWith("/api/"));
}

/** @param {string} address @param {string} language */
function withLanguage(address, language) {
  const url = new URL(address);
  url.searchParams.set("lang", language);
  return url.href;
}

/**
 * Collects what the page complains about while it is looked at.
 * @param {Page} page
 * @param {number} status of the page itself: the browser logs every one above 399
 */
function listen(page, status) {
  const heard = [];
  const logged = (message) => {
    const expected = status >= 400 && message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !expected) heard.push(`console: ${message.text()}`);
  };
  const thrown = (error) => heard.push(`script: ${error.message}`);
  page.on("console", logged).on("pageerror", thrown);
  return () => {
    page.off("console", logged).off("pageerror", thrown);
    return heard;
  };
}

/** @param {Page} page @param {string} language */
async function plainFaults(page, language) {
  const faults = [];
  const said = await page.locator("html").getAttribute("lang");
  if (said !== language) faults.push(`${language}: the page says its language is ${said}`);
  const titles = await page.locator("h1").count();
  if (titles !== 1) faults.push(`${language}: ${titles} h1`);
  if (!(await page.title()).trim()) faults.push(`${language}: no title`);
  return faults;
}

/** @param {Page} page @param {string} side */
async function overflow(page, side) {
  const beyond = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  return beyond > 0 ? [`${side}: ${beyond} px wider than the screen`] : [];
}

/** @param {Page} page @param {string} side */
async function axeFaults(page, side) {
  if (!(await page.evaluate("Boolean(window.axe)"))) await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: { type: "tag", values: STANDARDS }, resultTypes: ["violations"] });
  const report = await page.evaluate(`axe.run(document, ${options})`);
  return report.violations.map((found) => `${side}: ${found.id}: ${found.nodes[0].target.join(" ")}: ${found.help}`);
}

/** Phones of usual height, of little height, and one under a keyboard. */
const PHONES = [844, 664, 560];

/**
 * Unfolds the maximum on a phone: where the member stands and the end of the page must both stand clear of the bid bar.
 * @param {Page} page an auction's page
 */
export async function expectClearOfTheBar(page) {
  for (const height of PHONES) {
    await page.setViewportSize({ width: 390, height });
    await page.reload();
    await page.locator("[data-maximum-part] > summary").click();
    await page.waitForFunction(() => document.documentElement.style.getPropertyValue("--bar") !== "");
    const bottom = (selector) => page.locator(selector).last().evaluate((part) => part.getBoundingClientRect().bottom);
    const top = async () => (await page.locator("[data-bidform]").boundingBox())?.y ?? 0;
    await page.waitForFunction(() => {
      const [banner, bar] = ["[data-banner]", "[data-bidform]"].map((part) => document.querySelector(part)?.getBoundingClientRect());
      return banner && bar && banner.bottom <= bar.top;
    });
    assert.ok((await top()) > 56, `${height} px: the bar leaves the top of the page alone`);
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
    assert.ok((await bottom(".auction-rest > *")) <= (await top()), `${height} px: the bar covers the end of the page`);
  }
}
