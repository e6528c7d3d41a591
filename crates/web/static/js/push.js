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
    const worker = await navigator.serviceWorker.getRegistration("/");
    const subscription = await worker?.pushManager.getSubscription();
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
      tell(box.dataset.failed);
    }
    on.disabled = off.disabled = false;
  };
  on.addEventListener("click", () =>
    act(async () => {
      if ((await Notification.requestPermission()) !== "granted") return;
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
    }),
  );
  off.addEventListener("click", () =>
    act(async () => {
      const worker = await navigator.serviceWorker.getRegistration("/");
      const subscription = await worker?.pushManager.getSubscription();
      if (!subscription) return;
      await send("DELETE", { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }),
  );
  void show().catch(() => tell(box.dataset.failed));
}
