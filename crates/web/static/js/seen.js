// Recently seen: the numbers of the last auctions that were looked at, kept in this browser and nowhere else. The server
// is only asked for their cards, and only where they are shown.

const NAME = "seen";
const SEEN_MAX = 20;

/** As many as are seen at once: what is further on keeps no room. */
const SHAPES_MAX = 5;

/** The shape of a card that comes later. */
function shape() {
  const card = document.createElement("div");
  card.className = "skeleton-card";
  for (const part of ["picture", "", "short"]) {
    const line = document.createElement("span");
    line.className = `skeleton ${part}`;
    card.append(line);
  }
  return card;
}

/** @returns {number[]} newest first */
function seen() {
  try {
    const ids = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => Number.isSafeInteger(id) && id > 0).slice(0, SEEN_MAX) : [];
  } catch {
    return [];
  }
}

/** @param {number[]} ids */
function keep(ids) {
  try {
    if (ids.length > 0) localStorage.setItem(NAME, JSON.stringify(ids.slice(0, SEEN_MAX)));
    else localStorage.removeItem(NAME);
  } catch {
    // A browser that keeps nothing has seen nothing.
  }
}

/** @param {number} id the auction that is looked at */
export function remember(id) {
  if (id > 0) keep([id, ...seen().filter((other) => other !== id)]);
}

/** Whoever signs out leaves nothing behind for the next one at this machine. */
export function forgetOnSignOut() {
  for (const form of document.querySelectorAll('form[action^="/sign-out"]')) {
    form.addEventListener("submit", () => {
      keep([]);
      void forgetPushes();
    });
  }
}

/** Pushes are of whoever turned them on: this browser hears none of them any more. */
async function forgetPushes() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

/**
 * Shows what was seen on the market's page.
 * @param {(card: HTMLElement) => void} add keeps a card true
 */
export async function startSeen(add) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-seen]"));
  const rail = place?.querySelector("[data-seen-rail]");
  const ids = seen();
  if (!place || !rail || ids.length === 0) return;
  place.querySelector("[data-seen-clear]")?.addEventListener("click", () => {
    keep([]);
    place.hidden = true;
    rail.replaceChildren();
  });
  place.hidden = false;
  rail.setAttribute("aria-busy", "true");
  rail.replaceChildren(...ids.slice(0, SHAPES_MAX).map(shape));
  try {
    const response = await fetch(`/cards?ids=${ids.join(".")}`, { headers: { accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const cards = /** @type {HTMLElement[]} */ ([...page.querySelectorAll(".card[data-auction]")]);
    rail.replaceChildren(...cards.map((card) => document.adoptNode(card)));
    place.hidden = cards.length === 0;
    cards.forEach(add);
  } catch {
    // The next look at the page shows them.
    rail.replaceChildren();
    place.hidden = true;
  }
  rail.removeAttribute("aria-busy");
}
