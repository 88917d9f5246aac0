// The query as it is now, and the steps that led to it. On a page of its own (`inAddress`) every
// step is one of the browser's back button; embedded in another page it leaves the history alone.

import { NOTHING_ASKED, queryFrom, withQuery } from "./query.js";

export class Steps {
  #query = NOTHING_ASKED;
  #lastKind = null;
  #inAddress;
  #onChange;
  #onPopState = (event) => this.#walkTo(event.state);

  /** `onChange(query, kind)` is told of every change; `kind` is "back" for a walk through the history. */
  constructor(inAddress, onChange) {
    this.#inAddress = inAddress;
    this.#onChange = onChange;
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
