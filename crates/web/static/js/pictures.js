// The pictures of a form: chosen, taken, dragged in or pasted; shrunk and uploaded one after another, put in order by hand
// or by keys. What the form sends are the same fields as without a script.

import { sayNow, sayPolitely } from "./say.js";
import { shrunk } from "./shrink.js";

const UPLOADS = "/api/v1/pictures";
const AT_ONCE = 2;
const TRIES = 6;
const ADDRESS = /^[0-9a-f]{64}$/;
/** A little longer than the house lets an upload come and wait for a worker. */
const ANSWERED_WITHIN_MS = 100_000;
/** @type {Answer} */
const FAILED = { address: "", detail: "", retryMs: 0 };

/**
 * @typedef {object} Answer
 * @property {string} address empty if it was not taken
 * @property {string} detail why, if the house has said it
 * @property {number} retryMs when to try again, if that may help
 */

/**
 * @typedef {object} Pictures
 * @property {(values: [string, string][]) => void} restore brings back the pictures of a draft
 */

/**
 * @param {HTMLFormElement} form
 * @returns {Pictures | null}
 */
export function startPictures(form) {
  const root = /** @type {HTMLElement | null} */ (form.querySelector("[data-pictures]"));
  const list = /** @type {HTMLElement | null} */ (root?.querySelector("[data-picture-list]") ?? null);
  const template = /** @type {HTMLTemplateElement | null} */ (root?.querySelector("[data-picture-template]") ?? null);
  if (!root || !list || !template) return null;
  // From here on the script uploads; the form brings addresses and no files.
  form.enctype = "application/x-www-form-urlencoded";
  const room = Number(root.dataset.room);
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let sending = 0;
  let isSentWhenDone = false;

  const items = () => /** @type {HTMLElement[]} */ ([...list.children]);
  const renumber = () => {
    let number = 0;
    for (const item of items()) {
      const address = /** @type {HTMLInputElement} */ (item.querySelector("[data-picture-address]"));
      const alt = /** @type {HTMLInputElement} */ (item.querySelector("[data-picture-alt]"));
      const isThere = ADDRESS.test(address.value);
      if (isThere) number += 1;
      // What has no address yet is not sent.
      address.name = isThere ? `picture_${number}` : "";
      alt.name = isThere ? `alt_${number}` : "";
    }
    const shown = root.querySelector("[data-picture-count]");
    if (shown) shown.textContent = String(items().length);
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const goOn = () => {
    while (sending < AT_ONCE) {
      const next = waiting.shift();
      if (!next) break;
      sending += 1;
      void next().finally(() => {
        sending -= 1;
        goOn();
      });
    }
    if (sending === 0 && isSentWhenDone) {
      isSentWhenDone = false;
      if (!list.querySelector("[data-state='failed']")) form.requestSubmit();
    }
  };

  /** @param {string} source */
  const added = (source) => {
    const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const image = document.createElement("img");
    image.className = "photo";
    image.alt = "";
    image.src = source;
    item.querySelector("[data-picture-show]")?.prepend(image);
    list.append(item);
    arrange(item);
    return item;
  };

  /** @param {Iterable<File>} files */
  const take = (files) => {
    for (const file of files) {
      if (items().length >= room) {
        sayNow(root.dataset.sayFull ?? "");
        tellAll(root, root.dataset.sayFull ?? "");
        break;
      }
      const item = added(URL.createObjectURL(file));
      const upload = () => {
        waiting.push(() => send(root, item, file, renumber));
        goOn();
      };
      item.querySelector("[data-picture-again]")?.addEventListener("click", upload);
      upload();
    }
    renumber();
  };

  /** @param {HTMLElement} item @param {number} by */
  const move = (item, by) => {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(item);
    else other.after(item);
    renumber();
    const place = items().indexOf(item) + 1;
    sayPolitely((root.dataset.sayMoved ?? "").replace("{number}", String(place)));
  };

  /** @param {HTMLElement} item */
  const remove = (item) => {
    const place = items().indexOf(item);
    item.remove();
    renumber();
    const undo = /** @type {HTMLElement | null} */ (root.querySelector("[data-picture-undo]"));
    const button = undo?.querySelector("button");
    if (!undo || !button) return;
    undo.hidden = false;
    sayPolitely(root.dataset.sayRemoved ?? "");
    button.focus();
    button.onclick = () => {
      const before = items()[place];
      if (before) before.before(item);
      else list.append(item);
      undo.hidden = true;
      renumber();
      /** @type {HTMLElement | null} */ (item.querySelector("[data-picture-alt]"))?.focus();
    };
  };

  /** @param {HTMLElement} item */
  const arrange = (item) => {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("[data-move]"))) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        move(item, Number(button.dataset.move));
        button.focus();
      });
    }
    item.querySelector("[data-remove]")?.addEventListener("click", (event) => {
      event.preventDefault();
      remove(item);
    });
    startDragging(list, item, renumber);
  };

  for (const item of items()) arrange(item);
  startTaking(form, root, take);
  form.addEventListener("submit", (event) => {
    if (sending === 0 && waiting.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isSentWhenDone = true;
    tellAll(root, root.dataset.sayWait ?? "");
    sayNow(root.dataset.sayWait ?? "");
  }, { capture: true });
  return {
    restore: (values) => {
      const said = new Map(values);
      for (let number = 1; number <= room && items().length < room; number += 1) {
        const address = said.get(`picture_${number}`) ?? "";
        if (!ADDRESS.test(address)) continue;
        const item = added(`/pictures/${address}/320.webp`);
        const hidden = /** @type {HTMLInputElement} */ (item.querySelector("[data-picture-address]"));
        const alt = /** @type {HTMLInputElement} */ (item.querySelector("[data-picture-alt]"));
        hidden.value = address;
        alt.value = said.get(`alt_${number}`) ?? "";
        // One that was used for nothing for a day is not there any more.
        item.querySelector("img")?.addEventListener("error", () => {
          item.remove();
          tellAll(root, root.dataset.sayGone ?? "");
          renumber();
        });
      }
      renumber();
    },
  };
}

