// What narrows a query: category chips with counts, a price range, in stock only.

const MANY_CATEGORIES = 12;

const byId = (id) => document.getElementById(id);
const priceMin = byId("price-min");
const priceMax = byId("price-max");
const inStock = byId("in-stock");

export function startFilters(current) {
  for (const input of [priceMin, priceMax]) {
    input.addEventListener("change", () => current.change(priceRange()));
  }
  inStock.addEventListener("change", () => current.change({ inStock: inStock.checked }));
}

export function showFilters(query) {
  priceMin.value = query.priceMin ?? "";
  priceMax.value = query.priceMax ?? "";
  inStock.checked = query.inStock;
  const row = byId("categories");
  for (const chip of row.querySelectorAll("[data-category]")) {
    const chosen = chip.dataset.category === (query.category ?? "");
    chip.setAttribute("aria-pressed", String(chosen));
    if (!chosen) continue;
    chip.hidden = false;
    row.scrollLeft = chip.offsetLeft - row.clientWidth / 2; // on a phone the row scrolls
  }
}

/** Draws a chip for each category, the fullest first; `counts` is {category: products}. */
export function showCategories(counts, total, current) {
  const fullestFirst = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const choose = (category) => current.change({ category });
  const chips = fullestFirst.map(([category, count]) =>
    categoryChip(category, categoryName(category), count, () =>
      choose(current.now.category === category ? null : category),
    ),
  );
  const everything = categoryChip("", "All", total, () => choose(null));
  const row = byId("categories");
  row.replaceChildren(...(chips.length > 0 ? [everything, ...chips] : []));
  foldAway(chips.slice(MANY_CATEGORIES), row);
  showFilters(current.now);
}

/** A category that the shop writes all in small letters gets a capital. */
export function categoryName(category) {
  if (category !== category.toLowerCase()) return category;
  return category.charAt(0).toUpperCase() + category.slice(1);
}

function categoryChip(category, label, count, onClick) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = "chip";
  chip.dataset.category = category;
  const number = document.createElement("span");
  number.className = "chip-count";
  number.textContent = Intl.NumberFormat().format(count);
  chip.append(label, " ", number);
  chip.addEventListener("click", onClick);
  return chip;
}

function foldAway(chips, row) {
  if (chips.length === 0) return;
  for (const chip of chips) chip.hidden = true;
  const unfold = document.createElement("button");
  unfold.type = "button";
  unfold.className = "chip";
  unfold.textContent = `${chips.length} more`;
  unfold.addEventListener("click", () => {
    for (const chip of chips) chip.hidden = false;
    chips[0].focus();
    unfold.remove();
  });
  row.append(unfold);
}

/** Prices given the wrong way round are turned, not refused. */
function priceRange() {
  const [low, high] = [priceOf(priceMin), priceOf(priceMax)];
  const turned = low !== null && high !== null && low > high;
  return turned ? { priceMin: high, priceMax: low } : { priceMin: low, priceMax: high };
}

function priceOf(input) {
  const price = input.valueAsNumber;
  return Number.isFinite(price) && price >= 0 ? price : null;
}
