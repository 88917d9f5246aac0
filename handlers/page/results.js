// The products that answer, and everything said in their place: waiting, nothing, trouble.

import { capitalised, skeletons, walk } from "./cards.js";
import { el, filled } from "./dom.js";
import { troubleText } from "./labels.js";
import { isBrowsing, isFiltered, hasPicture } from "./query.js";

const SKELETONS = 10;
const SKELETON_DELAY_MS = 250;

export class Results {
  #labels;
  #cards;
  #plural;
  #on;
  #waiting;

  /** `on.clear()`, `on.clearFilters()` and `on.more()` are what the shopper can do with them. */
  constructor(labels, locale, cards, on) {
    this.#on = on;
    this.#labels = labels;
    this.#cards = cards;
    this.#plural = new Intl.PluralRules(locale);
    this.heading = el("h2", { id: "heading", part: "heading", tabindex: -1 }, labels.products);
    this.status = el("p", { class: "status", role: "status" });
    this.notice = el("p", { class: "notice", role: "status" });
    this.message = el("div", { class: "message", part: "message", hidden: true });
    this.grid = el("ul", { class: "grid", part: "grid", onkeydown: (event) => walk(event, this.grid) });
    this.more = el(
      "button",
      { type: "button", class: "button show-more", part: "button", hidden: true, onclick: on.more },
      labels.showMore,
    );
    this.foot = el("p", { class: "foot", part: "footer" });
    this.head = el("div", { class: "head" }, this.heading, this.status);
    this.element = el(
      "section",
      { class: "results", "aria-labelledby": "heading" },
      this.head,
      this.notice,
      this.message,
      this.grid,
      this.more,
      this.foot,
    );
  }

  /** What is there stays, unless the answer is slow or nothing was there. */
  wait(query, known) {
    this.element.setAttribute("aria-busy", "true");
    clearTimeout(this.#waiting);
    const delay = this.grid.children.length > 0 ? SKELETON_DELAY_MS : 0;
    this.#waiting = setTimeout(() => this.#showSkeletons(query, known), delay);
  }

  waitForMore() {
    this.more.hidden = false;
    this.more.disabled = true;
    this.message.hidden = true;
  }

  show(query, { products, next, facts }, known) {
    this.#answered();
    this.grid.replaceChildren(...this.#cards.of(products));
    this.more.hidden = next === null;
    this.#name(query, known);
    this.#note(facts);
    this.#footer(facts);
    this.#count();
    if (products.length === 0) this.#showNothing(query);
  }

  add(products, next) {
    this.#answered();
    const firstNew = this.grid.children.length;
    this.grid.append(...this.#cards.of(products));
    this.more.hidden = next === null;
    this.#count();
    const first = this.grid.children[firstNew] ?? this.grid.lastElementChild;
    /** @type {HTMLElement | undefined} */
    const link = first?.querySelector(".link");
    link?.focus();
  }

  /** A problem in place of the products, or where more of them failed, below them. */
  fail(problem, { keep, countdown, again }) {
    this.#answered();
    const { title, text } = troubleText(this.#labels, problem);
    if (!keep) this.grid.replaceChildren();
    this.grid[keep ? "after" : "before"](this.message);
    this.more.hidden = true;
    this.notice.textContent = "";
    this.head.classList.toggle("unseen", !keep); // the message says it
    if (!keep) this.heading.textContent = this.#labels.trouble;
    this.status.textContent = "";
    const code = el("p", { class: "code" }, problem.code);
    const counting = countdown ? el("p", { class: "countdown", "aria-live": "off" }) : null;
    const actions = [[this.#labels.tryAgain, again]];
    if (!keep) actions.push([this.#labels.clear, this.#on.clear]);
    this.#showMessage(title, text, actions, counting, code);
    this.message.setAttribute("role", "alert");
    return (seconds) => {
      if (counting) counting.textContent = filled(this.#labels.tryingAgain, { seconds });
    };
  }

  focus() {
    this.heading.focus({ preventScroll: true });
  }

  #answered() {
    clearTimeout(this.#waiting);
    this.element.removeAttribute("aria-busy");
    this.message.hidden = true;
    this.message.removeAttribute("role");
    this.more.disabled = false;
  }

  #showSkeletons(query, known) {
    this.message.hidden = true;
    this.more.hidden = true;
    this.#name(query, known);
    this.status.textContent = "";
    this.grid.replaceChildren(...skeletons(SKELETONS));
  }

  #name(query, known) {
    this.head.classList.remove("unseen");
    this.heading.textContent = this.#headingFor(query, known);
  }

  #note({ degraded, truncated, cache }) {
    const { wordsAlone, truncated: cut, stale } = this.#labels;
    const said = [degraded && wordsAlone, truncated && cut, cache === "stale" && stale];
    this.notice.textContent = said.filter(Boolean).join(" ");
  }

  #footer({ model, ms }) {
    if (!model) return;
    const told = [
      filled(this.#labels.model, { model: model.split("@")[0] }),
      filled(this.#labels.took, { ms: Math.max(1, Math.round(ms)) }),
    ];
    this.foot.textContent = told.join(" · ");
  }

  #showNothing(query) {
    const labels = this.#labels;
    const [name, ...actions] = isFiltered(query)
      ? ["emptyFilters", [labels.clearFilters, this.#on.clearFilters]]
      : isBrowsing(query)
        ? ["emptyShop"]
        : ["emptySearch", [labels.clear, this.#on.clear]];
    this.#showMessage(labels[name], labels[`${name}Text`], actions);
  }

  #showMessage(title, text, actions, ...also) {
    const buttons = actions.map(([label, act]) => {
      const onclick = () => {
        this.focus(); // the button is about to go
        act();
      };
      return el("button", { type: "button", class: "button", part: "button", onclick }, label);
    });
    const said = el("p", {}, filled(text, { origin: location.origin }));
    const parts = [el("h3", {}, title), said, ...buttons, ...also];
    this.message.replaceChildren(...parts.filter(Boolean));
    this.message.hidden = false;
  }

  #headingFor(query, known) {
    const labels = this.#labels;
    const words = query.words.trim();
    if (hasPicture(query)) return words ? filled(labels.likePhotoAndWords, { words }) : labels.likePhoto;
    if (words) return filled(labels.resultsFor, { words });
    if (query.more.length > 1) return labels.likeProducts;
    if (query.more.length === 1) {
      return filled(labels.likeProduct, { name: known.get(query.more[0])?.name ?? labels.thisProduct });
    }
    if (query.less.length > 0) return labels.unlikeProducts;
    return query.categories.length > 0 ? query.categories.map(capitalised).join(", ") : labels.browsing;
  }

  /** Read aloud as it changes. */
  #count() {
    const n = this.grid.children.length;
    const form = n === 0 ? "none" : this.#plural.select(n);
    const told = this.more.hidden ? n : `${n}+`;
    this.status.textContent = filled(this.#labels[form] ?? this.#labels.other, { n: told });
  }
}