/**
 * Where files come from: the field, the camera, what is dragged in and what is pasted.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} root
 * @param {(files: Iterable<File>) => void} take
 */
function startTaking(form, root, take) {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input[type=file]"))) {
    field.removeAttribute("name");
    field.addEventListener("change", () => {
      take([...(field.files ?? [])]);
      field.value = "";
    });
  }
  const drop = /** @type {HTMLElement | null} */ (root.querySelector("[data-picture-drop]"));
  const brings = (/** @type {DragEvent} */ event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  form.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    drop?.setAttribute("data-over", "");
  });
  form.addEventListener("dragleave", () => drop?.removeAttribute("data-over"));
  form.addEventListener("drop", (event) => {
    drop?.removeAttribute("data-over");
    if (!brings(event)) return;
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
}

/**
 * Lets one picture be dragged among the others.
 * @param {HTMLElement} list
 * @param {HTMLElement} item
 * @param {() => void} done
 */
function startDragging(list, item, done) {
  const handle = /** @type {HTMLElement | null} */ (item.querySelector("[data-picture-show]"));
  if (!handle) return;
  handle.draggable = true;
  handle.addEventListener("dragstart", (event) => {
    item.setAttribute("data-dragged", "");
    event.dataTransfer?.setData("text/plain", "");
  });
  handle.addEventListener("dragend", () => {
    item.removeAttribute("data-dragged");
    done();
  });
  item.addEventListener("dragover", (event) => {
    const dragged = list.querySelector("[data-dragged]");
    if (!dragged || dragged === item) return;
    event.preventDefault();
    const box = item.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) item.before(dragged);
    else item.after(dragged);
  });
}

/**
 * Uploads one file, and says what came of it where its picture is.
 * @param {HTMLElement} root
 * @param {HTMLElement} item
 * @param {File} file
 * @param {() => void} done
 */
async function send(root, item, file, done) {
  const place = item.querySelector("[data-picture-show]");
  const again = /** @type {HTMLElement | null} */ (item.querySelector("[data-picture-again]"));
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", root.dataset.saySending ?? "");
  place?.append(bar);
  item.dataset.state = "sending";
  if (again) again.hidden = true;
  tell(item, "");
  let answer = FAILED;
  try {
    answer = await sent(file, bar);
  } catch {
    // A file that cannot be read any more, or a browser that may not send: it can be tried again.
  }
  bar.remove();
  const field = /** @type {HTMLInputElement} */ (item.querySelector("[data-picture-address]"));
  const isTwice = [...root.querySelectorAll("[data-picture-address]")].some(
    (other) => other !== field && other instanceof HTMLInputElement && other.value === answer.address,
  );
  if (answer.address && isTwice) {
    item.remove();
  } else if (answer.address) {
    field.value = answer.address;
    delete item.dataset.state;
  } else {
    item.dataset.state = "failed";
    tell(item, answer.detail || (root.dataset.sayFailed ?? ""));
    sayNow(answer.detail || (root.dataset.sayFailed ?? ""));
    if (again) again.hidden = false;
  }
  done();
}

/**
 * What came of a file, once the house was not too busy for it.
 * @param {File} file
 * @param {HTMLProgressElement} bar
 * @returns {Promise<Answer>}
 */
async function sent(file, bar) {
  const blob = await shrunk(file);
  let answer = await posted(blob, bar);
  for (let tries = 1; tries < TRIES && answer.retryMs > 0; tries += 1) {
    await new Promise((wait) => setTimeout(wait, answer.retryMs * tries));
    answer = await posted(blob, bar);
  }
  return answer;
}

/**
 * Sends the bytes once; it always comes to an answer.
 * @param {Blob} blob
 * @param {HTMLProgressElement} bar
 * @returns {Promise<Answer>}
 */
function posted(blob, bar) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", UPLOADS);
    request.setRequestHeader("content-type", blob.type.startsWith("image/") ? blob.type : "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      // What a proxy says is not the house's JSON.
      const said = request.response ?? {};
      const retryMs = request.status === 503 ? 1000 * Number(request.getResponseHeader("retry-after") ?? 1) : 0;
      const address = request.status === 201 && ADDRESS.test(said.address) ? said.address : "";
      done({ address, detail: address ? "" : String(said.detail ?? ""), retryMs });
    });
    for (const kind of ["error", "abort", "timeout"]) request.addEventListener(kind, () => done(FAILED));
    request.timeout = ANSWERED_WITHIN_MS;
    request.send(blob);
  });
}

/** @param {HTMLElement} item @param {string} text */
function tell(item, text) {
  const told = /** @type {HTMLElement | null} */ (item.querySelector("[data-picture-told]"));
  if (!told) return;
  told.textContent = text;
  told.hidden = text === "";
}

/** @param {HTMLElement} root @param {string} text */
function tellAll(root, text) {
  const hint = root.querySelector(":scope > .hint");
  if (hint) hint.textContent = text;
}
