/** What is said of a place: the sum of a row, where a weight stands, which cells a pixel feeds. */

import { equals, formatNumber, formatTerm, formatWeight, isExact, isExactWeight } from "../stage/numbers.js";
import { grouped } from "../stage/parts.js";
import { repetitionsOf, rowCount, termsOf, usesOf } from "./matrix.js";

/** @import { Matrix, Place } from "./matrix.js" */

const MOST_USES = 25;

/**
 * @param {Matrix} matrix
 * @param {Place} place
 */
export function words(matrix, place) {
  return place.kind === "row" ? rowWords(matrix, place.row) : columnWords(matrix, place.column);
}

/**
 * Row 5: 12·1 + 40·0 + … = 52.
 *
 * @param {Matrix} matrix
 * @param {number} row
 */
export function rowWords(matrix, row) {
  const { bias, product, kernel } = matrix;
  const terms = termsOf(matrix, row);
  const written = terms.map(({ pixel, weight }) => `${formatNumber(pixel)}·${bracketed(formatWeight(weight))}`);
  if (bias !== 0 || terms.length === 0) written.push(formatTerm(bias, written.length));
  const exact = isExact(product[row]) && isExact(bias)
    && terms.every(({ pixel, weight }) => isExact(pixel) && isExactWeight(weight));
  const padded = kernel.length - terms.length;
  const lost = padded === 0 ? "" : ` ${countOf(padded, "weight")} ${padded === 1 ? "lies" : "lie"} on the padding, where there is no pixel and so no entry.`;
  return `Row ${row}: ${written.join(" + ")} ${equals(exact)} ${formatNumber(product[row])}.${lost}`;
}

/**
 * @param {Matrix} matrix
 * @param {number} column
 */
export function columnWords(matrix, column) {
  const uses = usesOf(matrix, column);
  const pixel = `Column ${column}: the pixel in row ${Math.floor(column / matrix.imageShape[1])}, column ${column % matrix.imageShape[1]}, ${formatNumber(matrix.image[column])},`;
  if (uses.length === 0) return `${pixel} feeds no cell.`;
  const some = uses.slice(0, MOST_USES).map(({ row, weight }) => `${row} by ${formatWeight(weight)}`);
  return `${pixel} feeds ${countOf(uses.length, "cell")}: ${uses.length === 1 ? "row" : "rows"} ${some.join(", ")}.`;
}

/**
 * How often the weight stands in the matrix that is pointed at; what is said where none is.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 */
export function weightWords(matrix, place) {
  const [, cols] = matrix.kernelShape;
  if (place.kind !== "row" || place.tap === null) {
    return place.kind === "row" ? "Point at a coloured entry to find the same weight everywhere." : "";
  }
  const tap = place.tap;
  const count = repetitionsOf(matrix, tap).length;
  const where = `row ${Math.floor(tap / cols)}, column ${tap % cols}`;
  return `The kernel’s weight in ${where} is ${formatWeight(matrix.kernel[tap])}. It is stored once and used ${grouped(count)} ${count === 1 ? "time" : "times"}, in ${grouped(count)} of ${countOf(rowCount(matrix), "row")}.`;
}

/**
 * @param {number} count
 * @param {string} what one of them is
 */
function countOf(count, what) {
  return `${grouped(count)} ${count === 1 ? what : `${what}s`}`;
}

/** @param {string} text */
function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}
