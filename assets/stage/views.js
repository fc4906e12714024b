/**
 * Ways to look at a map. The numbers stay what they are; only what is shown of them differs, and what is lost is said.
 *
 * @typedef {"raw" | "relu" | "absolute" | "clamped"} View
 * @typedef {"own" | "shared"} Scale whether each map's colours end at its own largest magnitude, or all at the same
 */

import { SIDE, levelColours } from "./colour.js";
import { formatNumber } from "./numbers.js";

/** @import { Palette, Rgb } from "./colour.js" */
/** @import { FeatureHeader } from "./payload.js" */

/** @type {[View, string][]} */
export const VIEWS = [
  ["raw", "raw values"],
  ["relu", "ReLU: below 0 is 0"],
  ["absolute", "absolute values"],
  ["clamped", "clamped to 0…255"],
];

/** @type {[Scale, string][]} */
export const SCALES = [["own", "each map its own"], ["shared", "one for all maps"]];

/**
 * What a view makes of a value.
 *
 * @param {number} value
 * @param {View} view
 * @param {number} top of the pixels' values
 */
export function shownAs(value, view, top) {
  if (view === "relu") return Math.max(0, value);
  if (view === "absolute") return Math.abs(value);
  return view === "clamped" ? Math.min(top, Math.max(0, value)) : value;
}

/**
 * The magnitude where the colours of a map end.
 *
 * @param {FeatureHeader[]} features
 * @param {number} feature
 * @param {Scale} scale
 */
export function limitOf(features, feature, scale) {
  return scale === "own" ? features[feature].limit : Math.max(...features.map(({ limit }) => limit));
}

/**
 * The colours of a view, from the first to the last of its scale.
 *
 * @param {View} view
 * @param {Palette} palette
 * @returns {Rgb[]}
 */
export function coloursOf(view, palette) {
  if (view !== "clamped") return levelColours(palette);
  return Array.from({ length: 256 }, (_, grey) => /** @type {Rgb} */ ([grey, grey, grey]));
}

/**
 * A function from values to places in `coloursOf`; only what is shown as zero has the neutral one.
 *
 * @param {View} view
 * @param {number} limit
 * @param {number} top of the pixels' values
 * @returns {(value: number) => number}
 */
export function placing(view, limit, top) {
  if (view === "clamped") return (value) => Math.round((255 / top) * shownAs(value, view, top));
  const scale = limit ? SIDE / limit : 0;
  return (value) => {
    const shown = shownAs(value, view, top);
    if (shown === 0 || scale === 0) return SIDE;
    const level = Math.min(SIDE, Math.max(1, Math.round(Math.abs(shown) * scale)));
    return shown > 0 ? SIDE + level : SIDE - level;
  };
}

/**
 * A function from values to colours.
 *
 * @param {View} view
 * @param {number} limit
 * @param {number} top of the pixels' values
 * @param {Palette} palette
 * @returns {(value: number) => Rgb}
 */
export function colouring(view, limit, top, palette) {
  const colours = coloursOf(view, palette);
  const place = placing(view, limit, top);
  return (value) => colours[place(value)];
}

/**
 * The scale bar: its ends, and the colour at each part of the way between them.
 *
 * @param {View} view
 * @param {number} limit
 * @param {number} top of the pixels' values
 * @param {Palette} palette
 * @returns {{from: number, to: number, colour: (share: number) => Rgb}}
 */
export function scaleBar(view, limit, top, palette) {
  const from = view === "raw" ? -limit : 0;
  const to = view === "clamped" ? top : limit;
  const colour = colouring(view, limit, top, palette);
  return { from, to, colour: (share) => colour(from + (to - from) * share) };
}

/**
 * What a map holds, and what the view loses of it.
 *
 * @param {FeatureHeader} feature
 * @param {View} view
 * @param {number} top of the pixels' values
 */
export function rangeText({ low, high, below, above }, view, top) {
  const range = `this map: ${formatNumber(low, 5)} to ${formatNumber(high, 5)}`;
  if (view === "relu") return `${range}; ${percent(below)} become 0`;
  if (view === "absolute") return `${range}; ${percent(below)} lose their sign`;
  if (view === "clamped") return `${percent(below + above)} destroyed: ${percent(below)} below 0, ${percent(above)} above ${top}`;
  return range;
}

/**
 * A share as a percentage; 0 % and 100 % are said of nothing and all only.
 *
 * @param {number} share
 */
export function percent(share) {
  if (share === 0 || share === 1) return `${100 * share} %`;
  const rounded = (100 * share).toFixed(1);
  if (rounded === "0.0") return "under 0.1 %";
  return rounded === "100.0" ? "over 99.9 %" : `${rounded} %`;
}
