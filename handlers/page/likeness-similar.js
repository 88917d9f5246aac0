// <likeness-similar product-id="…">: "you may also like", a strip of products that look like one.
// It is no reason for a product's page to look broken: with nothing to show it is not there.

import { Cards, moneyIn, walk } from "./cards.js";
import { Client, HOME } from "./client.js";
import { announce, el } from "./dom.js";
import { ENGLISH } from "./labels.js";
import { cardStyles, similarStyles } from "./styles.js";

const SIZE = 12;
const AHEAD = "400px"; // begins before the strip is scrolled to

export class LikenessSimilar extends HTMLElement {
  static observedAttributes = ["product-id", "api", "key", "product-url", "size", "labels", "lang"];

  #labels = {};
  #queryId = null;
  #asking = null;
  #watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#ask(), {
    rootMargin: AHEAD,
  });

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [cardStyles, similarStyles];
  }

  get labels() {
    return this.#labels;
  }

  set labels(texts) {
    this.#labels = { ...texts };
    if (this.isConnected) this.#start();
  }

  connectedCallback() {
    this.#start();
  }

  disconnectedCallback() {
    this.#asking?.abort();
    this.#watch.disconnect();
  }

  attributeChangedCallback(name, before, now) {
    if (this.isConnected && before !== now) this.#start();
  }

  #start() {
    this.#asking?.abort();
    this.shadowRoot.replaceChildren();
    this.#watch.disconnect();
    if (this.getAttribute("product-id")) this.#watch.observe(this);
  }

  async #ask() {
    this.#watch.disconnect();
    const mine = (this.#asking = new AbortController());
    const client = new Client(this.getAttribute("api") ?? HOME, this.getAttribute("key"));
    const size = Number.parseInt(this.getAttribute("size") ?? "", 10) || SIZE;
    try {
      const { products, facts } = await client.similar(this.getAttribute("product-id"), size, mine.signal);
      if (this.#asking !== mine) return;
      this.#queryId = facts.query_id;
      this.#show(products);
      announce(this, "likeness-search", { ...facts, products });
    } catch ({ code, status, detail }) {
      if (!mine.signal.aborted) announce(this, "likeness-error", { code, status, detail });
    }
  }

  #show(products) {
    if (products.length === 0) return;
    const labels = { ...ENGLISH, ...JSON.parse(this.getAttribute("labels") ?? "{}"), ...this.#labels };
    const money = moneyIn(this.closest("[lang]")?.lang || undefined);
    const cards = new Cards(labels, money, this.getAttribute("product-url"), {
      select: (product, event) => this.#select(product, event),
    });
    const strip = el("ul", { class: "strip", part: "grid", onkeydown: (event) => walk(event, strip) });
    strip.append(...cards.of(products));
    const heading = el("h2", { id: "heading", part: "heading" }, el("slot", {}, labels.similar));
    this.shadowRoot.replaceChildren(
      el("section", { class: "whole", "aria-labelledby": "heading" }, heading, strip),
    );
  }

  #select(product, event) {
    const detail = { product, query_id: this.#queryId };
    if (!announce(this, "likeness-select", detail, true)) event.preventDefault();
  }
}
