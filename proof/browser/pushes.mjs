// What a browser does with a push: the service worker is handed one by the browser itself, as a push service would have it
// delivered; only the service in between is missing, which is its maker's. Then the notification is pressed. Subscribing asks
// that service too, so what a browser does about a key that is not the house's any more is tried on a subscription made up.

import assert from "node:assert/strict";
import { until } from "./waiting.mjs";

/** @typedef {import("./market.mjs").Member} Member */

const ADDRESS = "/api/v1/me/push-subscriptions";

/**
 * What the house sends, as `sw.js` reads it; what is shown, and where a press leads: behind the origin of the house.
 * @type {{told: string, title: string, body: string, leads: string}[]}
 */
const PUSHES = [
  {
    told: JSON.stringify({ title: "NeighborBid", body: "밀렸어요: 원목 의자", url: "/auctions/1", tag: "outbid-1", lang: "ko" }),
    title: "NeighborBid", body: "밀렸어요: 원목 의자", leads: "/auctions/1",
  },
  { told: JSON.stringify({ body: "elsewhere", url: "https://elsewhere.example/auctions/1", tag: "a" }), title: "NeighborBid", body: "elsewhere", leads: "" },
  { told: "not ours", title: "NeighborBid", body: "", leads: "/notices" },
];

/** How long until a push that was not shown is delivered once more, in milliseconds. */
const DELIVERED_WITHIN = 3_000;

/**
 * Hands the service worker of a page a push.
 * @param {import("playwright-core").CDPSession} session
 * @param {string} origin
 * @param {string} data
 */
async function deliver(session, origin, data) {
  const registered = new Promise((found) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find((one) => one.scopeURL === `${origin}/` && !one.isDeleted);
      if (ours) found(ours.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await registered, data });
  await session.send("ServiceWorker.disable");
}

/**
 * Has the pages of a tab believe that their browser is subscribed; what they do about it is noted in `pushed`.
 * @param {import("playwright-core").Page} page
 * @param {{made: number[] | null, number: number}} subscription the key it says it was made under, and its number
 */
async function subscribe(page, subscription) {
  await page.addInitScript(({ made, number }) => {
    const browser = { subscription: null, done: [] };
    const subscribed = async (key, number) => {
      const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
      const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
      const keys = { p256dh: text(await crypto.subtle.exportKey("raw", pair.publicKey)), auth: text(new Uint8Array(16)) };
      const endpoint = `https://push.example/${number}`;
      return {
        endpoint,
        options: { applicationServerKey: key && new Uint8Array(key).buffer },
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: async () => {
          browser.done.push(["unsubscribe", number]);
          browser.subscription = null;
          return true;
        },
      };
    };
    const first = subscribed(made, number).then((one) => (browser.subscription = one));
    PushManager.prototype.getSubscription = async () => first.then(() => browser.subscription);
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      browser.done.push(["subscribe", [...applicationServerKey]]);
      browser.subscription = await subscribed([...applicationServerKey], number + 1);
      return browser.subscription;
    };
    Object.assign(window, { pushed: browser });
  }, subscription);
}

/**
 * The bytes of a key in base64url.
 * @param {string} text
 */
const bytes = (text) => [...Buffer.from(text, "base64url")];

/**
 * What a browser does that was subscribed under one key when the page of its settings names another, or the same.
 * @param {Member} member
 */
async function renewing(member) {
  const origin = new URL(member.url).origin;
  await member.context.grantPermissions(["notifications"], { origin });
  const { push_key: key } = await member.ask("/me/notice-preferences");
  const other = [4, ...Array(64).fill(7)];
  for (const { made, isRenewed } of [
    { made: other, isRenewed: true },
    { made: bytes(key).slice(0, 64), isRenewed: true },
    { made: bytes(key), isRenewed: false },
    { made: null, isRenewed: false },
  ]) {
    const page = await member.context.newPage();
    const asked = [];
    page.on("request", (request) => {
      if (new URL(request.url()).pathname === ADDRESS) asked.push([request.method(), request.postDataJSON().endpoint]);
    });
    await subscribe(page, { made, number: 1 });
    await page.goto(`${origin}/rules`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.goto(`${origin}/me/notices`);
    await page.locator("[data-push-off]:enabled").waitFor();
    const done = await page.evaluate(() => window.pushed.done);
    const [old, renewed] = ["https://push.example/1", "https://push.example/2"];
    assert.deepEqual(done, isRenewed ? [["unsubscribe", 1], ["subscribe", bytes(key)]] : []);
    assert.deepEqual(asked, isRenewed ? [["DELETE", old], ["POST", renewed]] : []);
    assert.equal(await page.locator("[data-push-on]").isVisible(), false);
    if (isRenewed) {
      assert.equal((await member.ask("/me/notice-preferences")).browsers, 1, "the house knows the new one");
      await page.locator("[data-push-off]").click();
      await page.locator("[data-push-on]:enabled").waitFor();
      assert.equal((await member.ask("/me/notice-preferences")).browsers, 0);
    }
    await page.close();
  }
  await member.context.clearPermissions();
}

/**
 * @param {Member} guest
 * @param {Member} member who has signed in
 * @returns {[string, () => Promise<void>][]}
 */
export function pushes(guest, member) {
  return [
    ["a browser that subscribed under another key of the house does so anew, and no other", () => renewing(member)],
    ["a push is shown as the house says it, and a press leads into the house", async () => {
      const browser = guest.context.browser();
      if (!browser) throw new Error("no browser");
      const context = await browser.newContext({ locale: "ko-KR" });
      const origin = new URL(guest.url).origin;
      await context.grantPermissions(["notifications"], { origin });
      const page = await context.newPage();
      await page.goto(`${origin}/rules`);
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
      const session = await context.newCDPSession(page);
      for (const { told, title, body, leads } of PUSHES) {
        const shown = () => page.evaluate(async () => {
          const registration = await navigator.serviceWorker.ready;
          return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
        });
        // Now and then one handed over so is not shown (why was not found); what is shown twice takes the same place.
        const isShown = async () => (await shown()).length > 0;
        await until(async () => {
          await deliver(session, origin, told);
          return until(isShown, `${told} is shown`, DELIVERED_WITHIN).catch(() => false);
        }, `${told} is shown`);
        assert.deepEqual(await shown(), [{ title, body }]);
        // A press that no finger made may open nothing, so what would be opened is only noted.
        const opened = await worker.evaluate(async () => {
          const [notification] = await self.registration.getNotifications();
          const noted = new Promise((done) => {
            self.clients.openWindow = (href) => {
              done(String(href));
              return Promise.resolve(null);
            };
          });
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
          return noted;
        });
        assert.equal(opened, origin + leads);
        await until(async () => (await shown()).length === 0, "a press takes the notification away");
      }
      await context.close();
    }],
  ];
}
