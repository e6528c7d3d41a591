// Neighbourhoods are thousands: the page offers districts, and here those of the chosen district are asked for and offered.

import { say } from "./words.js";

/** Starts beside every region that is asked for in a form that is kept (not in the market's filter). */
export function startRegions() {
  for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select[name=region_id]"))) {
    const finer = document.createElement("select");
    finer.className = "input";
    finer.hidden = true;
    finer.setAttribute("aria-label", say("region-narrow"));
    select.after(finer);
    select.addEventListener("change", () => void offer(select, finer));
    finer.addEventListener("change", () => choose(select, finer));
  }
}

/**
 * The neighbourhoods right below what was chosen; without an answer the district stands.
 * @param {HTMLSelectElement} select @param {HTMLSelectElement} finer
 */
async function offer(select, finer) {
  const chosen = select.value;
  finer.hidden = true;
  if (!chosen) return;
  try {
    const response = await fetch(`/api/v1/regions?parent=${chosen}&level=3&limit=100`, { headers: { accept: "application/json" } });
    const { items } = await response.json();
    if (select.value !== chosen || !Array.isArray(items) || items.length === 0) return;
    finer.replaceChildren(new Option(say("region-narrow"), ""), ...items.map((one) => new Option(one.name, String(one.id))));
    finer.hidden = false;
  } catch {
    // The district alone is a fine answer.
  }
}

/** @param {HTMLSelectElement} select @param {HTMLSelectElement} finer */
function choose(select, finer) {
  const option = finer.selectedOptions[0];
  if (!option?.value) return;
  const known = [...select.options].find((one) => one.value === option.value);
  const added = known ?? new Option(`${select.selectedOptions[0]?.textContent ?? ""} ${option.textContent ?? ""}`, option.value);
  if (!known) select.prepend(added);
  added.selected = true;
  finer.hidden = true;
  select.dispatchEvent(new Event("input", { bubbles: true }));
}
