// The shop's API in the shopper's words: a query goes in, a page of products comes out, and
// whatever goes wrong is a Problem.

import { isBrowsing, isShelf, NOTHING_ASKED, searchBody } from "./query.js";

const MOST_HITS = 100;
const DEEPEST_HIT = 1000;
const PATIENCE_MS = 20_000;
const PROBE_MS = 3000;
const ANYTHING = "product"; // where filters are asked about, but a search must look for something

/** Where this script came from is where the shop's API is, unless a page says otherwise. */
export const HOME = new URL("../../", import.meta.url).href;

export class Problem extends Error {
  /** `retryAfter` is in seconds, where the server says when to come again. */
  constructor(code, { status = 0, detail = "", retryAfter = null } = {}) {
    super(detail || code);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

export class Client {
  #base;
  #key;
  #uploads = new Map(); // what a photo that was too large for a request is called since

  constructor(base, key) {
    this.#base = new URL(base.endsWith("/") ? base : `${base}/`, document.baseURI);
    this.#key = key;
  }

  /** One page of products, from `from`; `next` is where the page after it begins, or null. */
  async find(query, from, size, signal) {
    if (!isBrowsing(query)) return this.#search(query, from ?? 0, size, signal);
    if (isShelf(query)) return this.#browse(query, from, size, signal);
    const found = await this.#search({ ...query, words: ANYTHING }, from ?? 0, size, signal);
    return { ...found, products: found.products.map((product) => ({ ...product, score: null })) };
  }

  async product(id) {
    return this.#product(await this.#ask(`products/${encodeURIComponent(id)}`));
  }

  async similar(id, size, signal) {
    const path = `search/similar/${encodeURIComponent(id)}?top_k=${size}`;
    return this.#found(await this.#ask(path, { signal }));
  }

  /**
   * How many products there are by category and by price, under the other filters. Counts are of
   * the filters alone, so they are asked for when those change and not with every key.
   */
  async counts(query, signal) {
    const { categories, priceMin, priceMax, inStock } = query;
    const counted = (facet, filters) => ({
      ...searchBody({ ...NOTHING_ASKED, words: ANYTHING, inStock, ...filters }),
      top_k: 1,
      facets: [facet],
    });
    const searches = [
      counted("category", { priceMin, priceMax }),
      counted("price", { categories }),
    ];
    const { answers } = await this.#ask("search/batch", { signal, body: { searches } });
    const [byCategory, byPrice] = answers.map((answer) => answer.facets ?? {});
    return { categories: byCategory.category ?? {}, prices: byPrice.price ?? {} };
  }

  /** Asks for one more than a page has, to know whether there is another page. */
  async #search(query, offset, most, signal) {
    const size = Math.min(most, MOST_HITS - 1);
    const top_k = Math.min(size + 1, DEEPEST_HIT - offset);
    const body = { ...searchBody(query), top_k, offset };
    const { products, facts } = this.#found(await this.#searched(this.#lightened(body), signal));
    const next = products.length > size ? offset + size : null;
    return { products: products.slice(0, size), facts, next };
  }

  /** A photo that is too large for a request is put straight to where photos are kept. */
  async #searched(body, signal) {
    try {
      return await this.#ask("search", { signal, body });
    } catch (problem) {
      if (problem.status !== 413 || !body.image_base64) throw problem;
      await this.#upload(body.image_base64, signal);
      return this.#ask("search", { signal, body: this.#lightened(body) });
    }
  }

  #lightened(body) {
    const upload_id = this.#uploads.get(body.image_base64);
    return upload_id ? { ...body, image_base64: undefined, upload_id } : body;
  }

  async #upload(photo, signal) {
    const body = { purpose: "search", content_type: "image/jpeg" };
    const { url, headers, upload_id } = await this.#ask("uploads", { signal, body });
    const bytes = Uint8Array.from(atob(photo.split(",")[1]), (letter) => letter.charCodeAt(0));
    const put = await fetch(url, { method: "PUT", headers, body: bytes, signal }).catch(() => null);
    if (!put?.ok) throw new Problem("image_too_large", { status: 413 });
    this.#uploads.set(photo, upload_id);
  }

  async #browse(query, cursor, size, signal) {
    const asked = new URLSearchParams({ limit: size });
    if (query.categories.length === 1) asked.set("category", query.categories[0]);
    if (cursor) asked.set("cursor", cursor);
    const answer = await this.#ask(`products?${asked}`, { signal });
    const products = answer.products.map((row) => this.#product(row));
    return { products, next: answer.next_cursor, facts: {} };
  }

  #found(answer) {
    const { query_id, query_type, model, cache, degraded, truncated } = answer;
    const facts = { query_id, query_type, model, cache, degraded, truncated };
    facts.ms = answer.execution_time_ms;
    return { products: answer.results.map((row) => this.#product(row)), facts };
  }

  /** A hit and a catalogue's product become the same thing: a product, perhaps with a score. */
  #product(row) {
    const picture = row.image_url ?? null;
    return {
      id: row.product_id ?? row.id,
      name: row.name?.trim() || row.product_id || row.id,
      description: row.description ?? "",
      picture: picture && new URL(picture, this.#base).href,
      price: row.price ?? null,
      currency: row.currency ?? null,
      category: row.category ?? null,
      attributes: row.attributes ?? {},
      soldOut: row.in_stock === false,
      score: row.similarity_score ?? null,
    };
  }

  /**
   * What the API says to a request, which is a POST where it has a body.
   * @param {string} path
   * @param {{ body?: object, signal?: AbortSignal }} request
   */
  async #ask(path, { body, signal } = {}) {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.#key) headers["X-API-Key"] = this.#key;
    if (body) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(new URL(`api/v1/${path}`, this.#base), {
        method: body ? "POST" : "GET",
        headers,
        body: body && JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      const said = await answer.json().catch((cause) => {
        if (patience.aborted || signal?.aborted) throw cause;
      });
      if (answer.ok && said) return said;
      throw refusal(answer, said);
    } catch (cause) {
      if (cause instanceof Problem || signal?.aborted) throw cause;
      throw new Problem(patience.aborted ? "no_answer_in_time" : await this.#whyUnreachable());
    }
  }

  /** A server that answers, but may not be heard by this page, looks like none. */
  async #whyUnreachable() {
    if (this.#base.origin === location.origin) return "unreachable";
    const signal = AbortSignal.timeout(PROBE_MS);
    const probe = fetch(new URL("api/v1/health", this.#base), { mode: "no-cors", signal });
    return probe.then(() => "origin_refused", () => "unreachable");
  }
}

function refusal(answer, said) {
  const wait = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  return new Problem(said?.code ?? `http_${answer.status}`, {
    status: answer.status,
    detail: said?.detail ?? "",
    retryAfter: Number.isFinite(wait) ? wait : null,
  });
}
