/** The difference of two maps, cell by cell: which cells stand for which, and what there is to say of them. */

import { canvasOf } from "./rasters.js";
import { cellAt, channelSumsOf } from "./model.js";
import { equals, formatNumber, formatTerm, isExact } from "./numbers.js";
import { gridOf, shared } from "./several_places.js";
import { colouring, percent } from "./views.js";

/** @import { Palette } from "./colour.js" */
/** @import { Model } from "./model.js" */
/** @import { Together } from "./several_places.js" */

/**
 * @typedef {object} Pairing which rows and columns of one map stand for which of another
 * @property {[number[], number[]]} rows of the one, and of the other
 * @property {[number[], number[]]} cols
 * @property {"cells" | "places"} by whether cells of the same number are compared, or windows at the same place
 *
 * @typedef {object} Difference
 * @property {Pairing} pairing
 * @property {number} count of the cells compared
 * @property {number} equal how many of them have exactly the same value in both
 * @property {number} least
 * @property {number} most
 * @property {{row: number, col: number, value: number}} largest the first with the greatest magnitude, by its place in
 *   the pairing
 * @property {Float64Array} values of the picture, row by row
 * @property {number} pictureRows
 * @property {number} pictureCols
 */

// A picture of more cells along a side shows no more on a screen.
const LARGEST_PICTURE = 1024;
// So many multiplications are made at a time: a frame has room for them.
const PRODUCTS_AT_ONCE = 2e6;

/**
 * Which cells of two maps can be compared; a sentence where none can.
 *
 * @param {Model} one
 * @param {Model} other
 * @param {Together} together
 * @returns {Pairing | string}
 */
export function pairingOf(one, other, together) {
  const [first, second] = [gridOf(one), gridOf(other)];
  const alike = one.outRows === other.outRows && one.outCols === other.outCols;
  if (together === "place") {
    const [rows, cols] = [shared(first[0], second[0]), shared(first[1], second[1])];
    if (rows[0].length && cols[0].length) return { rows, cols, by: "places" };
  }
  if (alike) {
    const along = (/** @type {number} */ length) => Array.from({ length }, (_, i) => i);
    const [rows, cols] = [along(one.outRows), along(one.outCols)];
    return { rows: [rows, rows], cols: [cols, cols], by: "cells" };
  }
  const sizes = `The first map has ${sizeOf(one)} cells, the second ${sizeOf(other)}`;
  return together === "place"
    ? `${sizes}, and no window of the one is centred where one of the other is: there is nothing to subtract.`
    : `${sizes}: cell by cell they cannot be subtracted. “Same place” compares the places that both have, if there are any.`;
}

/** @param {Model} model */
function sizeOf({ outRows, outCols }) {
  return `${outRows} × ${outCols}`;
}

/**
 * Subtract two maps, a part at a time: what is yielded is the share that is done.
 *
 * @param {Model} one
 * @param {Model} other
 * @param {Pairing} pairing
 * @returns {Generator<number, Difference>}
 */
export function* subtract(one, other, pairing) {
  const [[rows, otherRows], [cols, otherCols]] = [pairing.rows, pairing.cols];
  const every = Math.max(1, Math.ceil(Math.max(rows.length, cols.length) / LARGEST_PICTURE));
  const [pictureRows, pictureCols] = [Math.ceil(rows.length / every), Math.ceil(cols.length / every)];
  const values = new Float64Array(pictureRows * pictureCols);
  const difference = {
    pairing, count: rows.length * cols.length, equal: 0, least: Infinity, most: -Infinity,
    largest: { row: 0, col: 0, value: 0 }, values, pictureRows, pictureCols,
  };
  const perRow = cols.length * [one, other].reduce((sum, m) => sum + m.kernelRows * m.kernelCols * m.channels, 0);
  const atOnce = Math.max(1, Math.floor(PRODUCTS_AT_ONCE / perRow));
  for (let start = 0; start < rows.length; start += atOnce) {
    const end = Math.min(start + atOnce, rows.length);
    const here = mapValues(one, rows.slice(start, end), cols);
    const there = mapValues(other, otherRows.slice(start, end), otherCols);
    for (let i = 0; i < here.length; i++) {
      const [row, col] = [start + Math.floor(i / cols.length), i % cols.length];
      const value = here[i] - there[i];
      if (value === 0) difference.equal++;
      if (value < difference.least) difference.least = value;
      if (value > difference.most) difference.most = value;
      if (Math.abs(value) > Math.abs(difference.largest.value)) difference.largest = { row, col, value };
      if (row % every === 0 && col % every === 0) values[(row / every) * pictureCols + col / every] = value;
    }
    yield end / rows.length;
  }
  return difference;
}

/**
 * Some rows and columns of the only map of a model, as `cellAt` has its values.
 *
 * @param {Model} model
 * @param {number[]} rows
 * @param {number[]} cols
 */
function mapValues(model, rows, cols) {
  const sums = channelSumsOf(model, 0, rows, cols);
  const bias = model.payload.bias[0];
  return Float32Array.from({ length: rows.length * cols.length }, (_, i) => {
    let total = 0;
    for (let c = 0; c < model.channels; c++) total += sums[i * model.channels + c];
    return total + bias;
  });
}

/**
 * @param {Difference} difference
 * @param {Palette} palette
 */
export function differencePicture({ values, pictureRows, pictureCols, largest }, palette) {
  const colour = colouring("raw", Math.abs(largest.value), 255, palette);
  return canvasOf(pictureRows, pictureCols, (data) => values.forEach((value, i) => data.set([...colour(value), 255], 4 * i)));
}

/**
 * Two values and their difference, with the places where they are.
 *
 * @param {Model} one
 * @param {Model} other
 * @param {Pairing} pairing
 * @param {number} row of the pairing
 * @param {number} col
 */
export function differenceText(one, other, { rows, cols }, row, col) {
  const [first, second] = [
    cellAt(one, rows[0][row], cols[0][col], 0), cellAt(other, rows[1][row], cols[1][col], 0),
  ];
  const same = first.row === second.row && first.col === second.col;
  const there = same ? "" : ` of the first, row ${second.row}, column ${second.col} of the second`;
  const value = first.value - second.value;
  const exact = [first.value, second.value, value].every((number) => isExact(number));
  const minus = `${formatNumber(first.value)} − ${formatTerm(second.value, 1)}`;
  return `row ${first.row}, column ${first.col}${there}: ${minus} ${equals(exact)} ${formatNumber(value)}`;
}

/**
 * How many cells are equal.
 *
 * @param {Difference} difference
 */
export function equalText({ equal, count }) {
  const all = count.toLocaleString("en-US");
  if (count === 1) return equal ? "The only cell is equal." : "The only cell differs.";
  if (equal === count) return `All ${all} cells are equal: 100 %.`;
  if (equal === 0) return `None of the ${all} cells are equal: 0 %.`;
  const share = percent(equal / count);
  return `${share.charAt(0).toUpperCase()}${share.slice(1)} of the cells are equal, ${equal.toLocaleString("en-US")} of ${all}.`;
}
