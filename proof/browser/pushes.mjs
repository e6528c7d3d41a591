// What a browser does with a push: the service worker is handed one by the browser itself, as a push service would have it
// delivered; only the service in between is missing, which is its maker's. Then the notification is pressed.

import assert from "node:assert/strict";
import { until } from "./waiting.mjs";

/** @typedef {import("./market.mjs").Member} Member */

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
 * @param {Member} member
 * @returns {[string, () => Promise<void>][]}
 */
export function pushes(member) {
  return [
    ["a push is shown as the house says it, and a press leads into the house", async () => {
      const browser = member.context.browser();
      if (!browser) throw new Error("no browser");
      const context = await browser.newContext({ locale: "ko-KR" });
      const origin = new URL(member.url).origin;
      await context.grantPermissions(["notifications"], { origin });
      const page = await context.newPage();
      await page.goto(`${origin}/rules`);
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
      const session = await context.newCDPSession(page);
      for (const { told, title, body, leads } of PUSHES) {
        await deliver(session, origin, told);
        const shown = () => page.evaluate(async () => {
          const registration = await navigator.serviceWorker.ready;
          return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
        });
        await until(async () => (await shown()).length > 0, `${told} is shown`);
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
