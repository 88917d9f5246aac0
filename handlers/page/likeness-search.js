// <likeness-search>: the search box, the filters and the products, as one element.

import { Box } from "./box.js";
import { moneyIn } from "./cards.js";
import { Problem } from "./client.js";
import { el } from "./dom.js";
import { LikenessElement } from "./element.js";
import { Filters } from "./filters.js";
import { filtersOf, fingerprint, isBrowsing, Steps } from "./query.js";
import { MOST_STEERING, NO_FILTERS, NOTHING_ASKED } from "./query.js";
import { Results } from "./results.js";
import { searchStyles } from "./styles.js";

const PAUSE_MS = { typing: 80, sliding: 80, cropping: 200 };
const ANSWERS_KEPT = 50;
const COUNTS_KEPT_MS = 60_000;
const PAGE_SIZE = 24;
const RETRIES = 3;
const LONGEST_WAIT_SECONDS = 60;

export class LikenessSearch extends LikenessElement {
  #client;
  #welcome;
  #box;
  #filters;
  #results;
  #steps = null;
  #listening;
  #newest = null; // the AbortController of the only search whose answer may be shown
  #timer;
  #began = -Infinity; // when the last search did
  #answers = new Map(); // by fingerprint, so that going back is instant and keeps its place
  #known = new Map(); // products by id, so that "more like this" can say like what
  #counts = new Map(); // by filters
  #queryId = null;

  constructor() {
    super(searchStyles);
  }

  get query() {
    return this.#steps?.now ?? NOTHING_ASKED;
  }

  /** Searches for something else: any part of a query, such as `{words: "mug", inStock: true}`. */
  ask(part) {
    this.#steps.change(part);
  }

  clear() {
    this.ask(NOTHING_ASKED);
    this.#box.words.focus({ preventScroll: true });
  }

