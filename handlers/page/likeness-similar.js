// <likeness-similar product-id="…">: "you may also like", a strip of products that look like one.
// It is no reason for a product's page to look broken: with nothing to show it is not there.

import { walk } from "./cards.js";
import { el } from "./dom.js";
import { LikenessElement } from "./element.js";
import { similarStyles } from "./styles.js";

const SIZE = 12;
// Begins before the strip is scrolled to, by the page or whatever else it is scrolled in.
const AHEAD = { rootMargin: "400px", scrollMargin: "400px" };

export class LikenessSimilar extends LikenessElement {
  static observedAttributes = [...super.observedAttributes, "product-id"];

  #asking = null;
  #near = new IntersectionObserver(
    (seen) => seen.some(({ isIntersecting }) => isIntersecting) && this.#ask(),
    AHEAD,
  );

  constructor() {
    super(similarStyles);
  }

  start() {
    if (this.getAttribute("product-id")) this.#near.observe(this);
  }

  stop() {
    this.#asking?.abort();
    this.#near.disconnect();
    this.shadowRoot.replaceChildren();
  }

  async #ask() {
    this.#near.disconnect();
    const { signal } = (this.#asking = new AbortController());
    const id = this.getAttribute("product-id");
    try {
      const { products, facts } = await this.client().similar(id, this.pageSize(SIZE), signal);
      if (signal.aborted) return;
      if (products.length > 0) this.#show(products, facts.query_id);
      this.announce("likeness-search", { ...facts, products });
    } catch (problem) {
      if (!signal.aborted) this.announceTrouble(problem);
    }
  }

  #show(products, queryId) {
    const strip = el("ul", { class: "strip", part: "grid", onkeydown: (event) => walk(event, strip) });
    strip.append(...this.cards(() => queryId).of(products));
    const heading = el(
      "h2",
      { id: "heading", part: "heading" },
      el("slot", {}, this.texts.similar),
    );
    const whole = el("section", { class: "whole", "aria-labelledby": "heading" }, heading, strip);
    this.shadowRoot.replaceChildren(whole);
  }
}

customElements.get("likeness-similar") ?? customElements.define("likeness-similar", LikenessSimilar);
