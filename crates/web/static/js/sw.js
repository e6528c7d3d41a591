// The service worker. It has parts that know nothing of each other; each stands between its own lines.

// --- push: what is told is shown, and leads to where something can be done about it -----------------------------------

self.addEventListener("push", (event) => {
  /** @type {{title?: string, body?: string, url?: string, tag?: string, lang?: string}} */
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    // What is not ours is shown as nothing but the house's name: a browser wants something to be shown for each push.
  }
  const shown = self.registration.showNotification(told.title ?? "NeighborBid", {
    body: told.body ?? "",
    tag: told.tag ?? "notice",
    lang: told.lang ?? "",
    renotify: true,
    data: { url: told.url ?? "/notices" },
  });
  event.waitUntil(shown);
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.url ?? "/notices", self.location.origin);
  // A push only ever leads into this house.
  const href = target.origin === self.location.origin ? target.href : self.location.origin;
  event.waitUntil(open(href));
});

/** @param {string} href */
async function open(href) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => page.url === href);
  if (there) return there.focus();
  return self.clients.openWindow(href);
}

// --- end of push ------------------------------------------------------------------------------------------------------

// --- offline: a page that cannot be fetched is answered by one that says so, with what it needs -------------------------

const OFFLINE_CACHE = "offline-1";
const OFFLINE_PAGE = "/offline";

self.addEventListener("install", (event) => {
  event.waitUntil(keepOfflinePage().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== OFFLINE_CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => offlinePage()));
  } else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/static/")) {
    // The network first: only what the page without a line needs comes from here, and only without a line.
    event.respondWith(fetch(request).catch(() => kept(request)));
  }
});

/** Keeps the page and all that it names; it names only files of ours. */
async function keepOfflinePage() {
  const cache = await caches.open(OFFLINE_CACHE);
  const answer = await fetch(OFFLINE_PAGE, { cache: "reload", credentials: "omit" });
  if (!answer.ok) throw new Error(`the offline page answered ${answer.status}`);
  const named = (await answer.clone().text()).match(/\/static\/[^"]+/g) ?? [];
  await cache.addAll(named);
  await cache.put(OFFLINE_PAGE, answer);
}

async function offlinePage() {
  return (await caches.match(OFFLINE_PAGE)) ?? Response.error();
}

/** @param {Request} request */
async function kept(request) {
  return (await caches.match(request)) ?? Response.error();
}

// --- end of offline -----------------------------------------------------------------------------------------------------
