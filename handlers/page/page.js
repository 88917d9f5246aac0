// The storefront page: joins the query, the search box, the filters and the products.

import { findProduct, findProducts, Problem, shopStats } from "./api.js";
import { showBox, showExamples, startBox } from "./box.js";
import { showCategories, showFilters, startFilters } from "./filters.js";
import { CurrentQuery, fingerprint, isBrowsing, NO_FILTERS, NOTHING_ASKED } from "./query.js";
import * as results from "./results.js";

const PAUSE_MS = 150;
const EXAMPLES = 4;
const EXAMPLE_WORDS = 4;
const ANSWERS_KEPT = 50;

const current = new CurrentQuery(onQueryChange);
const knownProducts = new Map(); // by id, so that "more like this" can say like what
const answers = new Map(); // by fingerprint, so that going back is instant and keeps its place
const facts = { model: null, products: null, milliseconds: null };

let newestSearch = null; // the AbortController of the only search whose answer may be shown
let pause = null;
let examples = [];

startBox(current, onSubmit);
startFilters(current);
results.startResults({ onLike, onMore: showMore });
document.getElementById("home").addEventListener("click", onHome);
document.getElementById("skip").addEventListener("click", onSkip);
showQuery(current.now);
search(current.now);
showShop();

function onQueryChange(query, how) {
  stopSearching();
  showQuery(query);
  const remembered = how === "back" && answers.get(fingerprint(query));
  if (remembered) {
    showAnswer(query, remembered);
  } else if (how === "typing" || how === "sliding") {
    pause = setTimeout(() => search(query), PAUSE_MS);
  } else {
    search(query);
  }
}

function onSubmit() {
  current.endStep();
  stopSearching();
  search(current.now);
}

function onLike(product) {
  current.change({ like: product.id, words: "", photo: null });
  moveToResults();
}

function onExample(words) {
  current.change({ words });
  moveToResults();
}

function onHome(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  startOver();
}

function onSkip(event) {
  event.preventDefault();
  document.getElementById("heading").focus();
}

function startOver() {
  current.change(NOTHING_ASKED);
  scrollTo(0, 0);
}

function moveToResults() {
  scrollTo(0, 0);
  document.getElementById("heading").focus({ preventScroll: true });
}

function stopSearching() {
  clearTimeout(pause);
  newestSearch?.abort();
  newestSearch = null;
}

/** Asks for the first page; an answer that comes after a newer question is dropped. */
async function search(query) {
  stopSearching();
  const mine = (newestSearch = new AbortController());
  results.showWaiting();
  try {
    const [answer] = await Promise.all([findProducts(query, null, mine.signal), meet(query.like)]);
    if (newestSearch === mine) showAnswer(query, answer);
  } catch (problem) {
    if (newestSearch === mine) showTrouble(problem, () => search(query));
  }
}

async function showMore() {
  const query = current.now;
  const soFar = answers.get(fingerprint(query));
  if (!soFar) return; // a newer question is on its way
  stopSearching();
  const mine = (newestSearch = new AbortController());
  results.showWaitingForMore();
  try {
    const answer = await findProducts(query, soFar.next, mine.signal);
    if (newestSearch !== mine) return;
    const products = withoutRepeats(soFar.products, answer.products);
    remember(query, { ...answer, products: [...soFar.products, ...products] });
    results.addProducts(products, answer.next);
    showFacts(answer.facts);
  } catch (problem) {
    if (newestSearch === mine) showTrouble(problem, showMore, { keepProducts: true });
  }
}

function showAnswer(query, answer) {
  remember(query, answer);
  const clearFilters = () => current.change(NO_FILTERS);
  const liked = knownProducts.get(query.like);
  results.showProducts(query, answer, liked, { clearFilters, startOver });
  if (isBrowsing(query) && examples.length === 0) examples = examplesFrom(answer.products);
  showQuery(query);
  showFacts(answer.facts);
}

function showTrouble(problem, tryAgain, { keepProducts = false } = {}) {
  if (!(problem instanceof Problem)) throw problem;
  const actions = [["Try again", tryAgain]];
  if (!keepProducts && !isBrowsing(current.now)) actions.push(["Start over", startOver]);
  results.showProblem(problem, { keepProducts, actions });
}

function showQuery(query) {
  showBox(query, knownProducts.get(query.like));
  showFilters(query);
  showExamples(isBrowsing(query) ? examples : [], onExample);
  const asked = query.words.trim() || knownProducts.get(query.like)?.name;
  document.title = asked ? `${asked} · Likeness` : "Likeness";
}

async function showShop() {
  try {
    const stats = await shopStats();
    showCategories(stats.by_category ?? {}, stats.products ?? 0, current);
    showFacts({ model: stats.model, products: stats.products });
  } catch {
    // Without the counts the page still searches; the search says what is wrong.
  }
}

function showFacts(news) {
  for (const name of Object.keys(facts)) facts[name] = news[name] ?? facts[name];
  const said = [
    facts.model && `Model ${facts.model}`,
    facts.products !== null && `${Intl.NumberFormat().format(facts.products)} products`,
    facts.milliseconds !== null && `last search ${Math.max(1, Math.round(facts.milliseconds))} ms`,
  ];
  document.getElementById("facts").textContent = said.filter(Boolean).join(" · ");
}

/** Learns of a product named in the address alone; not knowing it is no reason to fail. */
async function meet(id) {
  if (!id || knownProducts.has(id)) return;
  const product = await findProduct(id).catch(() => null);
  if (product) knownProducts.set(id, product);
}

function remember(query, answer) {
  if (answers.size >= ANSWERS_KEPT) answers.delete(answers.keys().next().value);
  answers.set(fingerprint(query), answer);
  for (const product of answer.products) knownProducts.set(product.id, product);
}

/** The catalogue may move between two pages; no product is shown twice. */
function withoutRepeats(shown, more) {
  const ids = new Set(shown.map((product) => product.id));
  return more.filter((product) => !ids.has(product.id));
}

/** Short product names of different categories: searches this shop surely answers. */
function examplesFrom(products) {
  const short = products.filter(({ name }) => name.split(/\s+/).length <= EXAMPLE_WORDS);
  short.sort((a, b) => b.name.length - a.name.length); // the shortest of a category stays
  const oneEach = new Map(short.map(({ category, name }) => [category, name.toLowerCase()]));
  return [...oneEach.values()].slice(0, EXAMPLES);
}
