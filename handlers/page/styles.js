// How the components look. A shop sets the --likeness-… properties, or styles the parts.

import { sheet } from "./dom.js";

const BASE = `
:host {
  --surface: var(--likeness-surface, light-dark(#fff, #1e1d1b));
  --tile: var(--likeness-tile, light-dark(#f1eeea, #282623));
  --ink: var(--likeness-ink, light-dark(#1d1b18, #f2efea));
  --quiet: var(--likeness-quiet, light-dark(#66615a, #aaa49a));
  --line: var(--likeness-line, light-dark(#e2ded7, #36332f));
  --edge: var(--likeness-edge, light-dark(#8c867c, #827c72));
  --accent: var(--likeness-accent, var(--ink));
  --on-accent: var(--likeness-on-accent, light-dark(#fff, #141312));
  --focus: var(--likeness-focus, light-dark(#2457c5, #9dbbff));
  --trouble: var(--likeness-trouble, light-dark(#a3341f, #ff9d86));
  --radius: var(--likeness-radius, 1rem);
  --round: var(--likeness-round, 2rem);
  --glass: light-dark(#ffffffe6, #141312cc);
  --lift: 0 8px 28px light-dark(#281e1412, #0006);
  display: block;
  color: var(--ink);
  font-family: var(--likeness-font, inherit);
  line-height: 1.5;
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
h2, h3, p, ul { margin: 0; padding: 0; font: inherit; list-style: none; }
button, input, summary { font: inherit; color: inherit; }
button, summary { cursor: pointer; }
svg { display: block; width: 1.5rem; height: 1.5rem; fill: none; stroke: currentcolor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
h2:focus-visible { outline: none; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.whole { container-type: inline-size; }
h2 { min-width: 0; overflow-wrap: anywhere; font-family: var(--likeness-heading-font, inherit); font-size: 1.25rem; font-weight: 600; letter-spacing: -.02em; line-height: 1.3; }

.card { position: relative; min-width: 0; }
.picture { position: relative; aspect-ratio: var(--likeness-ratio, 1); overflow: hidden; border-radius: var(--radius); background: var(--tile); }
.picture img { display: block; width: 100%; height: 100%; object-fit: var(--likeness-fit, cover); transition: scale .5s ease-out; }
.picture[data-letter]::before { content: attr(data-letter); position: absolute; inset: 0; display: grid; place-items: center; color: var(--quiet); font-size: 3rem; font-weight: 300; }
.card:hover .picture img { scale: 1.03; }
.name { margin-top: .75rem; overflow-wrap: anywhere; font-size: .9375rem; line-height: 1.35; }
.name span { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.link { display: block; padding: 0; border: 0; background: none; color: inherit; text-align: start; text-decoration: none; }
.link::after { content: ""; position: absolute; inset: 0; border-radius: var(--radius); }
.link:focus-visible { outline: none; }
.card:has(.link:focus-visible) .picture { outline: 2px solid var(--focus); outline-offset: 3px; }
.price { margin-top: .125rem; color: var(--quiet); font-size: .9375rem; font-variant-numeric: tabular-nums; }
.score { position: absolute; top: .625rem; left: .625rem; padding: .1875rem .625rem; border-radius: var(--round); background: var(--glass); font-size: .75rem; line-height: 1.25rem; font-variant-numeric: tabular-nums; opacity: 0; transition: opacity .2s; }
.card:hover .score, .card:focus-within .score { opacity: 1; }

@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { transition: none !important; animation: none !important; }
  .card:hover .picture img { scale: none; }
}
`;

