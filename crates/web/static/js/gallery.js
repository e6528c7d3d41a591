// The pictures of an auction: swiped, turned with buttons and arrow keys, and seen whole.

/** @param {HTMLElement} root */
export function startGallery(root) {
  const gallery = /** @type {HTMLElement | null} */ (root.querySelector("[data-gallery]"));
  const strip = /** @type {HTMLElement | null} */ (gallery?.querySelector("[data-strip]") ?? null);
  if (!gallery || !strip) return;
  const count = strip.children.length;
  const place = gallery.querySelector("[data-place]");
  const thumbs = /** @type {HTMLAnchorElement[]} */ ([...root.querySelectorAll("[data-thumbs] a")]);
  let at = 0;

  const show = () => {
    if (place) place.textContent = String(at + 1);
    thumbs.forEach((thumb, index) => {
      if (index === at) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
    for (const button of gallery.querySelectorAll("[data-turn]")) {
      const next = at + Number(button.getAttribute("data-turn"));
      button.toggleAttribute("disabled", next < 0 || next >= count);
    }
  };
  /** @param {number} to */
  const turn = (to) => {
    const next = Math.min(count - 1, Math.max(0, to));
    strip.scrollTo({ left: next * strip.clientWidth, behavior: "auto" });
    at = next;
    show();
  };
  strip.addEventListener("scroll", () => {
    const now = Math.round(strip.scrollLeft / Math.max(1, strip.clientWidth));
    if (now === at) return;
    at = now;
    show();
  });
  for (const button of gallery.querySelectorAll("[data-turn]")) {
    button.addEventListener("click", () => turn(at + Number(button.getAttribute("data-turn"))));
  }
  strip.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    turn(at + (event.key === "ArrowRight" ? 1 : -1));
  });
  thumbs.forEach((thumb, index) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      turn(index);
    }),
  );
  startWhole(root, strip, () => at, turn);
  show();
}

/**
 * The full view: a dialog over everything, closed with Escape.
 * @param {HTMLElement} root
 * @param {HTMLElement} strip
 * @param {() => number} where
 * @param {(to: number) => void} turn
 */
function startWhole(root, strip, where, turn) {
  const dialog = /** @type {HTMLDialogElement | null} */ (root.querySelector("[data-whole-dialog]"));
  const picture = /** @type {HTMLImageElement | null} */ (dialog?.querySelector("[data-whole-picture]") ?? null);
  const words = dialog?.querySelector("[data-whole-words]");
  if (!dialog || !picture || !words) return;
  const links = /** @type {HTMLAnchorElement[]} */ ([...strip.querySelectorAll("a[data-whole]")]);
  const fill = () => {
    const link = links[where()];
    if (!link) return;
    const alt = link.querySelector("img")?.alt ?? "";
    picture.src = link.dataset.whole ?? link.href;
    picture.alt = alt;
    words.textContent = alt;
    for (const button of dialog.querySelectorAll("[data-whole-turn]")) {
      const next = where() + Number(button.getAttribute("data-whole-turn"));
      button.toggleAttribute("disabled", next < 0 || next >= links.length);
    }
  };
  links.forEach((link, index) =>
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      turn(index);
      fill();
      dialog.showModal();
    }),
  );
  const step = (/** @type {number} */ by) => {
    turn(where() + by);
    fill();
  };
  for (const button of dialog.querySelectorAll("[data-whole-turn]")) {
    button.addEventListener("click", () => step(Number(button.getAttribute("data-whole-turn"))));
  }
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.querySelector("[data-whole-close]")?.addEventListener("click", () => dialog.close());
  picture.addEventListener("click", () => dialog.close());
}
