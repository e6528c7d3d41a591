// Room for the bid bar at the foot of a phone: below the page as much is kept free as it covers, however tall it grows,
// and whoever unfolds the maximum still sees where he stands.

/** What stays free between the bar and what is above it. */
const GAP = 12;

/** @param {HTMLElement} root */
export function startRoom(root) {
  const bar = /** @type {HTMLElement | null} */ (root.querySelector("[data-bidform]"));
  if (!bar) return;
  const keep = () => {
    const style = document.documentElement.style;
    if (covers(bar)) style.setProperty("--bar", `${Math.ceil(bar.getBoundingClientRect().height)}px`);
    else style.removeProperty("--bar");
  };
  new ResizeObserver(keep).observe(bar, { box: "border-box" });
  addEventListener("resize", keep);
  bar.querySelector("[data-maximum-part]")?.addEventListener("toggle", (event) => {
    const part = event.target;
    if (!(part instanceof HTMLDetailsElement) || !part.open) return;
    keep();
    uncover(root, bar);
  });
}

/**
 * Whether the bar lies over the page; with room beside the picture it is a part of it.
 * @param {HTMLElement} bar
 */
function covers(bar) {
  return getComputedStyle(bar).position === "fixed";
}

/**
 * Scrolls just so far that the banner stands above the bar.
 * @param {HTMLElement} root
 * @param {HTMLElement} bar
 */
function uncover(root, bar) {
  const banner = root.querySelector("[data-banner]:not([hidden])");
  if (!banner || !covers(bar)) return;
  const under = banner.getBoundingClientRect().bottom + GAP - bar.getBoundingClientRect().top;
  if (under > 0) scrollBy({ top: under, behavior: "instant" });
}
