// Suggestions while one types: a list of kinds and titles below the search, chosen with the arrows or a click. Without scripts the
// search is a form like any other.

/** Nothing is asked for until so long after the last letter. */
const PAUSE_MS = 150;

/** So long an answer may take; later ones help nobody who types on. */
const PATIENCE_MS = 5_000;

/** Starts at every search field of the page. */
export function startSuggestions() {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("form[role=search] input[name=q]"))) {
    suggest(field);
  }
}

let lists = 0;

/** @param {HTMLInputElement} field */
function suggest(field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${++lists}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.getAttribute("aria-label") ?? "");
  list.hidden = true;
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.autocomplete = "off";
  let timer = 0;
  let asked = "";
  let at = -1;

  const close = () => {
    list.hidden = true;
    list.removeAttribute("aria-busy");
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  /** @param {{text: string, category_id?: number}[]} found */
  const open = (found) => {
    list.replaceChildren(...found.map((one, place) => {
      const line = document.createElement("li");
      line.id = `${list.id}-${place}`;
      line.setAttribute("role", "option");
      line.textContent = String(one.text);
      if (one.category_id) line.dataset.category = String(one.category_id);
      line.addEventListener("pointerdown", (event) => event.preventDefault());
      line.addEventListener("click", () => choose(line));
      return line;
    }));
    list.hidden = found.length === 0;
    list.removeAttribute("aria-busy");
    at = -1;
    field.setAttribute("aria-expanded", String(found.length > 0));
    field.removeAttribute("aria-activedescendant");
  };

  /** Shapes stand where the titles will, unless older ones still do. */
  const wait = () => {
    if (!list.hidden) return;
    list.replaceChildren(...["", "", "short"].map((width) => {
      const shape = document.createElement("li");
      shape.className = `skeleton ${width}`;
      shape.setAttribute("role", "presentation");
      return shape;
    }));
    list.setAttribute("aria-busy", "true");
    list.hidden = false;
  };

  /** @param {string} category The search of the form, of that kind instead of with words. */
  const inKind = (category) => {
    const query = new URLSearchParams();
    for (const [name, value] of field.form ? new FormData(field.form) : []) {
      if (typeof value === "string" && value !== "" && name !== field.name && name !== "category") query.append(name, value);
    }
    query.set("category", category);
    return query;
  };

  /** @param {HTMLElement} line A kind leads to its results, with all else that the form asks for; a title is searched for. */
  const choose = (line) => {
    const { category } = line.dataset;
    close();
    if (category) {
      location.assign(`/?${inKind(category)}`);
      return;
    }
    field.value = line.textContent ?? "";
    field.form?.requestSubmit();
  };

  /** @param {number} place */
  const move = (place) => {
    at = (place + list.children.length) % list.children.length;
    [...list.children].forEach((line, place) => line.setAttribute("aria-selected", String(place === at)));
    field.setAttribute("aria-activedescendant", list.children[at]?.id ?? "");
  };

  const ask = async () => {
    const words = field.value.trim();
    asked = words;
    if (!words) return close();
    wait();
    try {
      const response = await fetch(`/api/v1/suggest?q=${encodeURIComponent(words)}`, {
        headers: { accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const { items } = await response.json();
      if (asked !== words || document.activeElement !== field) return;
      open(Array.isArray(items) ? items : []);
    } catch {
      if (asked === words) close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    // While a syllable is put together, the keys belong to it.
    if (list.hidden || list.ariaBusy === "true" || event.isComposing) return;
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at < 0 ? list.children.length - 1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) choose(/** @type {HTMLElement} */ (list.children[at]));
    else return;
    event.preventDefault();
  });
}
