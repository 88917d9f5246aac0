// What a shopper asks, as one value that never changes; every step makes another. In the page's
// address it is ?q=…&category=…&like=…, so that it can be shared, reloaded and walked back
// through. A photo does not fit an address.

export const NOTHING_ASKED = Object.freeze({
  words: "",
  photo: null, // a data URI
  imageUrl: null,
  crop: null, // [x, y, width, height], in shares of the photo's sides
  imageWeight: 0.5,
  more: [], // ids of products that pull
  less: [], // and of those that push
  categories: [],
  priceMin: null,
  priceMax: null,
  inStock: false,
});

export const NO_FILTERS = Object.freeze({
  categories: [],
  priceMin: null,
  priceMax: null,
  inStock: false,
});

export const MOST_STEERING = 16;

export const hasPicture = (query) => Boolean(query.photo || query.imageUrl);

export const mixesWordsAndPicture = (query) => hasPicture(query) && wordsOf(query).wanted !== "";

export function isBrowsing(query) {
  const { wanted, unwanted } = wordsOf(query);
  return !wanted && !unwanted && !hasPicture(query) && !query.more.length && !query.less.length;
}

export function isFiltered(query) {
  const { categories, priceMin, priceMax, inStock } = query;
  return categories.length > 0 || priceMin !== null || priceMax !== null || inStock;
}

/** One category or all, and no other filter: what the catalogue can be leafed through by. */
export function isShelf({ categories, priceMin, priceMax, inStock }) {
  return categories.length <= 1 && priceMin === null && priceMax === null && !inStock;
}

/** What tells two queries apart. */
export const fingerprint = (query) => JSON.stringify(query);

/** What counts of products depend on. */
export const filtersOf = ({ categories, priceMin, priceMax, inStock }) =>
  JSON.stringify([categories, priceMin, priceMax, inStock]);

/** The words that are wanted, and those that are not: "mug -striped". */
function wordsOf({ words }) {
  const all = words.trim().split(/\s+/);
  const pushes = (word) => /^-[^\s-]/.test(word);
  return {
    wanted: all.filter((word) => !pushes(word)).join(" "),
    unwanted: all.filter(pushes).map((word) => word.slice(1)).join(" "),
  };
}

/** As `POST /search` takes it; what is undefined is not sent. */
export function searchBody(query) {
  const { wanted, unwanted } = wordsOf(query);
  const pictured = hasPicture(query);
  return {
    text_query: wanted || undefined,
    less_text: unwanted || undefined,
    image_base64: query.photo ?? undefined,
    image_url: query.photo ? undefined : (query.imageUrl ?? undefined),
    crop: (pictured && query.crop) || undefined,
    image_weight: pictured && wanted ? query.imageWeight : undefined,
    more_like: some(query.more),
    less_like: some(query.less),
    category_filter: some(query.categories),
    price_min: query.priceMin ?? undefined,
    price_max: query.priceMax ?? undefined,
    in_stock: query.inStock || undefined,
  };
}

const some = (list) => (list.length > 0 ? list : undefined);

const NAMES =
  "q image_url crop image_weight like unlike category price_min price_max in_stock".split(" ");

/** `address`, a URL, with this query in place of the one it had; what else it says stays. */
export function withQuery(address, query) {
  const url = new URL(address);
  const said = url.searchParams;
  for (const name of NAMES) said.delete(name);
  if (query.words.trim()) said.set("q", query.words.trim());
  if (query.imageUrl && !query.photo) said.set("image_url", query.imageUrl);
  if (said.has("image_url") && query.crop) said.set("crop", query.crop.join(","));
  if (mixesWordsAndPicture(query)) said.set("image_weight", query.imageWeight);
  for (const id of query.more) said.append("like", id);
  for (const id of query.less) said.append("unlike", id);
  for (const category of query.categories) said.append("category", category);
  if (query.priceMin !== null) said.set("price_min", query.priceMin);
  if (query.priceMax !== null) said.set("price_max", query.priceMax);
  if (query.inStock) said.set("in_stock", "true");
  return url;
}

export function queryFrom(address, photo = null) {
  const said = new URL(address).searchParams;
  const crop = (said.get("crop") ?? "").split(",").map(number);
  const weight = number(said.get("image_weight"));
  return {
    words: said.get("q") ?? "",
    photo: photo?.photo ?? null,
    imageUrl: said.get("image_url") || null,
    crop: photo?.crop ?? (crop.length === 4 && !crop.includes(null) ? crop : null),
    imageWeight: weight === null ? NOTHING_ASKED.imageWeight : Math.min(weight, 1),
    more: said.getAll("like").slice(0, MOST_STEERING),
    less: said.getAll("unlike").slice(0, MOST_STEERING),
    categories: said.getAll("category"),
    priceMin: number(said.get("price_min")),
    priceMax: number(said.get("price_max")),
    inStock: said.get("in_stock") === "true",
  };
}

/**
 * The query as it is now. On a page of its own (`inAddress`) every step to it is one of the
 * browser's back button; embedded in another page it leaves the history alone.
 */
export class Steps {
  #query;
  #lastKind = null;
  #inAddress;
  #onChange;
  #onPopState = (event) => this.#walkTo(event.state);

  /**
   * `onChange(query, kind)` is told of every change; `kind` is "back" for a walk through the history.
   * `query` is what is asked to begin with, where the address does not say.
   */
  constructor(inAddress, onChange, query) {
    this.#inAddress = inAddress;
    this.#onChange = onChange;
    this.#query = query;
    if (!inAddress) return;
    this.#query = queryFrom(location.href, history.state?.likeness);
    addEventListener("popstate", this.#onPopState);
  }

  get now() {
    return this.#query;
  }

  /** A run of changes of one kind, such as typing, is one step back. */
  change(part, kind = "choice") {
    this.#query = { ...this.#query, ...part };
    if (this.#inAddress) this.#write(kind !== "choice" && kind === this.#lastKind);
    this.#lastKind = kind;
    this.#onChange(this.#query, kind);
  }

  /** The next change begins a new step, whatever its kind. */
  endStep() {
    this.#lastKind = null;
  }

  end() {
    removeEventListener("popstate", this.#onPopState);
  }

  #write(sameStep) {
    const { photo, crop } = this.#query;
    const state = { ...history.state, likeness: photo ? { photo, crop } : null };
    const address = withQuery(location.href, this.#query);
    history[sameStep ? "replaceState" : "pushState"](state, "", address);
  }

  #walkTo(state) {
    this.#query = queryFrom(location.href, state?.likeness);
    this.#lastKind = null;
    this.#onChange(this.#query, "back");
  }
}

function number(text) {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
