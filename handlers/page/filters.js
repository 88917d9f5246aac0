// What narrows a query: categories with their counts, a price range, what is in stock.

import { capitalised } from "./cards.js";
import { el, filled, icon } from "./dom.js";

const MANY_CATEGORIES = 10;
const CENT = 0.01; // a counted range does not have the price it ends with

export class Filters {
  #labels;
  #change;
  #money;
  #query = null;
  #counted = new Map(); // by category, in the order of the first counts: chips stay in their place
  #unfolded = false;
  #brought = null; // the categories that were scrolled to last
  #prices = [];
  #currency;

  constructor(labels, money, change) {
    this.#labels = labels;
    this.#money = money;
    this.#change = change;
    this.chips = el("div", { class: "chips", role: "group", "aria-label": labels.categories });
    this.stock = chip(labels.inStock, null, () => change({ inStock: !this.#query.inStock }));
    this.priceMin = this.#bound();
    this.priceMax = this.#bound();
    this.summary = el("summary", { class: "chip", part: "chip" });
    this.ranges = el("ul", { class: "ranges" });
    this.any = el(
      "button",
      { type: "button", class: "text-button", onclick: () => change({ priceMin: null, priceMax: null }) },
      labels.anyPrice,
    );
    const bounds = el(
      "form",
      {
        class: "bounds",
        onsubmit: (event) => {
          event.preventDefault();
          this.#close();
        },
      },
      el("label", {}, el("span", {}, labels.priceFrom), this.priceMin),
      el("span", { "aria-hidden": "true" }, "–"),
      el("label", {}, el("span", {}, labels.priceTo), this.priceMax),
      el("button", { hidden: true }), // without one, Enter would not submit
    );
    this.price = el(
      "details",
      { class: "price-filter", onkeydown: (event) => event.key === "Escape" && this.#close() },
      this.summary,
      el("div", { class: "price-panel" }, this.ranges, bounds, this.any),
    );
    this.element = el(
      "div",
      { class: "filters", part: "filters", role: "group", "aria-label": labels.filters },
      this.chips,
      el("div", { class: "narrow" }, this.price, this.stock),
    );
  }

  /** A click anywhere else closes the prices. */
  listen(signal) {
    const elsewhere = (event) => {
      if (!event.composedPath().includes(this.price)) this.price.open = false;
    };
    document.addEventListener("pointerdown", elsewhere, { signal });
  }

  show(query) {
    this.#query = query;
    press(this.stock, query.inStock);
    this.priceMin.value = query.priceMin ?? "";
    this.priceMax.value = query.priceMax ?? "";
    const narrowed = query.priceMin !== null || query.priceMax !== null;
    this.summary.replaceChildren(this.#rangeText(query), icon("down"));
    this.summary.classList.toggle("chosen", narrowed);
    this.any.hidden = !narrowed;
    this.#showChips();
  }

  /** Products by category and by range of prices. */
  showCounts({ categories, prices }) {
    for (const category of this.#counted.keys()) this.#counted.set(category, 0);
    for (const [category, count] of Object.entries(categories)) this.#counted.set(category, count);
    this.#prices = Object.entries(prices);
    this.#showRanges();
    this.#showChips();
  }

  /** What prices are in, as far as the products tell. */
  showCurrency(currency) {
    if (!currency || currency === this.#currency) return;
    this.#currency = currency;
    this.#showRanges();
    this.show(this.#query);
  }

  #showRanges() {
    const most = Math.max(...this.#prices.map(([, count]) => count));
    const lines = this.#prices.map(([range, count]) => this.#range(range, count, count / most));
    this.ranges.replaceChildren(...lines);
  }

  #showChips() {
    const chosen = this.#query.categories;
    const stocked = [...this.#counted.keys()].filter((category) => this.#counted.get(category) > 0);
    const all = [...new Set([...stocked, ...chosen])];
    const folded = !this.#unfolded && all.length > MANY_CATEGORIES + 1;
    const shown = folded
      ? all.filter((category, place) => place < MANY_CATEGORIES || chosen.includes(category))
      : all;
    /** @type {any} */
    const root = this.chips.getRootNode();
    const focused = root.activeElement?.dataset?.category;
    const chips = shown.map((category) => this.#categoryChip(category, chosen));
    if (all.length > 0) {
      const everything = chip(this.#labels.all, null, () => this.#change({ categories: [] }));
      everything.dataset.category = "";
      press(everything, chosen.length === 0);
      chips.unshift(everything);
    }
    if (folded) chips.push(this.#unfold(all.length - shown.length));
    this.chips.replaceChildren(...chips);
    if (focused !== undefined) chips.find((one) => one.dataset.category === focused)?.focus();
    this.#bringChosen(chips);
  }

  /** Where the chips are a strip to scroll, what was chosen is not left out of sight. */
  #bringChosen(chips) {
    const { categories } = this.#query;
    if (this.#brought === categories || this.#counted.size === 0) return;
    this.#brought = categories;
    const strip = this.chips.getBoundingClientRect();
    const boxes = chips.map((one) => one.className.endsWith("chosen") && one.getBoundingClientRect());
    const { left, right } = boxes.find(Boolean) ?? strip;
    if (left < strip.left || right > strip.right) {
      this.chips.scrollLeft += (left + right - strip.left - strip.right) / 2;
    }
  }

  #categoryChip(category, chosen) {
    const isChosen = chosen.includes(category);
    const made = chip(capitalised(category), this.#counted.get(category) ?? null, () => {
      const others = chosen.filter((other) => other !== category);
      this.#change({ categories: isChosen ? others : [...chosen, category] });
    });
    made.dataset.category = category;
    press(made, isChosen);
    return made;
  }

  #unfold(count) {
    const label = filled(this.#labels.moreCategories, { n: count });
    return el(
      "button",
      {
        type: "button",
        class: "text-button",
        onclick: () => {
          this.#unfolded = true;
          this.#showChips();
          this.chips.querySelectorAll("button")[MANY_CATEGORIES + 1]?.focus();
        },
      },
      label,
    );
  }

  #range(range, count, share) {
    const [low, high] = range.split("-").map((price) => (price === "" ? null : Number(price)));
    const choose = () => {
      this.#change({ priceMin: low, priceMax: high === null ? null : high - CENT });
      this.#close();
    };
    const text = high === null
      ? filled(this.#labels.priceOver, { low: this.#money(low, this.#currency) })
      : this.#money.range(low, high, this.#currency);
    const bar = el("span", { class: "bar" });
    bar.style.inlineSize = `${Math.max(2, share * 100)}%`;
    const line = el("span", { class: "track", "aria-hidden": "true" }, bar);
    const pieces = [el("span", {}, text), line, el("span", { class: "count" }, String(count))];
    return el("li", {}, el("button", { type: "button", onclick: choose }, ...pieces));
  }

  #rangeText({ priceMin, priceMax }) {
    if (priceMin === null && priceMax === null) return this.#labels.price;
    if (priceMin !== null && priceMax !== null) {
      return this.#money.range(priceMin, priceMax, this.#currency);
    }
    const [word, price] = priceMin !== null
      ? [this.#labels.priceFrom, priceMin]
      : [this.#labels.priceTo, priceMax];
    return `${word} ${this.#money(price, this.#currency)}`;
  }

  #bound() {
    return el("input", {
      type: "number",
      min: 0,
      step: "any",
      inputmode: "decimal",
      onchange: () => this.#change(this.#bounds()),
    });
  }

  /** Prices given the wrong way round are turned, not refused. */
  #bounds() {
    const bounds = [this.priceMin, this.priceMax].map((bound) => bound.valueAsNumber);
    const [low, high] = bounds.map((price) => (price >= 0 ? price : null)); // NaN where there is none
    const turned = low !== null && high !== null && low > high;
    return turned ? { priceMin: high, priceMax: low } : { priceMin: low, priceMax: high };
  }

  #close() {
    if (!this.price.open) return;
    this.price.open = false;
    this.summary.focus();
  }
}

function chip(label, count, onclick) {
  const number = count === null ? null : el("span", { class: "count" }, String(count));
  const made = el("button", { type: "button", class: "chip", part: "chip", onclick }, label);
  if (number) made.append(" ", number);
  return made;
}

function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
  button.classList.toggle("chosen", pressed);
}
