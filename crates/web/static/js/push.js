// Turning push on and off for this browser, on the page of notice settings.

const ADDRESS = "/api/v1/me/push-subscriptions";

/**
 * The bytes of a key in base64url.
 * @param {string} text
 */
function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/**
 * @param {string} method
 * @param {object} body
 */
async function send(method, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(ADDRESS, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
}

/** How this browser is subscribed, if it is. */
async function subscribed() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return worker?.pushManager.getSubscription();
}

/**
 * Whether it was made under that key; a browser that does not say is believed.
 * @param {PushSubscription} subscription
 * @param {Uint8Array} key
 */
function isUnder(subscription, key) {
  const made = subscription.options?.applicationServerKey;
  if (!made) return true;
  const own = new Uint8Array(made);
  return own.length === key.length && own.every((one, at) => one === key[at]);
}

/** @param {HTMLElement | null} box */
export function startPush(box) {
  if (!box) return;
  const line = /** @type {HTMLElement} */ (box.querySelector("[data-push-say]"));
  const on = /** @type {HTMLButtonElement} */ (box.querySelector("[data-push-on]"));
  const off = /** @type {HTMLButtonElement} */ (box.querySelector("[data-push-off]"));
  /** @param {string | undefined} text */
  const tell = (text) => {
    line.textContent = text ?? "";
  };
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return tell(box.dataset.unsupported);
  }
  const show = async () => {
    const subscription = await subscribed();
    const isDenied = Notification.permission === "denied";
    on.hidden = Boolean(subscription) || isDenied;
    off.hidden = !subscription;
    tell(subscription ? box.dataset.on : isDenied ? box.dataset.denied : box.dataset.off);
  };
  /** @param {() => Promise<void>} act */
  const act = async (act) => {
    on.disabled = off.disabled = true;
    try {
      await act();
      await show();
    } catch {
      await show().catch(() => {});
      tell(box.dataset.failed);
    }
    on.disabled = off.disabled = false;
  };
  const turnOn = async () => {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const worker = await navigator.serviceWorker.ready;
    const applicationServerKey = bytes(box.dataset.push ?? "");
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    try {
      await send("POST", subscription.toJSON());
    } catch (failure) {
      await subscription.unsubscribe();
      throw failure;
    }
  };
  /** @param {PushSubscription | null | undefined} subscription */
  const turnOff = async (subscription) => {
    if (!subscription) return;
    await send("DELETE", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  };
  on.addEventListener("click", () =>
    act(async () => {
      if ((await Notification.requestPermission()) === "granted") await turnOn();
    }),
  );
  off.addEventListener("click", () => act(async () => turnOff(await subscribed())));
  /** What was subscribed under another key of the house hears nothing ever again. */
  const renew = async () => {
    const subscription = await subscribed();
    if (!subscription || Notification.permission !== "granted") return;
    if (isUnder(subscription, bytes(box.dataset.push ?? ""))) return;
    await turnOff(subscription);
    await turnOn();
  };
  void act(renew);
}
