// The shop's API in the page's words: a query goes in, a page of products comes out, and
// whatever goes wrong is a Problem that can be shown as it stands.

import { isBrowsing, isFiltered, mixesWordsAndPhoto } from "./query.js";

const API = "/api/v1";
const PAGE_SIZE = 24;
const FILTERED_BROWSE_SIZE = 100;
const FILTERED_BROWSE_PAGES = 10;
const DEEPEST_HIT = 1000;
const PATIENCE_MS = 20_000;

export class Problem extends Error {
  constructor({ title, detail, code }) {
    super(title);
    this.title = title;
    this.detail = detail ?? "";
    this.code = code ?? "";
  }
}

/** One page: `products`, `next` (what to pass as `from` for more, or null) and `facts`. */
export function findProducts(query, from, signal) {
  if (isBrowsing(query)) return browse(query, from, signal);
  return search(query, from ?? 0, signal);
}

export async function findProduct(id) {
  return productFrom(await ask(`/products/${encodeURIComponent(id)}`));
}

export function shopStats() {
  return ask("/stats");
}

async function search(query, offset, signal) {
  const answer = query.like
    ? await ask(similarPath(query, offset), { signal })
    : await ask("/search", { signal, body: searchBody(query, offset) });
  const products = (answer.results ?? []).map(productFrom);
  const next = offset + PAGE_SIZE;
  const isMore = products.length === PAGE_SIZE && next + PAGE_SIZE <= DEEPEST_HIT;
  return { products, next: isMore ? next : null, facts: factsOf(answer) };
}

/** The catalogue knows no price or stock filter, so those are held against each page here. */
async function browse(query, cursor, signal) {
  const passes = productFilter(query);
  const narrowed = query.inStock || query.priceMin !== null || query.priceMax !== null;
  const products = [];
  for (let page = 0; page < (narrowed ? FILTERED_BROWSE_PAGES : 1); page += 1) {
    const answer = await ask(browsePath(query, cursor, narrowed), { signal });
    products.push(...(answer.products ?? []).map(productFrom).filter(passes));
    cursor = answer.next_cursor ?? null;
    if (cursor === null || products.length >= PAGE_SIZE) break;
  }
  return { products, next: cursor, facts: {} };
}

function searchBody(query, offset) {
  return {
    ...filtersOf(query),
    text_query: query.words.trim() || undefined,
    image_base64: query.photo ?? undefined,
    image_weight: mixesWordsAndPhoto(query) ? query.imageWeight : undefined,
    top_k: PAGE_SIZE,
    offset,
  };
}

function similarPath(query, offset) {
  const asked = new URLSearchParams({ top_k: PAGE_SIZE, offset, ...filtersOf(query) });
  return `/search/similar/${encodeURIComponent(query.like)}?${asked}`;
}

function browsePath(query, cursor, narrowed) {
  const asked = new URLSearchParams({ limit: narrowed ? FILTERED_BROWSE_SIZE : PAGE_SIZE });
  if (query.category) asked.set("category", query.category);
  if (cursor) asked.set("cursor", cursor);
  return `/products?${asked}`;
}

function filtersOf(query) {
  const filters = {};
  if (query.category) filters.category_filter = query.category;
  if (query.priceMin !== null) filters.price_min = query.priceMin;
  if (query.priceMax !== null) filters.price_max = query.priceMax;
  if (query.inStock) filters.in_stock = true;
  return filters;
}

function productFilter(query) {
  const { priceMin, priceMax, inStock } = query;
  if (!isFiltered(query)) return () => true;
  return ({ price, soldOut }) =>
    !(inStock && soldOut) &&
    (priceMin === null || (price !== null && price >= priceMin)) &&
    (priceMax === null || (price !== null && price <= priceMax));
}

/** A hit and a catalogue product become the same thing: a product, perhaps with a score. */
function productFrom(row) {
  return {
    id: row.product_id ?? row.id,
    name: row.name ?? "",
    description: row.description ?? "",
    picture: row.image_url ?? row.image_urls?.[0] ?? null,
    price: row.price ?? null,
    currency: row.currency ?? null,
    category: row.category ?? null,
    soldOut: row.in_stock === false,
    score: row.similarity_score ?? null,
  };
}

function factsOf(answer) {
  return {
    model: answer.model,
    milliseconds: answer.execution_time_ms,
    wordsOnly: answer.degraded === true,
    truncated: answer.truncated === true,
  };
}

async function ask(path, { body, signal } = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  signal?.addEventListener("abort", () => patience.abort());
  if (signal?.aborted) patience.abort();
  try {
    const answer = await fetch(API + path, { ...requestOf(body), signal: patience.signal });
    const said = await answer.json().catch(() => null);
    if (!answer.ok) throw refusal(answer, said);
    if (said === null) throw patience.signal.aborted ? tooSlow() : unreadable();
    return said;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw patience.signal.aborted ? tooSlow() : unreachable();
  } finally {
    clearTimeout(timer);
  }
}

function requestOf(body) {
  if (body === undefined) return {};
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

function refusal(answer, said) {
  return new Problem({
    title: said?.title ?? "The shop could not answer",
    detail: said?.detail ?? "Please try again in a moment.",
    code: said?.code ?? `http_${answer.status}`,
  });
}

function unreadable() {
  return new Problem({
    title: "The shop gave an answer we cannot read",
    detail: "Please try again in a moment.",
    code: "answer_unreadable",
  });
}

function unreachable() {
  return new Problem({
    title: "The shop cannot be reached",
    detail: "Check your connection, then try again.",
    code: "unreachable",
  });
}

function tooSlow() {
  return new Problem({
    title: "This is taking too long",
    detail: "The shop has not answered yet. Please try again.",
    code: "no_answer_in_time",
  });
}
