// The wallet: quick sums for the deposit, and the balance kept true by the live line.

import { amountTyped, grouped, money } from "./words.js";

/** @param {import("./live.js").Live} live */
export function startWallet(live) {
  for (const row of document.querySelectorAll("[data-quick]")) {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(row.getAttribute("data-quick") ?? ""));
    row.addEventListener("click", (event) => {
      const chip = event.target instanceof Element ? event.target.closest("[data-add]") : null;
      if (!chip || !field) return;
      field.value = grouped((amountTyped(field.value) ?? 0) + Number(chip.getAttribute("data-add")));
      field.focus();
    });
  }
  let version = -1;
  live.onFrame((frame) => {
    if (frame.type !== "wallet" || (frame.version ?? 0) < version) return;
    version = frame.version ?? 0;
    put("wallet-available", frame.available);
    put("wallet-held", frame.held);
  });
}

/**
 * @param {string} name
 * @param {unknown} amount
 */
function put(name, amount) {
  const place = document.querySelector(`[data-${name}]`);
  if (!place || typeof amount !== "number") return;
  place.setAttribute(`data-${name}`, String(amount));
  place.textContent = money(amount);
}
