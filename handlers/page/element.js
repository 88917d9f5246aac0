// What the elements have in common: where the shop is, what they say, and what they tell the page.

import { Cards, moneyIn } from "./cards.js";
import { Client, HOME } from "./client.js";
import { ENGLISH } from "./labels.js";
import { cardStyles } from "./styles.js";

export class LikenessElement extends HTMLElement {
  static observedAttributes = ["api", "key", "product-url", "page-size", "labels", "lang"];

  #labels = {};
  #running = false;

  constructor(styles) {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [cardStyles, styles];
  }

  /** What it says, where that differs from the English. */
  get labels() {
    return this.#labels;
  }

  set labels(texts) {
    this.#labels = { ...texts };
    this.#again();
  }

  connectedCallback() {
    this.#running = true;
    this.start();
  }

  disconnectedCallback() {
    this.#running = false;
    this.stop();
  }

  /** What one of them does once it is in a page, ... */
  start() {}

  /** ... and once it no longer is. */
  stop() {}

  attributeChangedCallback(_name, before, now) {
    if (before !== now) this.#again();
  }

  get texts() {
    return { ...ENGLISH, ...this.#attributeLabels(), ...this.#labels };
  }

  get locale() {
    return this.closest("[lang]")?.getAttribute("lang") || undefined;
  }

  client() {
    return new Client(this.getAttribute("api") ?? HOME, this.getAttribute("key"));
  }

  pageSize(usual) {
    const size = Number.parseInt(this.getAttribute("page-size") ?? "", 10);
    return size >= 1 && size <= 100 ? size : usual;
  }

  /** Cards that tell the page which product is chosen, and in answer to which query. */
  cards(queryId, steering = {}) {
    const select = (product, event) => {
      const detail = { product, query_id: queryId() };
      if (!this.announce("likeness-select", detail)) event.preventDefault();
    };
    const on = { select, ...steering };
    return new Cards(this.texts, moneyIn(this.locale), this.getAttribute("product-url"), on);
  }

  /** False where the page took the matter into its own hands. */
  announce(type, detail) {
    const manner = { bubbles: true, composed: true, cancelable: true };
    return this.dispatchEvent(new CustomEvent(type, { detail, ...manner }));
  }

  announceTrouble({ code, status, detail }) {
    this.announce("likeness-error", { code, status, detail });
  }

  #attributeLabels() {
    try {
      return JSON.parse(this.getAttribute("labels") ?? "{}");
    } catch (cause) {
      console.warn("labels are not JSON:", cause);
      return {};
    }
  }

  #again() {
    if (!this.#running) return;
    this.stop();
    this.start();
  }
}
