// Making elements. No markup is ever parsed from text, so nothing a product or a shopper says can
// become markup, and hosts with a strict policy have nothing to object to.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  picture: "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM4 17l4.5-4.5 3.5 3.2 3.5-4.2 4.5 5M9 8.800v.01",
  camera: "M4.5 8h2.800L9 5.5h6L16.7 8h2.800a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM15.2 13.200a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0z",
  search: "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM15.5 15.5L20 20",
  close: "M7 7l10 10M17 7L7 17",
  more: "M15 12a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM20 12a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0z",
  less: "M15 12a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM20 12a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM5 20L19 4",
  down: "M7 10l5 5 5-5",
};

/** An element; a property `on…` is a listener, `true` a bare attribute, null and false are none. */
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

export function announce(element, type, detail, cancelable = false) {
  const event = new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable });
  return element.dispatchEvent(event);
}
