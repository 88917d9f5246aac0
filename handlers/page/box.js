// The search box: words, a picture by any road, and the products that pull and push.

import { CropPanel } from "./crop.js";
import { el, filled, icon } from "./dom.js";
import { addressAmong, pictureAmong, shrunk } from "./photo.js";
import { isBrowsing } from "./query.js";

const DRAG_ENDS_MS = 400; // a drag says every moment that it goes on, and nothing when it ends

export class Box {
  #labels;
  #change;
  #crop;
  #newest = null;
  #dragEnds;

  /** `change(part, kind)` takes what the shopper does, `submit()` that they press Enter. */
  constructor(labels, { change, submit, clear }) {
    this.#labels = labels;
    this.#change = change;
    this.#crop = new CropPanel(labels, change, () => this.#removePicture());
    this.words = el("input", {
      type: "search",
      id: "words",
      class: "words",
      part: "input",
      maxlength: 2000,
      enterkeyhint: "search",
      autocomplete: "off",
      autocapitalize: "off",
      placeholder: labels.placeholder,
      oninput: () => change({ words: this.words.value }, "typing"),
      onkeydown: (event) => this.#escape(event, clear),
    });
    this.clear = el(
      "button",
      { type: "button", class: "tool", title: labels.clear, "aria-label": labels.clear, onclick: clear },
      icon("close"),
    );
    this.tokens = el("ul", { class: "tokens" });
    this.message = el("p", { class: "box-message", role: "alert" });
    this.form = el(
      "form",
      {
        class: "box",
        part: "box",
        role: "search",
        onsubmit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      el(
        "div",
        { class: "box-row" },
        el("label", { class: "unseen", for: "words" }, labels.words),
        this.words,
        this.clear,
        this.#chooser("picture", labels.choosePicture, {}),
        this.#chooser("camera", labels.takePhoto, { capture: "environment" }),
        el(
          "button",
          { type: "submit", class: "go", part: "go", title: labels.search, "aria-label": labels.search },
          icon("search"),
        ),
      ),
      this.tokens,
      this.#crop.element,
      el("p", { class: "drop-here", "aria-hidden": "true" }, icon("picture"), labels.dropHere),
    );
    this.element = el("div", { class: "ask" }, this.form, this.message);
  }

  /** `known` has the products by id, as far as they were seen. */
  show(query, known) {
    if (this.words.value.trim() !== query.words.trim()) this.words.value = query.words;
    this.clear.hidden = isBrowsing(query);
    this.message.textContent = "";
    this.#crop.show(query);
    this.#showTokens(query, known);
  }

  /** What is dropped on the whole of `host`, or pasted while nobody else is being typed to. */
  listen(host, signal) {
    const carries = (event) =>
      ["Files", "text/uri-list"].some((kind) => event.dataTransfer?.types.includes(kind));
    const drags = (event) => {
      if (!carries(event)) return;
      if (event.composedPath().includes(host)) event.preventDefault();
      this.form.classList.add("dropping");
      clearTimeout(this.#dragEnds);
      this.#dragEnds = setTimeout(() => this.form.classList.remove("dropping"), DRAG_ENDS_MS);
    };
    document.addEventListener("dragover", drags, { signal });
    host.addEventListener(
      "drop",
      (event) => {
        this.form.classList.remove("dropping");
        if (!carries(event)) return;
        event.preventDefault();
        this.#take(event.dataTransfer);
      },
      { signal },
    );
    document.addEventListener("paste", (event) => this.#paste(event, host), { signal });
  }

  #paste(event, host) {
    if (event.defaultPrevented) return; // another element of the page has taken it
    const target = event.composedPath()[0];
    const elsewhere = !event.composedPath().includes(host) && target.matches?.("input, textarea, [contenteditable]");
    const data = event.clipboardData;
    if (elsewhere || !(pictureAmong(data?.files) || addressAmong(data))) return;
    event.preventDefault();
    this.#take(data);
  }

  /** A file is better than an address: the server may not be let in where the browser was. */
  async #take(data) {
    const address = addressAmong(data);
    if (data.files.length > 0 || !address) return this.#use(data.files);
    this.#change({ photo: null, imageUrl: address, crop: null });
  }

  async #use(files) {
    const file = pictureAmong(files);
    this.#newest = file;
    if (!file) return (this.message.textContent = this.#labels.notAPicture);
    try {
      const photo = await shrunk(file);
      if (this.#newest === file) this.#change({ photo, imageUrl: null, crop: null });
    } catch {
      if (this.#newest === file) this.message.textContent = this.#labels.unreadable;
    }
  }

  #escape(event, clear) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.words.value) this.#change({ words: "" });
    else clear();
  }

  #removePicture() {
    this.#change({ photo: null, imageUrl: null, crop: null });
    this.words.focus();
  }

  #showTokens(query, known) {
    const token = (id, list, label) => {
      const product = known.get(id);
      const what = filled(label, { name: product?.name ?? this.#labels.thisProduct });
      const remove = () => {
        this.#change({ [list]: query[list].filter((other) => other !== id) });
        this.words.focus();
      };
      const name = filled(this.#labels.stopSteering, { what });
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: `token ${list}`, "aria-label": name, title: name, onclick: remove },
          product?.picture && el("img", { src: product.picture, alt: "", width: 28, height: 28 }),
          el("span", {}, what),
          icon("close"),
        ),
      );
    };
    this.tokens.replaceChildren(
      ...query.more.map((id) => token(id, "more", this.#labels.steeredMore)),
      ...query.less.map((id) => token(id, "less", this.#labels.steeredLess)),
    );
    this.tokens.hidden = this.tokens.children.length === 0;
  }

  #chooser(drawing, title, attributes) {
    const input = el("input", {
      type: "file",
      accept: "image/*",
      class: "unseen",
      ...attributes,
      onchange: () => {
        const files = [...input.files];
        input.value = ""; // so that the same file can be chosen again
        if (files.length > 0) this.#use(files);
      },
    });
    return el(
      "label",
      { class: `tool ${drawing}`, title },
      input,
      el("span", { class: "unseen" }, title),
      icon(drawing),
    );
  }
}
