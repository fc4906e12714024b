/** What the picture of a stack says of a cell, in words and numbers. */

import { formatNumber, isExact } from "../stage/numbers.js";
import { inside } from "./field.js";

/** @import { Cell, Field, Seen, Span } from "./field.js" */
/** @import { LayerHeader, LayersMessage, Value } from "./message.js" */

// A float32 has between seven and eight digits.
const DIGITS = 7;

/**
 * @param {Value} value
 */
export function valueText({ value, kind }) {
  const text = formatNumber(value, kind === "exact" ? DIGITS : 4);
  if (kind === "near") return `about ${text}, at the nearest cell that was sent`;
  if (kind === "rounded") return `about ${text}`;
  return `${isExact(value, DIGITS) ? "=" : "≈"} ${text}`;
}

/**
 * The scale of a layer's colours: no more of it than its maps have values.
 *
 * @param {Pick<LayerHeader, "lows" | "highs" | "limit">} layer
 * @returns {{text: string, side: "both" | "above" | "below" | "zero"}}
 */
export function scaleOf({ lows, highs, limit }) {
  const most = formatNumber(limit, 4);
  const [below, above] = [lows.some((low) => low < 0), highs.some((high) => high > 0)];
  if (below && above) return { text: `−${most} … 0 … ${most}`, side: "both" };
  if (above) return { text: `0 … ${most}`, side: "above" };
  return below ? { text: `−${most} … 0`, side: "below" } : { text: "0 everywhere", side: "zero" };
}

/** @param {Span} span */
export function spanText([first, last]) {
  return first === last ? number(first) : `${number(first)}…${number(last)}`;
}

/**
 * @param {Field} field
 */
export function fieldText({ rows, cols }) {
  return `${rows[0] === rows[1] ? "row" : "rows"} ${spanText(rows)}, ${cols[0] === cols[1] ? "column" : "columns"} ${spanText(cols)}`;
}

/** @param {string} text of `fieldText`: rows and columns each in a line where it is narrow */
export function inLines(text) {
  return text.replace(", ", ",\n");
}

/** @param {Field} field */
export function sidesText({ rows, cols }) {
  return `${length(rows)} × ${length(cols)}`;
}

/**
 * @param {Field} field
 * @param {number} rowCount of what it lies on
 * @param {number} colCount
 */
export function sizeText(field, rowCount, colCount) {
  const [tall, wide] = [length(field.rows), length(field.cols)];
  const kept = inside(field, rowCount, colCount);
  const size = sidesText(field);
  if (!kept) return `${size}, all of it padding`;
  const out = tall * wide - length(kept.rows) * length(kept.cols);
  return out === 0 ? size : `${size}, ${out} of ${tall * wide} on padding`;
}

/**
 * The readout, line by line.
 *
 * @param {LayersMessage} message
 * @param {Cell} cell
 * @param {Value} value
 * @param {Seen} seen
 * @param {{row: number, col: number} | null} won the cell that a max pooling has handed on
 * @returns {string[]}
 */
export function readout({ header }, cell, value, seen, won) {
  const { layers, photoShape } = header;
  const { title, names, kind } = layers[cell.layer];
  const [height, width] = photoShape;
  const lines = [
    `Layer ${cell.layer + 1} of ${layers.length}, ${title}; unit ${cell.unit + 1} of ${names.length}: ${names[cell.unit]}`,
    `Row ${cell.row}, column ${cell.col}: value ${valueText(value)}`,
    `It sees ${fieldText(seen.photo)} of the photo: ${sizeText(seen.photo, height, width)} pixels`,
  ];
  if (kind === "relu" && value.value === 0) lines.push("The ReLU has made 0 of what was not above 0.");
  if (won) lines.push(`The largest value of its window is at row ${won.row}, column ${won.col} of layer ${cell.layer}.`);
  return lines;
}

/** @param {Span} span */
function length([first, last]) {
  return last - first + 1;
}

/** @param {number} value */
function number(value) {
  return String(value).replace("-", "−");
}
