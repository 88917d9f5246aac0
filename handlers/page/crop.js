// The picture that is searched with: which part of it matters, and how much it weighs beside words.

import { el, filled } from "./dom.js";
import { draw } from "./photo.js";
import { hasPicture, mixesWordsAndPicture } from "./query.js";

const LEAST_SIDE = 0.05; // a click, or a part as thin as a line, means the whole picture
const CORNER_PX = 18;
const STEP = 0.02;
const FIRST_PART = [0.2, 0.2, 0.6, 0.6];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class CropPanel {
  #labels;
  #change;
  #crop = null;
  #shown = null; // the picture that is drawn
  #drag = null;

  constructor(labels, change, remove) {
    this.#labels = labels;
    this.#change = change;
    this.canvas = el("canvas", { class: "pictured" });
    this.image = el("img", {
      class: "pictured",
      alt: "",
      referrerpolicy: "no-referrer",
      onerror: () => (this.stage.hidden = true), // the server may still be let in
    });
    this.frame = el("div", { class: "crop", part: "crop" });
    this.frame.append(...["nw", "ne", "sw", "se"].map((corner) => el("i", { class: corner })));
    this.stage = el(
      "div",
      {
        class: "stage",
        tabindex: 0,
        role: "application",
        "aria-label": labels.crop,
        onpointerdown: (event) => this.#grab(event),
        onpointermove: (event) => this.#drag && this.#pull(event),
        onpointerup: () => this.#drop(),
        onpointercancel: () => this.#drop(),
        onkeydown: (event) => this.#key(event),
      },
      this.canvas,
      this.image,
      this.frame,
    );
    this.told = el("span", { class: "unseen", role: "status" });
    this.hint = el("p", { class: "hint" }, labels.cropHint);
    this.whole = textButton(labels.wholePhoto, () => {
      this.stage.focus();
      change({ crop: null });
    });
    this.weight = el("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 0.05,
      "aria-label": labels.balance,
      oninput: () => change({ imageWeight: Number(this.weight.value) }, "sliding"),
    });
    this.balance = el(
      "div",
      { class: "balance" },
      el("span", { "aria-hidden": "true" }, labels.wordsEnd),
      this.weight,
      el("span", { "aria-hidden": "true" }, labels.photoEnd),
    );
    const buttons = el("p", { class: "buttons" }, textButton(labels.removePhoto, remove), this.whole);
    const beside = el("div", { class: "beside" }, this.hint, this.balance, buttons, this.told);
    this.element = el("div", { class: "panel", part: "photo", hidden: true }, this.stage, beside);
  }

  show(query) {
    this.element.hidden = !hasPicture(query);
    this.#draw(query);
    this.#crop = query.crop;
    this.#paint();
    this.balance.hidden = !mixesWordsAndPicture(query);
    this.weight.value = query.imageWeight;
    const photo = Math.round(query.imageWeight * 100);
    const told = filled(this.#labels.balanceValue, { photo, words: 100 - photo });
    this.weight.setAttribute("aria-valuetext", told);
  }

  #draw({ photo, imageUrl }) {
    const picture = photo ?? imageUrl;
    if (picture === this.#shown) return;
    this.#shown = picture;
    this.stage.hidden = false;
    this.canvas.hidden = !photo;
    this.image.hidden = Boolean(photo);
    if (photo) draw(photo, this.canvas);
    else if (imageUrl) this.image.src = imageUrl;
  }

  #paint() {
    const [left, top, width, height] = this.#crop ?? [0, 0, 1, 1];
    const { style } = this.frame;
    Object.assign(style, { left: percent(left), top: percent(top) });
    Object.assign(style, { width: percent(width), height: percent(height) });
    this.frame.hidden = !this.#crop;
    this.whole.hidden = !this.#crop;
    this.hint.hidden = Boolean(this.#crop);
  }

  /** At a corner the frame is resized, within it is moved, anywhere else it is drawn anew. */
  #grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    const [x, y] = this.#place(event);
    this.#drag = { from: [x, y], before: this.#crop, moves: false };
    if (!this.#crop) return;
    const box = this.stage.getBoundingClientRect();
    const [left, top, width, height] = this.#crop;
    const near = (a, b, side) => Math.abs(a - b) * side < CORNER_PX;
    const at = (edges, value, side) => edges.find((edge) => near(edge, value, side));
    const [atX, atY] = [at([left, left + width], x, box.width), at([top, top + height], y, box.height)];
    if (atX !== undefined && atY !== undefined) {
      this.#drag.from = [2 * left + width - atX, 2 * top + height - atY]; // the corner across
    } else {
      this.#drag.moves = x > left && x < left + width && y > top && y < top + height;
    }
  }

  #pull(event) {
    const [x, y] = this.#place(event);
    const { from, before, moves } = this.#drag;
    if (moves) {
      const [left, top, width, height] = before;
      this.#crop = within([left + x - from[0], top + y - from[1], width, height]);
    } else {
      const [left, top] = [Math.min(x, from[0]), Math.min(y, from[1])];
      this.#crop = [left, top, Math.abs(x - from[0]), Math.abs(y - from[1])];
    }
    this.#paint();
  }

  #drop() {
    if (!this.#drag) return;
    const { before, moves } = this.#drag;
    const clicked = this.#crop === before;
    this.#drag = null;
    if (clicked && (moves || !before)) return;
    const thin = clicked || this.#crop[2] < LEAST_SIDE || this.#crop[3] < LEAST_SIDE;
    this.#change({ crop: thin ? null : rounded(this.#crop) });
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (event.key === "Escape" && this.#crop) {
      event.preventDefault();
      this.#change({ crop: null });
    } else if (arrow) {
      event.preventDefault();
      this.#change({ crop: rounded(this.#stepped(arrow, event.shiftKey)) }, "cropping");
      const [left, top, width, height] = this.#crop;
      const edges = { left, top, right: left + width, bottom: top + height };
      const told = Object.entries(edges).map(([name, edge]) => [name, Math.round(edge * 100)]);
      this.told.textContent = filled(this.#labels.cropValue, Object.fromEntries(told));
    }
  }

  #stepped([across, down], resizes) {
    if (!this.#crop) return FIRST_PART;
    const [left, top, width, height] = this.#crop;
    const [x, y] = [across * STEP, down * STEP];
    if (!resizes) return within([left + x, top + y, width, height]);
    const [most, mostDown] = [1 - left, 1 - top];
    return [left, top, between(LEAST_SIDE, width + x, most), between(LEAST_SIDE, height + y, mostDown)];
  }

  #place(event) {
    const box = this.stage.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [between(0, x, 1), between(0, y, 1)];
  }
}

const between = (low, value, high) => Math.max(low, Math.min(value, high));
const percent = (share) => `${share * 100}%`;
const rounded = (crop) => crop.map((share) => Math.round(share * 1000) / 1000);

function within([left, top, width, height]) {
  return [between(0, left, 1 - width), between(0, top, 1 - height), width, height];
}

function textButton(text, onclick) {
  return el("button", { type: "button", class: "text-button", onclick }, text);
}