const SEARCH = `
.welcome { text-align: center; }
.ask { max-width: 46rem; margin-inline: auto; }
.box { position: relative; padding: .375rem; background: var(--surface); border: 1px solid var(--edge); border-radius: min(1.75rem, var(--round)); box-shadow: var(--lift); }
.box:has(.words:focus-visible) { border-color: var(--focus); outline: 1px solid var(--focus); }
.box-row { display: flex; align-items: center; gap: .125rem; }
.words { flex: 1; min-width: 0; height: 2.75rem; padding: 0 .5rem 0 1rem; border: 0; outline: 0; background: none; font-size: 1.0625rem; appearance: none; text-overflow: ellipsis; }
.words::placeholder { color: var(--quiet); opacity: 1; }
.words::-webkit-search-cancel-button { display: none; }
.tool, .go { flex: none; display: grid; place-items: center; width: 2.75rem; height: 2.75rem; padding: 0; border: 0; border-radius: var(--round); background: none; color: var(--quiet); cursor: pointer; transition: background .2s, color .2s; }
.tool:hover { background: var(--tile); color: var(--ink); }
.tool:has(:focus-visible) { outline: 2px solid var(--focus); outline-offset: -2px; }
.camera { display: none; }
@media (pointer: coarse) { .camera { display: grid; } }
.go { margin-inline-start: .25rem; background: var(--accent); color: var(--on-accent); }
.go:hover { opacity: .86; }

.tokens { display: flex; flex-wrap: wrap; gap: .375rem; padding: .375rem .375rem .25rem; }
.tokens li { min-width: 0; }
.token { display: flex; align-items: center; gap: .5rem; max-width: min(20rem, 100%); height: 2.25rem; padding: 0 .5rem 0 .25rem; border: 0; border-radius: var(--round); background: var(--tile); font-size: .875rem; }
.token span { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.token span:first-child { padding-inline-start: .5rem; }
.token img { flex: none; width: 1.75rem; height: 1.75rem; border-radius: 50%; object-fit: cover; }
.token.less span { color: var(--quiet); }
.token.less img { filter: grayscale(1); opacity: .6; }
.token svg { flex: none; width: 1rem; height: 1rem; stroke-width: 2; color: var(--quiet); }
.token:hover svg { color: var(--ink); }

.panel { display: flex; flex-wrap: wrap; gap: 1rem 1.25rem; margin: .375rem .375rem .375rem; padding-top: .875rem; border-top: 1px solid var(--line); }
.stage { position: relative; flex: none; max-width: 100%; overflow: hidden; border-radius: min(.75rem, var(--radius)); background: var(--tile); cursor: crosshair; touch-action: none; user-select: none; }
.pictured { display: block; max-width: 100%; height: auto; max-height: 13rem; width: auto; pointer-events: none; }
.crop { position: absolute; box-shadow: 0 0 0 100vmax rgb(0 0 0 / 50%); outline: 1.5px solid #fff; cursor: move; }
.crop i { position: absolute; width: 1rem; height: 1rem; border: 3px solid #fff; }
.crop .nw { inset: -2px auto auto -2px; border-width: 3px 0 0 3px; cursor: nwse-resize; }
.crop .ne { inset: -2px -2px auto auto; border-width: 3px 3px 0 0; cursor: nesw-resize; }
.crop .sw { inset: auto auto -2px -2px; border-width: 0 0 3px 3px; cursor: nesw-resize; }
.crop .se { inset: auto -2px -2px auto; border-width: 0 3px 3px 0; cursor: nwse-resize; }
.beside { flex: 1 1 12rem; display: flex; flex-direction: column; justify-content: center; gap: .75rem; color: var(--quiet); font-size: .875rem; }
.balance { display: flex; align-items: center; gap: .75rem; }
.balance input { flex: 1; min-width: 0; height: 1.5rem; margin: 0; appearance: none; border-radius: 1rem; background: none; cursor: pointer; }
.balance input::-webkit-slider-runnable-track { height: .25rem; border-radius: 1rem; background: var(--edge); }
.balance input::-moz-range-track { height: .25rem; border-radius: 1rem; background: var(--edge); }
.balance input::-webkit-slider-thumb { appearance: none; width: 1.25rem; height: 1.25rem; margin-top: -.5rem; border: 3px solid var(--surface); border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 1px var(--edge); }
.balance input::-moz-range-thumb { border: 3px solid var(--surface); background: var(--accent); box-shadow: 0 0 0 1px var(--edge); }
.buttons { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.text-button { min-height: 2rem; padding: 0; border: 0; background: none; color: var(--ink); font-size: .875rem; text-decoration: underline; text-decoration-color: var(--edge); text-underline-offset: .25em; white-space: nowrap; }
.text-button:hover { text-decoration-color: currentcolor; }

.drop-here { position: absolute; inset: -1px; z-index: 2; display: none; place-items: center; grid-auto-flow: column; justify-content: center; gap: .625rem; border: 2px dashed var(--focus); border-radius: inherit; background: var(--surface); font-weight: 500; pointer-events: none; }
.dropping .drop-here { display: grid; }
.box-message { margin-top: .75rem; color: var(--trouble); font-size: .9375rem; text-align: center; }
.box-message:empty { display: none; }

.filters { display: flex; align-items: flex-start; justify-content: space-between; gap: .75rem 1.5rem; margin-top: clamp(1.5rem, 4cqi, 2.5rem); }
.chips, .narrow { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
.narrow { flex: none; }
.chip { flex: none; max-width: 100%; display: inline-flex; align-items: center; gap: .375rem; min-height: 2.25rem; padding: .25rem .875rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--surface); font-size: .9375rem; list-style: none; text-align: start; overflow-wrap: anywhere; transition: border-color .2s; }
.chip::-webkit-details-marker { display: none; }
.chip:hover { border-color: var(--edge); }
.chip.chosen { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.chip svg { width: 1.125rem; height: 1.125rem; margin-inline-end: -.25rem; }
.count { color: var(--quiet); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.chosen .count { color: inherit; opacity: .8; }
.chips .text-button { padding-inline: .5rem; }

.price-filter { position: relative; }
.price-panel { position: absolute; inset-inline-end: 0; top: calc(100% + .5rem); z-index: 3; width: min(21rem, 86cqi); padding: .75rem; border: 1px solid var(--line); border-radius: min(1.25rem, var(--round)); background: var(--surface); box-shadow: var(--lift); }
.ranges button { display: grid; grid-template-columns: 7.5rem 1fr 2.5rem; align-items: center; gap: .75rem; width: 100%; min-height: 2rem; padding: .125rem .5rem; border: 0; border-radius: .625rem; background: none; font-size: .875rem; text-align: start; font-variant-numeric: tabular-nums; }
.ranges button:hover { background: var(--tile); }
.ranges .count { text-align: end; }
.bar { display: block; height: .375rem; border-radius: 1rem; background: var(--edge); }
.ranges button:hover .bar { background: var(--accent); }
.bounds { display: flex; align-items: flex-end; gap: .5rem; padding: .5rem; }
.bounds label { flex: 1; color: var(--quiet); font-size: .8125rem; }
.bounds > span { padding-bottom: .375rem; color: var(--quiet); }
.bounds input { display: block; width: 100%; height: 2.25rem; padding: 0 .75rem; border: 1px solid var(--edge); border-radius: min(.75rem, var(--round)); background: var(--surface); color: var(--ink); font-size: .9375rem; appearance: textfield; }
.bounds input::-webkit-inner-spin-button { display: none; }
.price-panel > .text-button { margin-inline-start: .5rem; }
`;

