// Defines the elements; what the pages of a shop name is likeness.js, which brings this.

import { LikenessSearch } from "./likeness-search.js";
import { LikenessSimilar } from "./likeness-similar.js";

for (const [name, element] of [
  ["likeness-search", LikenessSearch],
  ["likeness-similar", LikenessSimilar],
]) {
  if (!customElements.get(name)) customElements.define(name, element);
}
