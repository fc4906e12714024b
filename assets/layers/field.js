/**
 * What a cell of a late layer sees: of every map before it, and of the photo. Whole numbers only, no screen.
 *
 * @typedef {{layer: number, unit: number, row: number, col: number}} Cell all from 0
 * @typedef {[first: number, last: number]} Span both included; below 0 and beyond the last cell it lies on padding
 * @typedef {{rows: Span, cols: Span}} Field
 * @typedef {object} Geometry of a layer
 * @property {"conv" | "relu" | "max" | "average"} kind
 * @property {[number, number]} size rows and columns of its maps
 * @property {[number, number]} kernel rows and columns of the maps before it under one cell
 * @property {[number, number]} stride
 * @property {[number, number]} before rows and columns of padding before the first
 * @property {number[][]} sources for each unit the maps before it that it looks at
 *
 * @typedef {object} Seen
 * @property {Field} photo
 * @property {(Field & {units: number[]})[]} layers what is seen of each layer before the cell's own, from the first on
 */

/**
 * @param {Geometry[]} layers
 * @param {Cell} cell
 * @returns {Seen}
 */
export function seenBy(layers, { layer, unit, row, col }) {
  /** @type {Field} */
  let field = { rows: [row, row], cols: [col, col] };
  let units = [unit];
  /** @type {Seen["layers"]} */
  const seen = [];
  for (let index = layer; index >= 0; index--) {
    const { kernel, stride, before, sources } = layers[index];
    field = {
      rows: under(field.rows, kernel[0], stride[0], before[0]),
      cols: under(field.cols, kernel[1], stride[1], before[1]),
    };
    units = [...new Set(units.flatMap((one) => sources[one]))].sort((a, b) => a - b);
    if (index > 0) seen.unshift({ ...field, units });
  }
  return { photo: field, layers: seen };
}

/**
 * @param {Span} span of cells
 * @param {number} kernel
 * @param {number} stride
 * @param {number} before
 * @returns {Span} of the cells before the layer that these look at
 */
function under([first, last], kernel, stride, before) {
  return [first * stride - before, last * stride - before + kernel - 1];
}

/**
 * The part of a field that is no padding; null where there is none.
 *
 * @param {Field} field
 * @param {number} rowCount how many there are
 * @param {number} colCount
 * @returns {Field | null}
 */
export function inside({ rows, cols }, rowCount, colCount) {
  const kept = [[Math.max(rows[0], 0), Math.min(rows[1], rowCount - 1)], [Math.max(cols[0], 0), Math.min(cols[1], colCount - 1)]];
  if (kept.some(([first, last]) => first > last)) return null;
  return { rows: /** @type {Span} */ (kept[0]), cols: /** @type {Span} */ (kept[1]) };
}

/**
 * Which cell before a max pooling has handed its value on: the first of the largest, in row-major order.
 *
 * @param {ArrayLike<number>} values of the map before it, row by row
 * @param {number} cols of that map
 * @param {Field} window all of it inside the map
 * @returns {{row: number, col: number}}
 */
export function winner(values, cols, window) {
  let [row, col] = [window.rows[0], window.cols[0]];
  for (let r = window.rows[0]; r <= window.rows[1]; r++) {
    for (let c = window.cols[0]; c <= window.cols[1]; c++) {
      if (values[r * cols + c] > values[row * cols + col]) [row, col] = [r, c];
    }
  }
  return { row, col };
}

/**
 * A cell moved by rows and columns, and kept on its map.
 *
 * @param {Cell} cell
 * @param {number} rows
 * @param {number} cols
 * @param {[number, number]} size of the map
 * @returns {Cell}
 */
export function moved(cell, rows, cols, [rowCount, colCount]) {
  const keep = (/** @type {number} */ at, /** @type {number} */ count) => Math.min(Math.max(at, 0), count - 1);
  return { ...cell, row: keep(cell.row + rows, rowCount), col: keep(cell.col + cols, colCount) };
}
