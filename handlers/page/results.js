// The products that answer, and everything said in their place: waiting, nothing, trouble.

import { categoryName } from "./filters.js";
import { isBrowsing, isFiltered } from "./query.js";

const SKELETONS = 10;
const SKELETON_DELAY_MS = 250;

const byId = (id) => document.getElementById(id);
const grid = byId("grid");
const message = byId("message");
const moreButton = byId("more");
const card = byId("product-card");

const priceFormats = new Map();
let skeletonTimer = null;

/** `onLike(product)` and `onMore()` are what the shopper can do with the products. */
export function startResults({ onLike, onMore }) {
  grid.addEventListener("click", (event) => {
    const product = event.target.closest(".like, .picture")?.closest(".card").product;
    if (product) onLike(product);
  });
  moreButton.addEventListener("click", onMore);
}

/** What is there stays, dimmed, unless the answer is slow or nothing was there. */
export function showWaiting() {
  grid.setAttribute("aria-busy", "true");
  moreButton.disabled = true;
  clearTimeout(skeletonTimer);
  skeletonTimer = setTimeout(showSkeletons, grid.children.length > 0 ? SKELETON_DELAY_MS : 0);
}

export function showWaitingForMore() {
  moreButton.hidden = false;
  moreButton.disabled = true;
  message.hidden = true;
}

export function showProducts(query, { products, next, facts }, liked, actions) {
  showAnswerIsHere();
  grid.replaceChildren(...products.map(productCard));
  showMoreButton(next);
  showNotice(facts);
  byId("heading").textContent = headingFor(query, liked);
  say(countOf(products.length));
  if (products.length === 0) showNothing(query, next, actions);
}

export function addProducts(products, next) {
  showAnswerIsHere();
  const firstNew = grid.children.length;
  grid.append(...products.map(productCard));
  showMoreButton(next);
  say(countOf(grid.children.length));
  grid.children[firstNew]?.querySelector(".like").focus();
}

/** A problem in place of the products, or below them when only more of them failed. */
export function showProblem(problem, { keepProducts, actions }) {
  showAnswerIsHere();
  if (!keepProducts) {
    grid.replaceChildren();
    byId("notice").hidden = true;
    byId("heading").textContent = "That did not work";
  }
  moreButton.hidden = true;
  say(problem.title, { aloudOnly: true });
  showMessage({ title: problem.title, text: problem.detail, code: problem.code, actions });
}

function showAnswerIsHere() {
  clearTimeout(skeletonTimer);
  grid.removeAttribute("aria-busy");
  message.hidden = true;
}

function showSkeletons() {
  message.hidden = true;
  moreButton.hidden = true;
  const blanks = Array.from({ length: SKELETONS }, () => {
    const blank = card.content.firstElementChild.cloneNode(true);
    blank.classList.add("skeleton");
    blank.setAttribute("aria-hidden", "true");
    blank.querySelector(".picture").replaceChildren();
    blank.querySelector(".like").remove();
    return blank;
  });
  grid.replaceChildren(...blanks);
}

function showMoreButton(next) {
  moreButton.hidden = next === null;
  moreButton.disabled = false;
}

function showNotice({ wordsOnly, truncated }) {
  const said = [
    wordsOnly && "Pictures cannot be compared right now, so these match your words alone.",
    truncated && "Your words were long; only the first of them were used.",
  ].filter(Boolean);
  byId("notice").textContent = said.join(" ");
  byId("notice").hidden = said.length === 0;
}

function showNothing(query, next, { clearFilters, startOver }) {
  if (isFiltered(query)) {
    const actions = [["Clear the filters", clearFilters]];
    const text = "No product here fits the filters. Without them there is more to see.";
    showMessage({ title: "Nothing within these filters", text, actions });
  } else if (isBrowsing(query)) {
    const text = "Products appear here as soon as they are in the catalogue.";
    showMessage({ title: "The shelves are still empty", text, actions: [] });
  } else {
    const text = "Try fewer or plainer words, such as a colour and a thing, or use a picture.";
    showMessage({ title: "Nothing found", text, actions: [["Start over", startOver]] });
  }
}

function showMessage({ title, text, code, actions }) {
  const parts = [element("h3", "message-title", title), element("p", "message-text", text)];
  for (const [label, act] of actions) {
    const button = element("button", "button", label);
    button.type = "button";
    button.addEventListener("click", () => {
      byId("heading").focus({ preventScroll: true }); // the button is about to go
      act();
    });
    parts.push(button);
  }
  if (code) parts.push(element("p", "message-code", code));
  message.replaceChildren(...parts);
  message.hidden = false;
}

function productCard(product) {
  const item = card.content.firstElementChild.cloneNode(true);
  item.product = product;
  item.querySelector(".name").textContent = product.name;
  item.querySelector(".name").title = product.name;
  item.querySelector(".price").textContent = priceLine(product);
  item.querySelector(".like").setAttribute("aria-label", `More like this: ${product.name}`);
  showScore(item.querySelector(".score"), product.score);
  showPicture(item.querySelector(".picture"), product);
  return item;
}

function showScore(badge, score) {
  badge.hidden = score === null;
  if (score !== null) badge.textContent = `Likeness ${score.toFixed(2)}`;
}

/** A product without a picture, or with one that does not load, shows its first letter. */
function showPicture(frame, product) {
  const picture = frame.querySelector("img");
  const showLetter = () => {
    picture.remove();
    frame.dataset.letter = [...product.name.trim()][0]?.toUpperCase() ?? "";
  };
  if (!product.picture) return showLetter();
  picture.addEventListener("error", showLetter);
  picture.src = product.picture;
}

function priceLine(product) {
  return [priceText(product), product.soldOut && "Out of stock"].filter(Boolean).join(" · ");
}

function priceText({ price, currency }) {
  if (price === null) return "";
  const style = currency ? { style: "currency", currency } : { minimumFractionDigits: 2 };
  if (!priceFormats.has(currency)) {
    priceFormats.set(currency, new Intl.NumberFormat(undefined, style));
  }
  return priceFormats.get(currency).format(price);
}

function headingFor(query, liked) {
  if (query.like) return liked ? `More like ${liked.name}` : "More like this";
  if (query.photo) return query.words.trim() ? "Like your photo and words" : "Like your photo";
  if (query.words.trim()) return `“${query.words.trim()}”`;
  return query.category ? categoryName(query.category) : "A few things to start with";
}

/** The live status: read aloud, and shown unless the page shows the same elsewhere. */
function say(text, { aloudOnly = false } = {}) {
  byId("status").textContent = text;
  byId("status").classList.toggle("unseen", aloudOnly);
}

function countOf(count) {
  if (count === 0) return "No products";
  return count === 1 ? "1 product" : `${count} products`;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
