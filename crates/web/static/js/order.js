// The decision of a dispute: what is left for the seller and the house, while the amount is typed. The server's word counts.

import { amountTyped, money } from "./words.js";

const PARTS = 1_000_000n;

/** @param {HTMLFormElement} form */
export function startDecide(form) {
  const field = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=refund]:not([type=hidden])"));
  const live = /** @type {HTMLElement | null} */ (form.querySelector("[data-decide-live]"));
  if (!field || !live) return;
  const price = Number(form.dataset.priceWhole);
  const rate = BigInt(form.dataset.feeRate ?? "0");
  const show = () => {
    const refund = amountTyped(field.value);
    live.hidden = refund === null || refund > price;
    if (refund === null || refund > price) return;
    const rest = BigInt(price - refund);
    const fee = Number((rest * rate + PARTS / 2n) / PARTS);
    put("payout", price - refund - fee);
    put("fee", fee);
  };
  /**
   * @param {string} name
   * @param {number} amount
   */
  const put = (name, amount) => {
    const place = live.querySelector(`[data-decide-${name}]`);
    if (place) place.textContent = money(amount);
  };
  field.addEventListener("input", show);
  show();
}
