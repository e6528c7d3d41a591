// A member's own picture: chosen, uploaded, and kept as soon as the house has it.

import { toast } from "./say.js";

/**
 * Sends what cannot wait, and says whether it was taken.
 * @param {string} address
 * @param {string} method
 * @param {BodyInit} body
 * @param {string} type
 */
async function send(address, method, body, type) {
  const answer = await fetch(address, { method, body, headers: { "Content-Type": type, Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** @param {HTMLElement} box */
export function startFace(box) {
  const chooser = /** @type {HTMLInputElement | null} */ (box.querySelector("input[type=file]"));
  const remove = /** @type {HTMLButtonElement | null} */ (box.querySelector("[data-face-remove]"));
  /** @param {string | null} picture */
  const keep = async (picture) => {
    await send("/api/v1/me", "PATCH", JSON.stringify({ picture }), "application/json");
    location.reload();
  };
  const failed = () => toast(box.dataset.failed ?? "");
  chooser?.addEventListener("change", async () => {
    const file = chooser.files?.[0];
    if (!file) return;
    try {
      const { address } = await send("/api/v1/pictures", "POST", file, file.type || "application/octet-stream");
      await keep(address);
    } catch {
      failed();
    }
  });
  remove?.addEventListener("click", () => keep(null).catch(failed));
}