  start() {
    const { texts } = this;
    this.#client = this.client();
    this.#answers.clear();
    this.#counts.clear();
    this.#build(texts);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#box.listen(this, signal);
    this.#filters.listen(signal);
    document.addEventListener("keydown", (event) => this.#hotkey(event), { signal });
    const changed = (...told) => this.#changed(...told);
    this.#steps = new Steps(this.hasAttribute("address-bar"), changed, this.query);
    const words = this.getAttribute("words");
    if (words && isBrowsing(this.query)) this.ask({ words });
    else this.#changed(this.query, "start");
  }

  stop() {
    this.#drop();
    this.#listening.abort();
    this.#steps.end();
  }

  #build(texts) {
    const change = (part, kind) => this.#steps.change(part, kind);
    const clear = () => this.clear();
    this.#welcome = el("div", { class: "welcome" }, el("slot", { name: "welcome" }));
    this.#box = new Box(texts, { change, clear, submit: () => this.#submit() });
    this.#filters = new Filters(texts, moneyIn(this.locale), change);
    const cards = this.cards(() => this.#queryId, {
      more: (product) => this.#steer("more", "less", product),
      less: (product) => this.#steer("less", "more", product),
    });
    this.#results = new Results(texts, this.locale, cards, {
      clear,
      clearFilters: () => this.ask(NO_FILTERS),
      more: () => this.#showMore(),
    });
    const pieces = [this.#box, this.#filters, this.#results].map(({ element }) => element);
    this.shadowRoot.replaceChildren(el("div", { class: "whole" }, this.#welcome, ...pieces));
  }

  #changed(query, kind) {
    this.#drop();
    this.#show(query);
    const remembered = kind === "back" && this.#answers.get(fingerprint(query));
    if (remembered) this.#answered(query, remembered);
    else {
      // The first of a run of keys searches at once; those that follow too closely wait.
      const wait = this.#began + (PAUSE_MS[kind] ?? 0) - performance.now();
      if (wait > 0) this.#timer = setTimeout(() => this.#search(query), wait);
      else this.#search(query);
    }
    this.#count(query);
  }

  #show(query) {
    this.#welcome.classList.toggle("unseen", !isBrowsing(query));
    this.#box.show(query, this.#known);
    this.#filters.show(query);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#newest?.abort();
    this.#newest = null;
  }

  #submit() {
    this.#steps.endStep();
    this.#drop();
    this.#search(this.query);
  }

  /** Asks for the first page; an answer that comes after a newer question is dropped. */
  async #search(query, attempt = 0) {
    this.#drop();
    this.#began = performance.now();
    const mine = (this.#newest = new AbortController());
    this.#results.wait(query, this.#known);
    try {
      const found = this.#client.find(query, null, this.pageSize(PAGE_SIZE), mine.signal);
      const [answer] = await Promise.all([found, this.#meet(query)]);
      if (this.#newest === mine) this.#answered(query, answer);
    } catch (problem) {
      if (this.#newest === mine) this.#failed(problem, attempt, (next) => this.#search(query, next));
    }
  }

  async #showMore(attempt = 0) {
    const { query } = this;
    const soFar = this.#answers.get(fingerprint(query));
    if (!soFar) return; // a newer question is on its way
    this.#drop();
    const mine = (this.#newest = new AbortController());
    this.#results.waitForMore();
    try {
      const answer = await this.#client.find(query, soFar.next, this.pageSize(PAGE_SIZE), mine.signal);
      if (this.#newest !== mine) return;
      const products = withoutRepeats(soFar.products, answer.products);
      this.#remember(query, { ...answer, products: [...soFar.products, ...products] });
      this.#results.add(products, answer.next);
    } catch (problem) {
      const again = (next) => this.#showMore(next);
      if (this.#newest === mine) this.#failed(problem, attempt, again, true);
    }
  }

  #answered(query, answer) {
    this.#remember(query, answer);
    this.#queryId = answer.facts.query_id ?? null;
    this.#results.show(query, answer, this.#known);
    this.#box.show(query, this.#known);
    this.#filters.showCurrency(answer.products.find(({ currency }) => currency)?.currency);
    this.announce("likeness-search", { query, ...answer.facts, products: answer.products });
  }

  /** Where the server says when to come again, we do, a few times; nobody need press anything. */
  #failed(problem, attempt, again, keep = false) {
    if (!(problem instanceof Problem)) throw problem;
    const wait = Math.min(problem.retryAfter ?? 0, LONGEST_WAIT_SECONDS);
    const countdown = wait > 0 && attempt < RETRIES;
    const tell = this.#results.fail(problem, { keep, countdown, again: () => again(0) });
    this.announceTrouble(problem);
    const tick = (seconds) => {
      if (seconds === 0) return again(attempt + 1);
      tell(seconds);
      this.#timer = setTimeout(() => tick(seconds - 1), 1000);
    };
    if (countdown) tick(wait);
  }

  /** The counts are a help; without them the search still works, and says what is wrong. */
  async #count(query) {
    const filters = filtersOf(query);
    const kept = this.#counts.get(filters);
    const isFresh = kept && performance.now() - kept.since < COUNTS_KEPT_MS;
    const { told, since } = isFresh
      ? kept
      : { told: this.#client.counts(query), since: performance.now() };
    this.#counts.set(filters, { told, since });
    const counts = await told.catch(() => this.#counts.delete(filters));
    if (counts.categories && filtersOf(this.query) === filters) this.#filters.showCounts(counts);
  }

  #steer(list, other, product) {
    const others = this.query[list].filter((id) => id !== product.id);
    this.#steps.change({
      [list]: [...others, product.id].slice(-MOST_STEERING),
      [other]: this.query[other].filter((id) => id !== product.id),
    });
    this.#results.focus();
    const top = this.getBoundingClientRect().top;
    if (top < 0) scrollBy({ top, behavior: "instant" });
  }

  #hotkey(event) {
    const target = event.composedPath()[0];
    const typing = target.matches?.("input, textarea, select, [contenteditable]");
    const meant = event.key === this.getAttribute("hotkey") && !event.ctrlKey && !event.metaKey;
    if (!meant || typing || event.defaultPrevented) return;
    event.preventDefault();
    this.#box.words.focus();
    this.#box.words.select();
  }

  /** Learns of products that only the address names; not knowing them is no reason to fail. */
  async #meet({ more, less }) {
    const strangers = [...more, ...less].filter((id) => !this.#known.has(id));
    const products = strangers.map((id) => this.#client.product(id).catch(() => null));
    for (const product of await Promise.all(products)) {
      if (product) this.#known.set(product.id, product);
    }
  }

  #remember(query, answer) {
    if (this.#answers.size >= ANSWERS_KEPT) this.#answers.delete(this.#answers.keys().next().value);
    this.#answers.set(fingerprint(query), answer);
    for (const product of answer.products) this.#known.set(product.id, product);
  }
}

/** The catalogue may move between two pages; no product is shown twice. */
function withoutRepeats(shown, more) {
  const ids = new Set(shown.map((product) => product.id));
  return more.filter((product) => !ids.has(product.id));
}

customElements.get("likeness-search") ?? customElements.define("likeness-search", LikenessSearch);
