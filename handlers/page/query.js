// The query: the one place where what the shopper asks is kept. The address mirrors it
// (?q=…&category=…&like=…), so it can be shared, reloaded and walked back through. A photo does
// not fit an address; it stays in the history entry.

export const NOTHING_ASKED = Object.freeze({
  words: "",
  photo: null, // a data URI
  like: null, // a product's id
  imageWeight: 0.5,
  category: null,
  priceMin: null,
  priceMax: null,
  inStock: false,
});

export const NO_FILTERS = Object.freeze({
  category: null,
  priceMin: null,
  priceMax: null,
  inStock: false,
});

export function isBrowsing(query) {
  return !query.words.trim() && !query.photo && !query.like;
}

export function isFiltered(query) {
  return Object.keys(NO_FILTERS).some((name) => query[name] !== NO_FILTERS[name]);
}

export function mixesWordsAndPhoto(query) {
  return Boolean(query.photo && query.words.trim());
}

/** What tells two queries apart. */
export function fingerprint(query) {
  return JSON.stringify(query);
}

export function queryFromAddress(search, photo = null) {
  const asked = new URLSearchParams(search);
  return {
    words: asked.get("q") ?? "",
    photo,
    like: asked.get("like") || null,
    imageWeight: Math.min(number(asked.get("image_weight")) ?? NOTHING_ASKED.imageWeight, 1),
    category: asked.get("category") || null,
    priceMin: number(asked.get("price_min")),
    priceMax: number(asked.get("price_max")),
    inStock: asked.get("in_stock") === "true",
  };
}

export function addressOf(query) {
  const asked = new URLSearchParams();
  if (query.words.trim()) asked.set("q", query.words.trim());
  if (query.like) asked.set("like", query.like);
  if (query.category) asked.set("category", query.category);
  if (query.priceMin !== null) asked.set("price_min", query.priceMin);
  if (query.priceMax !== null) asked.set("price_max", query.priceMax);
  if (query.inStock) asked.set("in_stock", "true");
  if (mixesWordsAndPhoto(query)) asked.set("image_weight", query.imageWeight);
  const search = asked.toString();
  return search ? `${location.pathname}?${search}` : location.pathname;
}

/**
 * Holds the current query and tells `onChange(query, how)` of every new one; `how` is the kind
 * of change ("typing", "sliding", …) or "back" for a walk through the history.
 */
export class CurrentQuery {
  #query = queryFromAddress(location.search, history.state?.photo);
  #lastKind = null;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    addEventListener("popstate", (event) => this.#walkTo(event.state));
  }

  get now() {
    return this.#query;
  }

  /** A run of changes of one kind, such as typing, is one step of the back button. */
  change(part, kind = "choice") {
    this.#query = { ...this.#query, ...part };
    const sameStep = kind === this.#lastKind && kind !== "choice";
    const write = sameStep ? "replaceState" : "pushState";
    history[write]({ photo: this.#query.photo }, "", addressOf(this.#query));
    this.#lastKind = kind;
    this.#onChange(this.#query, kind);
  }

  /** The next change starts a new step, whatever its kind. */
  endStep() {
    this.#lastKind = null;
  }

  #walkTo(entry) {
    this.#query = queryFromAddress(location.search, entry?.photo);
    this.#lastKind = null;
    this.#onChange(this.#query, "back");
  }
}

function number(text) {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