const RESULTS = `
.results { margin-top: clamp(1.5rem, 3cqi, 2.25rem); }
.head { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; margin-bottom: 1.25rem; }
.status { flex: none; color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; }
.notice { margin: -.25rem 0 1.25rem; padding: .625rem 1rem; border-radius: .75rem; background: var(--tile); font-size: .9375rem; }
.notice:empty { margin: 0; padding: 0; }

.grid { --columns: 2; display: grid; grid-template-columns: repeat(var(--likeness-columns, var(--columns)), minmax(0, 1fr)); gap: var(--likeness-gap, 1.75rem 1rem); }
@container (min-width: 36rem) { .grid { --columns: 3; gap: var(--likeness-gap, 2rem 1.25rem); } }
@container (min-width: 52rem) { .grid { --columns: 4; gap: var(--likeness-gap, 2.5rem 1.5rem); } }
@container (min-width: 70rem) { .grid { --columns: 5; } }

.steering { position: absolute; inset: 0 0 auto; aspect-ratio: var(--likeness-ratio, 1); display: flex; align-items: flex-end; justify-content: flex-end; gap: .375rem; padding: .5rem; pointer-events: none; }
.steer { pointer-events: auto; display: flex; align-items: center; justify-content: center; gap: .375rem; min-width: 2.25rem; height: 2.25rem; padding: 0; border: 0; border-radius: var(--round); background: var(--glass); font-size: .875rem; font-weight: 500; transition: opacity .2s; }
.steer svg { width: 1.125rem; height: 1.125rem; stroke-width: 2; }
.steer span { display: none; }
.steer:hover { background: var(--accent); color: var(--on-accent); }
@media (hover: hover) {
  .steer { opacity: 0; }
  .card:hover .steer, .card:focus-within .steer { opacity: 1; }
}
@container (min-width: 52rem) {
  .steer span { display: inline; }
  .steer.more { padding: 0 .875rem 0 .625rem; }
}

.skeleton .name, .skeleton .price { width: 75%; height: .875rem; margin-top: .875rem; border-radius: .5rem; background: var(--tile); }
.skeleton .price { width: 35%; margin-top: .625rem; }
.skeleton > * { animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .5; } }

.message { max-width: 30rem; margin: clamp(2rem, 8cqi, 5rem) auto; text-align: center; }
.message h3 { font-family: var(--likeness-heading-font, inherit); font-size: 1.5rem; font-weight: 600; letter-spacing: -.02em; line-height: 1.3; }
.message p { margin: .5rem 0 1.25rem; color: var(--quiet); text-wrap: pretty; overflow-wrap: anywhere; }
.message .countdown { margin: 1rem 0 0; font-variant-numeric: tabular-nums; }
.message .code { margin: 1.25rem 0 0; font: .8125rem ui-monospace, monospace; }
.button { min-height: 2.75rem; padding: .5rem 1.375rem; border: 1px solid var(--edge); border-radius: var(--round); background: var(--surface); font-weight: 500; transition: border-color .2s; }
.button:hover { border-color: var(--ink); }
.button:disabled { opacity: .55; cursor: default; }
.message .button { margin: .25rem; }
.show-more { display: block; margin: 3rem auto 0; }
.foot { min-height: 1.25rem; margin-top: 2.5rem; color: var(--quiet); font-size: .8125rem; font-variant-numeric: tabular-nums; text-align: center; }

@container (max-width: 43rem) {
  .filters { flex-direction: column; }
  .chips { --bleed: var(--likeness-bleed, 0px); flex-wrap: nowrap; max-width: calc(100% + 2 * var(--bleed)); margin-inline: calc(-1 * var(--bleed)); padding: .25rem var(--bleed); overflow-x: auto; scrollbar-width: none; }
  .price-panel { inset-inline: 0 auto; }
  .panel { flex-direction: column; align-items: stretch; }
  .stage { align-self: center; }
  .beside { flex-basis: auto; }
}
@media (forced-colors: active) {
  .chip.chosen, .go { forced-color-adjust: none; background: Highlight; color: HighlightText; }
  .bar { background: CanvasText; }
}
`;

const SIMILAR = `
h2 { margin-bottom: 1rem; }
.strip { display: flex; gap: 1.25rem; margin: -.375rem; padding: .375rem; overflow-x: auto; scroll-snap-type: x proximity; scroll-padding: .375rem; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.card { flex: none; width: var(--likeness-card, clamp(8.5rem, 20cqi, 12rem)); scroll-snap-align: start; padding-bottom: .5rem; }
`;

export const cardStyles = sheet(BASE);
export const searchStyles = sheet(SEARCH + RESULTS);
export const similarStyles = sheet(SIMILAR);
