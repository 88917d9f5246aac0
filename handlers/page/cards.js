// A product as a card, and the prices on it.

import { el, filled, icon } from "./dom.js";

const SEEN_AT_ONCE = 10; // pictures that are not left for later
const PAUSE_MS = 500;
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
  #pause;
  #inSight = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) this.#pending.get(target)?.();
  });
  #pending = new Map(); // by element: how to load the pictures that wait
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
    const cards = products.map((product) => this.#cardOf(product));
    cards.slice(0, SEEN_AT_ONCE).forEach(({ load }) => load("high", "eager"));
    this.#later(cards.slice(SEEN_AT_ONCE));
    return cards.map(({ element }) => element);
  }

  #cardOf(product) {
    const kept = this.#made.get(product.id);
    const same = kept && JSON.stringify({ ...product, score: kept.product.score }) === kept.as;
    const card = same ? kept : this.#card(product);
    this.#made.delete(product.id); // the last that were shown are the last to be forgotten
    this.#made.set(product.id, card);
    if (this.#made.size > CARDS_KEPT) this.#made.delete(this.#made.keys().next().value);
    this.#score(card.score, product.score);
    return card;
  }

  /**
   * Pictures out of sight wait until they are scrolled to or nobody types any more: the pictures of a
   * word half typed would be in the way of those that are looked at.
   */
  #later(cards) {
    for (const { element, load } of cards) {
      this.#inSight.observe(element);
      this.#pending.set(element, () => {
        this.#inSight.unobserve(element);
        this.#pending.delete(element);
        if (element.isConnected) load("low", "lazy"); // where the browser thinks that it is near
      });
    }
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => [...this.#pending.values()].forEach((load) => load()), PAUSE_MS);
  }

  #card(product) {
    const select = (event) => this.#on.select(product, event);
    const href = this.#urlOf(product);
    const what = { class: "link", part: "link", onclick: select };
    const name = el("span", {}, product.name); // a button can't be cut short after two lines, a span can
    const link = href ? el("a", { ...what, href }, name) : el("button", { ...what, type: "button" }, name);
    const score = el("span", { class: "score", part: "score" });
    const price = product.price === null ? "" : this.#money(product.price, product.currency);
    const soldOut = product.soldOut ? el("span", { class: "sold-out" }, this.#labels.outOfStock) : null;
    const { frame, load } = picture(product, score);
    const element = el(
      "li",
      { class: "card", part: "card" },
      frame,
      el("h3", { class: "name", part: "name" }, link),
      el("p", { class: "price", part: "price" }, price, price && soldOut && " · ", soldOut),
      this.#on.more && this.#steering(product),
    );
    return { element, load, score, product, as: JSON.stringify(product) };
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
function picture(product, score) {
  const frame = el("div", { class: "picture", part: "picture" }, score);
  const showLetter = () => {
    image.remove();
    frame.dataset.letter = initial(product);
  };
  const image = el("img", { alt: "", width: 384, height: 384, decoding: "async", onerror: showLetter });
  const load = (haste, loading) => {
    if (image.src) return;
    image.fetchPriority = haste;
    image.loading = loading;
    image.src = product.picture;
  };
  if (product.picture) frame.prepend(image);
  else showLetter();
  return { frame, load: product.picture ? load : () => {} };
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
