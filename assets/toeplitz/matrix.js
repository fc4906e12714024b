/**
 * A convolution as a matrix: which weight stands where, what a row adds up, and where one can go from a place.
 *
 * @typedef {object} Matrix
 * @property {string} title the kernel's, for people
 * @property {number} bias added to each cell
 * @property {number} top the value of a white pixel
 * @property {[number, number]} imageShape
 * @property {[number, number]} kernelShape
 * @property {[number, number]} mapShape
 * @property {Float64Array} image a number for each column of the matrix
 * @property {Float64Array} kernel as it is laid on the picture
 * @property {Float64Array} product of the matrix and the picture, with the bias: a number for each row
 * @property {Int32Array} starts where each row begins in `columns` and `taps`, and where the last one ends
 * @property {Int32Array} columns of the entries that are stored, row by row
 * @property {Int32Array} taps which weight of the kernel an entry is
 *
 * @typedef {{column: number, tap: number, weight: number, pixel: number}} Term of a row
 * @typedef {{row: number, tap: number, weight: number}} Use of a pixel, in a column
 *
 * What is pointed at: a row, perhaps at one of its weights; or a column.
 * @typedef {{kind: "row", row: number, tap: number | null} | {kind: "column", column: number}} Place
 */

/** @param {Matrix} matrix */
export function rowCount(matrix) {
  return matrix.starts.length - 1;
}

/**
 * @param {Matrix} matrix
 * @param {number} row
 * @returns {Term[]} in the order of the kernel's weights
 */
export function termsOf({ starts, columns, taps, kernel, image }, row) {
  const terms = [];
  for (let at = starts[row]; at < starts[row + 1]; at++) {
    terms.push({ column: columns[at], tap: taps[at], weight: kernel[taps[at]], pixel: image[columns[at]] });
  }
  return terms;
}

/**
 * The cell's value, worked out here.
 *
 * @param {Matrix} matrix
 * @param {number} row
 */
export function sumOf(matrix, row) {
  return termsOf(matrix, row).reduce((sum, { weight, pixel }) => sum + weight * pixel, 0) + matrix.bias;
}

/**
 * @param {Matrix} matrix
 * @param {number} column
 * @returns {Use[]} from the first row to the last
 */
export function usesOf(matrix, column) {
  const uses = [];
  for (let row = 0; row < rowCount(matrix); row++) {
    for (const term of termsOf(matrix, row)) if (term.column === column) uses.push({ row, tap: term.tap, weight: term.weight });
  }
  return uses;
}

/**
 * Where in the matrix one weight of the kernel stands.
 *
 * @param {Matrix} matrix
 * @param {number} tap
 * @returns {{row: number, column: number}[]}
 */
export function repetitionsOf(matrix, tap) {
  const found = [];
  for (let row = 0; row < rowCount(matrix); row++) {
    for (const term of termsOf(matrix, row)) if (term.tap === tap) found.push({ row, column: term.column });
  }
  return found;
}

/**
 * The place that is pointed at in the matrix.
 *
 * @param {Matrix} matrix
 * @param {number} row
 * @param {number} column
 * @returns {Place}
 */
export function placeAt(matrix, row, column) {
  return { kind: "row", row, tap: termsOf(matrix, row).find((term) => term.column === column)?.tap ?? null };
}

/**
 * The same place in another matrix, or the nearest there is.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 * @returns {Place}
 */
export function placeIn(matrix, place) {
  if (place.kind === "column") return { kind: "column", column: clamp(place.column, matrix.image.length) };
  const row = clamp(place.row, rowCount(matrix));
  const has = termsOf(matrix, row).some(({ tap }) => tap === place.tap);
  return { kind: "row", row, tap: has ? place.tap : null };
}

/**
 * Where a key leads from a place of the matrix: up and down the rows, left and right along a row's weights.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 * @param {string} key
 * @returns {Place | null} null for other keys
 */
export function placeByKey(matrix, place, key) {
  const last = rowCount(matrix) - 1;
  const row = place.kind === "row" ? place.row : 0;
  const tap = place.kind === "row" ? place.tap : null;
  const rows = /** @type {Record<string, number>} */ ({
    ArrowUp: row - 1, ArrowDown: row + 1, Home: 0, End: last,
    PageUp: row - matrix.mapShape[1], PageDown: row + matrix.mapShape[1],
  });
  if (key in rows) return placeIn(matrix, { kind: "row", row: rows[key], tap });
  if (key === "Escape") return { kind: "row", row, tap: null };
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const terms = termsOf(matrix, row);
  if (step === 0) return null;
  if (terms.length === 0) return { kind: "row", row, tap: null };
  const at = terms.findIndex((term) => term.tap === tap);
  const next = at < 0 ? (step > 0 ? 0 : terms.length - 1) : clamp(at + step, terms.length);
  return { kind: "row", row, tap: terms[next].tap };
}

/**
 * Where an arrow leads from a pixel of the picture.
 *
 * @param {Matrix} matrix
 * @param {number} column
 * @param {string} key
 * @returns {Place | null}
 */
export function pixelByKey({ imageShape: [rows, cols] }, column, key) {
  const steps = /** @type {Record<string, [number, number]>} */ ({
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  });
  if (!(key in steps)) return null;
  const row = clamp(Math.floor(column / cols) + steps[key][0], rows);
  return { kind: "column", column: row * cols + clamp((column % cols) + steps[key][1], cols) };
}

/**
 * @param {number} index
 * @param {number} count
 */
export function clamp(index, count) {
  return Math.min(Math.max(index, 0), count - 1);
}
