// A product as a card, and the prices on it.

import { el, filled, icon } from "./dom.js";

const SEEN_AT_ONCE = 12; // pictures that are not left for later, when they are scrolled to
const CARDS_KEPT = 300;

/** Prices in the shopper's manner of writing; `money.range` for two. */
export function moneyIn(locale) {
  const formats = new Map();
  const format = (currency) => {
    if (!formats.has(currency)) formats.set(currency, priceFormat(locale, currency));
    return formats.get(currency);
  };
  const money = (price, currency) => format(currency).format(price);
  money.range = (low, high, currency) => format(currency).formatRange(low, high);
  return money;
}

function priceFormat(locale, currency) {
  /** @type {Intl.NumberFormatOptions} */
  const style = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" };
  try {
    return new Intl.NumberFormat(locale, currency ? style : { maximumFractionDigits: 2 });
  } catch {
    return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }); // no such currency
  }
}

/** A word that the shop writes all in small letters gets a capital. */
export function capitalised(word) {
  if (word !== word.toLowerCase()) return word;
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Makes cards, and gives back the one it made before where a product is shown again. */
export class Cards {
  #made = new Map();
  #labels;
  #money;
  #urlOf;
  #on;

  /** `on.select(product, event)`, and where there is steering `on.more(product)`, `on.less(product)`. */
  constructor(labels, money, productUrl, on) {
    this.#labels = labels;
    this.#money = money;
    this.#urlOf = ({ id }) => productUrl?.replaceAll("{id}", encodeURIComponent(id)) ?? null;
    this.#on = on;
  }

  of(products) {
    return products.map((product, place) => {
      const kept = this.#made.get(product.id);
      const same = kept && JSON.stringify({ ...product, score: kept.product.score }) === kept.as;
      const card = same ? kept : this.#card(product, place < SEEN_AT_ONCE);
      this.#made.delete(product.id); // the last that were shown are the last to be forgotten
      this.#made.set(product.id, card);
      if (this.#made.size > CARDS_KEPT) this.#made.delete(this.#made.keys().next().value);
      this.#score(card.score, product.score);
      return card.element;
    });
  }

  #card(product, isSeen) {
    const select = (event) => this.#on.select(product, event);
    const href = this.#urlOf(product);
    const what = { class: "link", part: "link", onclick: select };
    const name = el("span", {}, product.name); // a button can't be cut short after two lines, a span can
    const link = href ? el("a", { ...what, href }, name) : el("button", { ...what, type: "button" }, name);
    const score = el("span", { class: "score", part: "score" });
    const price = product.price === null ? "" : this.#money(product.price, product.currency);
    const soldOut = product.soldOut ? el("span", { class: "sold-out" }, this.#labels.outOfStock) : null;
    const element = el(
      "li",
      { class: "card", part: "card" },
      picture(product, score, isSeen),
      el("h3", { class: "name", part: "name" }, link),
      el("p", { class: "price", part: "price" }, price, price && soldOut && " · ", soldOut),
      this.#on.more && this.#steering(product),
    );
    return { element, score, product, as: JSON.stringify(product) };
  }

  #steering(product) {
    const button = (which, label, name) =>
      el(
        "button",
        {
          type: "button",
          class: `steer ${which}`,
          part: "steer",
          title: label,
          "aria-label": filled(name, { name: product.name }),
          onclick: () => this.#on[which](product),
        },
        icon(which),
        which === "more" ? el("span", {}, label) : null,
      );
    const { moreLike, moreLikeProduct, lessLike, lessLikeProduct } = this.#labels;
    const buttons = [button("more", moreLike, moreLikeProduct), button("less", lessLike, lessLikeProduct)];
    return el("div", { class: "steering" }, ...buttons);
  }

  #score(badge, score) {
    badge.hidden = score === null;
    badge.textContent = score === null ? "" : filled(this.#labels.score, { score: score.toFixed(2) });
  }
}

/** What stands for a picture. */
export const initial = ({ name }) => [...name.trim()][0]?.toUpperCase() ?? "";

/** A product without a picture, or with one that does not load, shows its first letter. */
function picture(product, score, isSeen) {
  const frame = el("div", { class: "picture", part: "picture" }, score);
  const showLetter = () => {
    image.remove();
    frame.dataset.letter = initial(product);
  };
  const haste = isSeen ? { fetchpriority: "high" } : { loading: "lazy", fetchpriority: "low" };
  const attributes = { alt: "", width: 384, height: 384, decoding: "async", ...haste };
  const image = el("img", { ...attributes, src: product.picture, onerror: showLetter });
  if (product.picture) frame.prepend(image);
  else showLetter();
  return frame;
}

export function skeletons(count) {
  return Array.from({ length: count }, () =>
    el(
      "li",
      { class: "card skeleton", "aria-hidden": "true" },
      el("div", { class: "picture" }),
      el("p", { class: "name" }),
      el("p", { class: "price" }),
    ),
  );
}

/** Arrow keys walk over the cards of a grid or a strip. */
export function walk(event, list) {
  const links = [...list.querySelectorAll(".link")];
  const here = links.indexOf(event.target);
  if (here < 0) return;
  const top = (link) => link.closest(".card").offsetTop;
  const columns = Math.max(1, links.findIndex((link) => top(link) > top(links[0])));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const there = links[here + steps[event.key]];
  if (!there) return;
  event.preventDefault();
  there.focus();
}
