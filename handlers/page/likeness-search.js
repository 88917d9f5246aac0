// <likeness-search>: the search box, the filters and the products, as one element.

import { Box } from "./box.js";
import { Cards, moneyIn } from "./cards.js";
import { Client, HOME, Problem } from "./client.js";
import { announce, el } from "./dom.js";
import { Filters } from "./filters.js";
import { ENGLISH } from "./labels.js";
import { filtersOf, fingerprint, isBrowsing } from "./query.js";
import { MOST_STEERING, NO_FILTERS, NOTHING_ASKED } from "./query.js";
import { Results } from "./results.js";
import { Steps } from "./steps.js";
import { cardStyles, searchStyles } from "./styles.js";

const PAUSE_MS = { typing: 50, sliding: 80, cropping: 200 };
const ANSWERS_KEPT = 50;
const COUNTS_KEPT_MS = 60_000;
const PAGE_SIZE = 24;
const RETRIES = 3;
const LONGEST_WAIT_SECONDS = 60;

export class LikenessSearch extends HTMLElement {
  static observedAttributes = ["api", "key", "product-url", "page-size", "labels", "lang"];

  #labels = {};
  #texts; // the labels, over the English
  #client;
  #welcome;
  #box;
  #filters;
  #results;
  #steps = null;
  #listening;
  #newest = null; // the AbortController of the only search whose answer may be shown
  #timer;
  #answers = new Map(); // by fingerprint, so that going back is instant and keeps its place
  #known = new Map(); // products by id, so that "more like this" can say like what
  #counts = new Map(); // by filters
  #queryId = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [cardStyles, searchStyles];
  }

  /** What it says, where that differs from the English. */
  get labels() {
    return this.#labels;
  }

  set labels(texts) {
    this.#labels = { ...texts };
    if (this.isConnected) this.#start();
  }

  get query() {
    return this.#steps?.now ?? NOTHING_ASKED;
  }

  /** Searches for something else: any part of a query, such as `{words: "mug", inStock: true}`. */
  ask(part) {
    this.#steps.change(part);
  }

  clear() {
    this.#steps.change(NOTHING_ASKED);
    this.#box.words.focus({ preventScroll: true });
  }

  connectedCallback() {
    this.#start();
  }

  disconnectedCallback() {
    this.#stop();
    this.#listening.abort();
    this.#steps.end();
    this.#steps = null;
  }

  attributeChangedCallback(name, before, now) {
    if (this.#steps && before !== now) this.#start();
  }

  #start() {
    this.#listening?.abort();
    this.#listening = new AbortController();
    this.#steps?.end();
    this.#answers.clear();
    this.#counts.clear();
    const locale = this.closest("[lang]")?.lang || undefined;
    const labels = { ...ENGLISH, ...JSON.parse(this.getAttribute("labels") ?? "{}"), ...this.#labels };
    const money = moneyIn(locale);
    const change = (part, kind) => this.#steps.change(part, kind);
    this.#client = new Client(this.getAttribute("api") ?? HOME, this.getAttribute("key"));
    this.#box = new Box(labels, { change, submit: () => this.#submit(), clear: () => this.clear() });
    this.#filters = new Filters(labels, money, change);
    const cards = new Cards(labels, money, this.getAttribute("product-url"), {
      select: (product, event) => this.#select(product, event),
      more: (product) => this.#steer("more", "less", product),
      less: (product) => this.#steer("less", "more", product),
    });
    this.#results = new Results(labels, locale, cards, () => this.#showMore());
    this.#welcome = el("div", { class: "welcome" }, el("slot", { name: "welcome" }));
    this.#texts = labels;
    this.shadowRoot.replaceChildren(
      el(
        "div",
        { class: "whole" },
        this.#welcome,
        this.#box.element,
        this.#filters.element,
        this.#results.element,
      ),
    );
    const { signal } = this.#listening;
    this.#box.listen(this, signal);
    this.#filters.listen(signal);
    document.addEventListener("keydown", (event) => this.#hotkey(event), { signal });
    this.#steps = new Steps(this.hasAttribute("address-bar"), (...told) => this.#changed(...told));
    if (this.hasAttribute("words") && !this.query.words) {
      return this.ask({ words: this.getAttribute("words") });
    }
    this.#changed(this.query, "start");
  }

  #changed(query, kind) {
    this.#stop();
    this.#show(query);
    const remembered = kind === "back" && this.#answers.get(fingerprint(query));
    if (remembered) this.#answered(query, remembered);
    else if (kind in PAUSE_MS) this.#timer = setTimeout(() => this.#search(query), PAUSE_MS[kind]);
    else this.#search(query);
    this.#count(query);
  }

  #show(query) {
    this.#welcome.classList.toggle("unseen", !isBrowsing(query));
    this.#box.show(query, this.#known);
    this.#filters.show(query);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#newest?.abort();
    this.#newest = null;
  }

  #submit() {
    this.#steps.endStep();
    this.#stop();
    this.#search(this.query);
  }

  /** Asks for the first page; an answer that comes after a newer question is dropped. */
  async #search(query, attempt = 0) {
    this.#stop();
    const mine = (this.#newest = new AbortController());
    this.#results.wait();
    try {
      const found = this.#client.find(query, null, this.#pageSize, mine.signal);
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
    this.#stop();
    const mine = (this.#newest = new AbortController());
    this.#results.waitForMore();
    try {
      const answer = await this.#client.find(query, soFar.next, this.#pageSize, mine.signal);
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
    const clearFilters = () => this.#steps.change(NO_FILTERS);
    this.#results.show(query, answer, this.#known, { clearFilters, clear: () => this.clear() });
    this.#box.show(query, this.#known);
    this.#filters.showCurrency(answer.products.find(({ currency }) => currency)?.currency);
    announce(this, "likeness-search", { query, ...answer.facts, products: answer.products });
  }

  /** Where the server says when to come again, we do, a few times; nobody need press anything. */
  #failed(problem, attempt, again, keep = false) {
    if (!(problem instanceof Problem)) throw problem;
    const wait = Math.min(problem.retryAfter ?? 0, LONGEST_WAIT_SECONDS);
    const countdown = wait > 0 && attempt < RETRIES;
    const actions = [[this.#texts.tryAgain, () => again(0)]];
    if (!keep) actions.push([this.#texts.clear, () => this.clear()]);
    const tell = this.#results.fail(problem, { keep, actions, countdown });
    const { code, status, detail } = problem;
    announce(this, "likeness-error", { code, status, detail });
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
    if (!isFresh) {
      this.#counts.set(filters, { since: performance.now(), told: this.#client.counts(query) });
    }
    const counts = await this.#counts.get(filters).told.catch(() => this.#counts.delete(filters));
    if (!counts?.categories || !this.isConnected || filtersOf(this.query) !== filters) return;
    this.#filters.showCounts(counts);
  }

  #select(product, event) {
    const detail = { product, query_id: this.#queryId };
    if (!announce(this, "likeness-select", detail, true)) event.preventDefault();
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
    if (event.key !== this.getAttribute("hotkey") || typing || event.ctrlKey || event.metaKey) return;
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

  get #pageSize() {
    const size = Number.parseInt(this.getAttribute("page-size") ?? "", 10);
    return size >= 1 && size <= 100 ? size : PAGE_SIZE;
  }
}

/** The catalogue may move between two pages; no product is shown twice. */
function withoutRepeats(shown, more) {
  const ids = new Set(shown.map((product) => product.id));
  return more.filter((product) => !ids.has(product.id));
}
