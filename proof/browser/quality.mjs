// What a slow phone would feel, asked of the browser itself: how much a page weighs, whether it moves under the finger, and what
// the tools that grade pages ask for.

import assert from "node:assert/strict";

/** @typedef {import("./market.mjs").Member} Member */

/** What the first visit may weigh as it comes over the line, without pictures, in bytes. */
const HOME_BYTES_MAX = 60 * 1024;
/** How far a page may move by itself, as the web's own measure (cumulative layout shift) counts it. */
const SHIFT_MAX = 0.05;

/**
 * Opens a page for the first time, with nothing kept, and says what came over the line.
 * @param {Member} member
 * @param {string} path
 */
async function firstVisit(member, path) {
  const context = await member.context.browser()?.newContext({ viewport: { width: 390, height: 844 }, locale: "ko-KR", serviceWorkers: "block" });
  if (!context) throw new Error("no browser");
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.shifted = 0;
    const watch = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value;
    });
    watch.observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(member.url + path, { waitUntil: "networkidle" });
  const weight = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const isPicture = (entry) => new URL(entry.name).pathname.startsWith("/pictures/");
    return entries.filter((entry) => !isPicture(entry)).reduce((sum, entry) => sum + entry.transferSize, 0);
  });
  const found = await page.evaluate(() => ({
    shifted: globalThis.shifted,
    viewport: document.querySelector('meta[name="viewport"]')?.getAttribute("content") ?? "",
    description: document.querySelector('meta[name="description"]')?.getAttribute("content") ?? "",
    manifest: document.querySelector('link[rel="manifest"]')?.getAttribute("href") ?? "",
    doctype: document.doctype?.name ?? "",
    unsized: [...document.images].filter((image) => !image.getAttribute("width") || !image.getAttribute("height")).map((image) => image.currentSrc),
    small: [...document.querySelectorAll("main a.button, main button, nav a")]
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height > 0 && (box.width < 24 || box.height < 24))
      .map(({ target }) => target.outerHTML.slice(0, 80)),
  }));
  await context.close();
  return { weight, ...found };
}

/**
 * @param {Member} guest
 * @param {{auction?: string}} found
 * @returns {[string, () => Promise<void>][]}
 */
export function qualities(guest, found) {
  return [
    ["the first visit of the home page is light", async () => {
      const { weight } = await firstVisit(guest, "/");
      console.log(`      home: ${weight} bytes over the line without pictures`);
      assert.ok(weight > 0 && weight <= HOME_BYTES_MAX, `${weight} bytes, ${HOME_BYTES_MAX} at most`);
    }],
    ["pages stand still while they load, and have what graders ask for", async () => {
      for (const path of ["/", "/?q=%EC%9D%98%EC%9E%90", found.auction ?? "/", "/sign-up", "/rules"]) {
        const seen = await firstVisit(guest, path);
        assert.ok(seen.shifted <= SHIFT_MAX, `${path} moved by ${seen.shifted}`);
        assert.equal(seen.doctype, "html", path);
        assert.match(seen.viewport, /width=device-width/, path);
        assert.ok(seen.description.length >= 20, `${path} describes itself`);
        assert.deepEqual(seen.unsized, [], `${path}: pictures say how large they are`);
        assert.deepEqual(seen.small, [], `${path}: targets are large enough`);
        assert.ok(seen.manifest, path);
      }
    }],
    ["what comes later has a shape until it is there, which stands still for who wants that", async () => {
      for (const reducedMotion of /** @type {const} */ (["reduce", "no-preference"])) {
        const context = await guest.context.browser()?.newContext({ viewport: { width: 390, height: 844 }, locale: "ko-KR", reducedMotion, serviceWorkers: "block" });
        if (!context) throw new Error("no browser");
        const page = await context.newPage();
        /** @type {(route: import("playwright-core").Route) => void} */
        let hold = () => {};
        const held = /** @type {Promise<import("playwright-core").Route>} */ (new Promise((resolve) => { hold = resolve; }));
        await page.route("**/api/v1/suggest*", (route) => hold(route));
        await page.goto(`${guest.url}/`);
        const list = page.locator(".searchline .suggestions");
        await list.waitFor({ state: "attached" });
        const asked = page.waitForRequest(/suggest/);
        await page.locator("#words").fill("의");
        await asked;
        await list.locator(".skeleton").nth(2).waitFor();
        const motion = await list.locator(".skeleton").first().evaluate((shape) => {
          const { animationName, animationIterationCount } = getComputedStyle(shape);
          return [animationName, animationIterationCount];
        });
        assert.deepEqual(motion, [reducedMotion === "reduce" ? "none" : "shown-late", "1"], "nothing loops");
        assert.equal(await list.getAttribute("aria-busy"), "true");
        await (await held).fulfill({ json: { items: [{ text: "의자" }] } });
        await list.locator("[role=option]").waitFor();
        assert.equal(await list.locator(".skeleton").count(), 0);
        assert.equal(await list.getAttribute("aria-busy"), null);
        await context.close();
      }
    }],
    ["the market can be installed", async () => {
      const answer = await guest.context.request.get(`${guest.url}/manifest.webmanifest`);
      assert.match(answer.headers()["content-type"], /^application\/manifest\+json/);
      const manifest = await answer.json();
      assert.equal(manifest.display, "standalone");
      for (const { src, type } of manifest.icons) {
        const icon = await guest.context.request.get(guest.url + src);
        assert.deepEqual([icon.status(), icon.headers()["content-type"]], [200, type], src);
      }
    }],
    ["without a line a page says so, and comes back by itself", async () => {
      const context = await guest.context.browser()?.newContext({ viewport: { width: 390, height: 844 }, locale: "ko-KR" });
      if (!context) throw new Error("no browser");
      const page = await context.newPage();
      await page.goto(`${guest.url}/`);
      await page.evaluate("navigator.serviceWorker.ready");
      await context.setOffline(true);
      await page.goto(`${guest.url}/rules`);
      await page.locator('body[data-page="offline"] h1').waitFor();
      await context.setOffline(false);
      await page.locator('body[data-page="offline"]').waitFor({ state: "detached", timeout: 60_000 });
      await page.locator("h1").first().waitFor();
      await context.close();
    }],
  ];
}
