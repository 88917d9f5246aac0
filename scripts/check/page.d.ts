// What the page's scripts find there that no script of ours declares.

interface Window {
  Redoc: any;
  SwaggerUIBundle: any;
}

interface HTMLElementTagNameMap {
  "likeness-search": import("../../handlers/page/likeness-search.js").LikenessSearch;
  "likeness-similar": import("../../handlers/page/likeness-similar.js").LikenessSimilar;
}

interface DocumentEventMap {
  "likeness-select": CustomEvent;
}

interface HTMLElementEventMap {
  "likeness-search": CustomEvent;
}
