// Making elements. No markup is ever parsed from text, so nothing a product or a shopper says can
// become markup, and hosts with a strict policy have nothing to object to.

const SVG = "http://www.w3.org/2000/svg";

const CIRCLES = "M15 12a5 5 0 1 1-11 0 5 5 0 0 1 11 0zM20 12a5 5 0 1 1-11 0 5 5 0 0 1 11 0z";
const ICONS = {
  picture: "M4 5h16v14H4zM4 17l5-5 3 3 4-4 4 4M9 9v.01",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM15 13a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
  search: "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM15.5 15.5L20 20",
  close: "M7 7l10 10M17 7L7 17",
  more: CIRCLES,
  less: `${CIRCLES}M5 20L19 4`,
  down: "M7 10l5 5 5-5",
};

/**
 * An element; a property `on…` is a listener, `true` a bare attribute, null and false are none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string | null | undefined)[]} children
 */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", ICONS[name]);
  drawing.append(line);
  return drawing;
}

/** A style sheet that no policy for inline styles applies to, shared by all who adopt it. */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** Text with {names} in it, filled in. */
export function filled(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
