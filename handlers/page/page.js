// The storefront page: the search element, and a closer look at the product that is chosen.

import { capitalised, initial, moneyIn } from "./cards.js";
import { el } from "./dom.js";
import "./likeness-search.js";
import "./likeness-similar.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const search = document.querySelector("likeness-search");
const look = byId("look");
const picture = byId("look-picture");
const money = moneyIn();

let looked = null; // the product that is looked at

document.addEventListener("likeness-select", ({ detail }) => show(detail.product));
search.addEventListener("likeness-search", ({ detail }) => {
  const words = detail.query.words.trim();
  document.title = words ? `${words} · Likeness` : "Likeness";
});
byId("home").addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  search.clear();
  scrollTo(0, 0);
});
byId("look-close").addEventListener("click", () => look.close());
byId("look-more").addEventListener("click", () => {
  look.close();
  search.clear();
  search.ask({ more: [looked.id] });
  scrollTo(0, 0);
});
picture.addEventListener("error", showLetter);
look.addEventListener("click", ({ target }) => target === look && look.close());

function show(product) {
  looked = product;
  byId("look-name").textContent = product.name;
  byId("look-category").textContent = product.category ? capitalised(product.category) : "";
  const price = product.price === null ? "" : money(product.price, product.currency);
  const told = [price, product.soldOut && search.texts.outOfStock];
  byId("look-price").textContent = told.filter(Boolean).join(" · ");
  byId("look-description").textContent = product.description;
  picture.hidden = false;
  picture.parentNode.dataset.letter = "";
  if (product.picture) picture.src = product.picture;
  else showLetter();
  byId("look-attributes").replaceChildren(...Object.entries(product.attributes).flatMap(fact));
  byId("look-similar").setAttribute("product-id", product.id);
  if (!look.open) look.showModal();
  look.scrollTop = 0;
  byId("look-name").focus({ preventScroll: true });
}

function showLetter() {
  picture.hidden = true;
  picture.parentNode.dataset.letter = initial(looked);
}

function fact([name, value]) {
  const said = { true: "Yes", false: "No" }[value] ?? [value].flat().join(", ");
  return [el("dt", {}, capitalised(name.replaceAll("_", " "))), el("dd", {}, capitalised(said))];
}
