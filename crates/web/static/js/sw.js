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
