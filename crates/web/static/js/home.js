// The market: a changed order is shown at once, and empty filters stay out of the address.

/** Starts what belongs to the market's page. */
export function startHome() {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("filters"));
  if (!form) return;
  for (const choice of document.querySelectorAll("[data-submit]")) {
    choice.addEventListener("change", () => form.requestSubmit());
  }
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if ((field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && field.value === "") field.disabled = true;
    }
  });
  addEventListener("pageshow", () => {
    for (const field of form.elements) if ("disabled" in field) field.disabled = false;
  });
}
