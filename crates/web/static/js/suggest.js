// Suggestions while one types: a list of titles below the search, chosen with the arrows or a click. Without scripts the
// search is a form like any other.

/** Nothing is asked for until so long after the last letter. */
const PAUSE_MS = 150;

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
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  /** @param {string[]} titles */
  const open = (titles) => {
    list.replaceChildren(...titles.map((title, place) => {
      const line = document.createElement("li");
      line.id = `${list.id}-${place}`;
      line.setAttribute("role", "option");
      line.textContent = title;
      line.addEventListener("pointerdown", (event) => event.preventDefault());
      line.addEventListener("click", () => choose(title));
      return line;
    }));
    list.hidden = titles.length === 0;
    at = -1;
    field.setAttribute("aria-expanded", String(titles.length > 0));
    field.removeAttribute("aria-activedescendant");
  };

  /** @param {string} title */
  const choose = (title) => {
    field.value = title;
    close();
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
    try {
      const response = await fetch(`/api/v1/suggest?q=${encodeURIComponent(words)}`, { headers: { accept: "application/json" } });
      const { items } = await response.json();
      if (asked !== words || document.activeElement !== field) return;
      open(Array.isArray(items) ? items.map((one) => String(one.text)) : []);
    } catch {
      close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    // While a syllable is put together, the keys belong to it.
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at < 0 ? list.children.length - 1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) choose(list.children[at]?.textContent ?? "");
    else return;
    event.preventDefault();
  });
}
