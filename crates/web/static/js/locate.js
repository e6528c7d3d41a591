// Near where one is: asked for only when the button is pressed, and said no finer than to about a kilometre.

/** What is asked for may be this old, in milliseconds. */
const AGE_MS = 10 * 60 * 1000;

/** So long the answer may take. */
const PATIENCE_MS = 15_000;

/** So many decimals of a degree leave the house; the house reads no more either. */
const DECIMALS = 2;

/** @param {HTMLElement} box */
export function startLocate(box) {
  const button = /** @type {HTMLButtonElement | null} */ (box.querySelector("[data-locate-go]"));
  const line = box.querySelector("[data-locate-say]");
  const form = box.closest("form");
  if (!button || !line || !form || !("geolocation" in navigator)) return;
  box.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    line.textContent = box.dataset.asking ?? "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => location.assign(`/?${near(form, coords)}`),
      (fault) => {
        button.disabled = false;
        const denied = fault.code === fault.PERMISSION_DENIED;
        line.textContent = (denied ? box.dataset.denied : box.dataset.failed) ?? "";
      },
      { maximumAge: AGE_MS, timeout: PATIENCE_MS },
    );
  });
  // A page that was left for the results comes back as it was.
  addEventListener("pageshow", () => {
    button.disabled = false;
    line.textContent = "";
  });
}

/**
 * The search of the form, near there instead of in a region.
 * @param {HTMLFormElement} form @param {GeolocationCoordinates} coords
 */
function near(form, coords) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "" && name !== "region" && name !== "sort") query.set(name, value);
  }
  query.set("near", `${coords.latitude.toFixed(DECIMALS)},${coords.longitude.toFixed(DECIMALS)}`);
  return query;
}
