// The service worker: begun once the page is there, so that it costs a first visit nothing.

export function startWorker() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  const begin = () =>
    navigator.serviceWorker.register("/sw.js").catch(() => {
      // Without it only the page without a line and pushes are missing.
    });
  if (document.readyState === "complete") void begin();
  else window.addEventListener("load", () => void begin(), { once: true });
}
