/** The strip: the maximum of the map at the last places, and where it was. */

import { formatNumber } from "../stage/numbers.js";
import { MOST_VISITS } from "./walk.js";

/** @import { Visit } from "./walk.js" */

export const STRIP = { height: 216, left: 66, right: 12, maximum: [30, 92], places: [132, 194] };

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {SVGSVGElement} svg
 * @param {number} width CSS pixels
 * @param {Visit[]} visits
 * @param {[rows: number, cols: number]} shape of the map
 */
export function drawStrip(svg, width, visits, shape) {
  const { height, left, right, maximum, places } = STRIP;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const x = (/** @type {number} */ i) => left + 6 + ((width - left - right - 12) * i) / (MOST_VISITS - 1);
  const values = visits.map(({ peak }) => peak.value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const parts = [];
  parts.push(...panel("Maximum of the map", maximum, [[high, formatNumber(high, 4)], [low, formatNumber(low, 4)]], low, high, width));
  parts.push(...series(visits, x, scale(maximum, low, high), ({ peak }) => peak.value, "maximum"));
  const last = Math.max(...shape) - 1;
  if (last === 0) {
    parts.push(text(left, places[0] - 12, "Its place: none. The map is one cell.", "title"));
  } else {
    parts.push(...panel("Its row (thin) and column (thick)", places, [[last, String(last)], [0, "0"]], 0, last, width));
    parts.push(...series(visits, x, scale(places, 0, last), ({ peak }) => peak.row, "row"));
    parts.push(...series(visits, x, scale(places, 0, last), ({ peak }) => peak.col, "column"));
  }
  svg.replaceChildren(...parts);
}

/**
 * @param {number[]} ends top and bottom
 * @param {number} low
 * @param {number} high
 */
function scale([top, bottom], low, high) {
  return (/** @type {number} */ value) => (high === low ? bottom : bottom - ((bottom - top) * (value - low)) / (high - low));
}

/**
 * @param {string} title
 * @param {number[]} ends
 * @param {[number, string][]} marks
 * @param {number} low
 * @param {number} high
 * @param {number} width
 */
function panel(title, ends, marks, low, high, width) {
  const y = scale(ends, low, high);
  const made = [text(STRIP.left, ends[0] - 12, title, "title")];
  for (const [value, words] of low === high ? marks.slice(0, 1) : marks) {
    made.push(shape("line", { x1: STRIP.left, x2: width - STRIP.right, y1: y(value), y2: y(value), class: "rule" }));
    made.push(text(STRIP.left - 8, y(value) + 5, words, "mark"));
  }
  return made;
}

/**
 * @param {Visit[]} visits
 * @param {(i: number) => number} x
 * @param {(value: number) => number} y
 * @param {(visit: Visit) => number} value
 * @param {"maximum" | "row" | "column"} name
 */
function series(visits, x, y, value, name) {
  const at = visits.map((visit, i) => [x(i), y(value(visit))]);
  const made = [shape("path", { d: `M${at.map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L")}`, class: `path ${name}` })];
  if (name === "maximum") {
    visits.forEach(({ whole }, i) => made.push(shape("circle", { cx: at[i][0], cy: at[i][1], r: 3, class: whole ? "dot" : "dot between" })));
  } else {
    const [a, b] = at[at.length - 1];
    made.push(shape("circle", { cx: a, cy: b, r: 4, class: "dot" }));
  }
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function shape(tag, attributes) {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} kind
 */
function text(x, y, words, kind) {
  const made = shape("text", { x, y, class: kind });
  made.textContent = words;
  return made;
}
