// Selling: the preview is the real card, and a draft on this device survives closing the tab.

import { now } from "./clock.js";
import { toast } from "./say.js";
import { amountTyped, leftShort, money, say } from "./words.js";

const DRAFT = "neighborbid.draft";
/** The key and what the server chose are never part of a draft. */
const LEFT_OUT = new Set(["key"]);

/**
 * @param {HTMLFormElement} form
 * @param {import("./pictures.js").Pictures | null} pictures
 */
export function startSell(form, pictures) {
  const notice = /** @type {HTMLElement | null} */ (form.querySelector("[data-draft]"));
  if (form.dataset.sell === "again") {
    // What was listed before is filled in already; a draft is of something else.
    form.addEventListener("input", () => preview(form));
    return preview(form);
  }
  const refused = form.querySelector("[aria-invalid]") !== null;
  if (!refused && !form.querySelector("[data-picture-item]") && restore(form, pictures) && notice) notice.hidden = false;
  preview(form);
  let told = false;
  form.addEventListener("input", () => {
    keep(form);
    preview(form);
  });
  addEventListener("pagehide", () => keep(form));
  form.addEventListener("focusout", () => {
    if (told || localStorage.getItem(DRAFT) === null) return;
    told = true;
    toast(say("sell-draft-kept"));
  });
  form.addEventListener("submit", () => {
    // Kept until the server has it: a refusal brings the form back filled in, success never comes back here.
    sessionStorage.setItem(DRAFT, "sent");
  });
  form.querySelector("[data-draft-clear]")?.addEventListener("click", () => {
    localStorage.removeItem(DRAFT);
    form.reset();
    form.querySelector("[data-picture-list]")?.replaceChildren();
    if (notice) notice.hidden = true;
    preview(form);
  });
}

/** Called on any page but the form's own: what was sent and accepted is no draft any more. */
export function forgetSentDraft() {
  if (sessionStorage.getItem(DRAFT) !== "sent") return;
  sessionStorage.removeItem(DRAFT);
  if (location.pathname.startsWith("/auctions/")) localStorage.removeItem(DRAFT);
}

/** @param {HTMLFormElement} form */
function keep(form) {
  if (sessionStorage.getItem(DRAFT) === "sent") return;
  const title = form.elements.namedItem("title");
  const description = form.elements.namedItem("description");
  const written =
    form.querySelector("[data-picture-address][name^=picture_]") !== null ||
    [title, description].some((field) => field && "value" in field && field.value.trim() !== "");
  if (!written) return;
  const values = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !LEFT_OUT.has(name));
  localStorage.setItem(DRAFT, JSON.stringify(values));
}

/**
 * @param {HTMLFormElement} form
 * @param {import("./pictures.js").Pictures | null} pictures
 */
function restore(form, pictures) {
  sessionStorage.removeItem(DRAFT);
  /** @type {[string, string][]} */
  let values;
  try {
    values = JSON.parse(localStorage.getItem(DRAFT) ?? "[]");
  } catch {
    return false;
  }
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    // An end that has passed in the meantime is not brought back.
    if (name === "ends_at" && field instanceof HTMLInputElement && value < field.min) continue;
    // Nor a choice that is not among those offered.
    if (field instanceof HTMLSelectElement && ![...field.options].some((one) => one.value === value)) continue;
    if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = true;
    else if (field && "value" in field) field.value = value;
  }
  pictures?.restore(values);
  return values.length > 0;
}

/** @param {HTMLFormElement} form */
function preview(form) {
  const card = document.querySelector("[data-preview] .card");
  if (!card) return;
  const values = new FormData(form);
  const title = card.querySelector(".card-link");
  if (title) title.textContent = String(values.get("title") ?? "").trim() || say("sell-preview-title");
  cover(form, card);
  const price = card.querySelector("[data-price]");
  const amount = amountTyped(String(values.get("start_price") ?? ""));
  if (price && amount !== null) price.textContent = money(amount);
  const end = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=ends_at]"));
  const left = card.querySelector("[data-left]");
  const first = Date.parse(card.getAttribute("data-ends-at") ?? "");
  if (end?.value && end.defaultValue && left) {
    // Both are said in the house's time zone; only how far apart they are matters.
    left.textContent = leftShort(first + Date.parse(end.value) - Date.parse(end.defaultValue) - now());
  }
  const region = /** @type {HTMLSelectElement | null} */ (form.querySelector("[name=region_id]"));
  const place = card.querySelector(".card-meta > :first-child:not([data-bids])");
  if (place && region?.value) place.textContent = region.selectedOptions[0]?.textContent ?? "";
}

/**
 * The first picture of the form is the card's.
 * @param {HTMLFormElement} form
 * @param {Element} card
 */
function cover(form, card) {
  const first = form.querySelector("[data-picture-list] > :first-child img");
  const shown = card.querySelector(".picture > img[data-cover]");
  if (!(first instanceof HTMLImageElement)) return shown?.remove();
  const source = first.currentSrc || first.src;
  if (shown instanceof HTMLImageElement) {
    if (shown.src !== source) shown.src = source;
    return;
  }
  const image = document.createElement("img");
  image.className = "photo";
  image.alt = "";
  image.src = source;
  image.dataset.cover = "";
  card.querySelector(".picture .drawing, .picture .photo-ground")?.after(image);
}
