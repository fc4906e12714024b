/**
 * What the stage knows about one experiment: where each output cell looks, and the arithmetic of a cell.
 *
 * The arithmetic repeats `conv_engine.trace2d` to the last bit: products in double precision, summed for each
 * channel in row-major order of the taps, then the channels from the left, then the bias, then rounded to float32.
 */

/** @import { Payload } from "./payload.js" */

/**
 * @typedef {object} Model
 * @property {Payload} payload
 * @property {number} rows of the input as it is drawn: the image's, with the zeros that stand between them
 * @property {number} cols
 * @property {number} imageCols of the image alone
 * @property {[number, number]} stretch how far the image's rows and columns are set apart; 1 but for the transposed
 * @property {boolean} transposed whether a transposed convolution is shown
 * @property {number} channels
 * @property {number} outRows
 * @property {number} outCols
 * @property {number} features
 * @property {number} kernelRows
 * @property {number} kernelCols
 * @property {number} steps cells of one map
 * @property {number} top the value of the brightest pixel
 * @property {Float64Array | null} pixelValues what each byte of the image stands for; null where it holds the values
 * @property {boolean} photo whether the input is a picture in red, green and blue
 * @property {boolean} signed whether the input's values lie on both sides of zero, as those of a map do
 * @property {number} inputLimit the largest magnitude that the input can have
 * @property {boolean[]} visitedRows whether any window reads the row of the image
 * @property {boolean[]} visitedCols
 * @property {Run[]} unreadRows the runs of rows that no window reads
 * @property {Run[]} unreadCols
 *
 * @typedef {{start: number, count: number}} Run
 *
 * @typedef {object} Cell
 * @property {number} row of the output
 * @property {number} col
 * @property {number} feature
 * @property {number[]} rowPositions of the taps in the image; below 0 or beyond the last row over the padding
 * @property {number[]} colPositions
 * @property {number[]} rowSources the image's row that each tap reads, -1 for a zero
 * @property {number[]} colSources
 * @property {Float64Array} patch (C, kh, kw)
 * @property {Float64Array} weights (C, kh, kw), as applied: turned over when the kernel is flipped
 * @property {Float64Array} products (C, kh, kw)
 * @property {number[]} channelSums
 * @property {number} bias
 * @property {number} value
 */

/**
 * @param {Payload} payload
 * @returns {Model}
 */
export function buildModel(payload) {
  const { header, kernelShape, image } = payload;
  const [imageRows, imageCols, channels] = header.imageShape;
  const stretch = header.stretch ?? [1, 1];
  const [rows, cols] = [stretch[0] * (imageRows - 1) + 1, stretch[1] * (imageCols - 1) + 1];
  const [outRows, outCols, features] = header.outputShape;
  const [kernelRows, kernelCols] = kernelShape;
  /** @type {Model} */
  const model = {
    payload, rows, cols, imageCols, channels, outRows, outCols, features, kernelRows, kernelCols, stretch,
    transposed: header.transposed !== undefined,
    steps: outRows * outCols,
    top: header.top,
    ...inputScale(image, header.top),
    photo: channels === 3 && !(image instanceof Float32Array),
    visitedRows: [], visitedCols: [], unreadRows: [], unreadCols: [],
  };
  model.visitedRows = visited(rows, outRows, (i) => axisPositions(model, 0, i), header.boundary);
  model.visitedCols = visited(cols, outCols, (i) => axisPositions(model, 1, i), header.boundary);
  // What is between the rows and columns is not there to be read.
  model.visitedRows = model.visitedRows.map((seen, row) => seen || !isReal(model, 0, row));
  model.visitedCols = model.visitedCols.map((seen, col) => seen || !isReal(model, 1, col));
  model.unreadRows = falseRuns(model.visitedRows);
  model.unreadCols = falseRuns(model.visitedCols);
  return model;
}

/**
 * @param {Uint8Array | Float32Array} image
 * @param {number} top
 */
function inputScale(image, top) {
  if (image instanceof Float32Array) {
    const limit = image.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return { pixelValues: null, signed: true, inputLimit: limit };
  }
  // As the engine has them: in double precision where they are whole, else rounded to float32.
  const pixelValues = Float64Array.from({ length: 256 }, (_, byte) => Math.fround((byte * top) / 255));
  return { pixelValues, signed: false, inputLimit: top };
}

/**
 * @param {boolean[]} flags
 * @returns {Run[]}
 */
function falseRuns(flags) {
  /** @type {Run[]} */
  const runs = [];
  flags.forEach((flag, i) => {
    const last = runs[runs.length - 1];
    if (flag) return;
    if (last && last.start + last.count === i) last.count++;
    else runs.push({ start: i, count: 1 });
  });
  return runs;
}

/**
 * The positions of a window's taps along one axis, in the image's own coordinates: those of the input as it is drawn.
 *
 * @param {Model} model
 * @param {0 | 1} axis rows or columns
 * @param {number} index of the output along that axis
 * @returns {number[]}
 */
export function axisPositions(model, axis, index) {
  const { stride, dilation, pads } = model.payload.header;
  const taps = axis === 0 ? model.kernelRows : model.kernelCols;
  const start = index * stride[axis] - pads[axis][0];
  return Array.from({ length: taps }, (_, tap) => start + tap * dilation[axis]);
}

/**
 * Which element of an axis of `length` fills `position`; -1 where it is a zero.
 *
 * @param {number} position
 * @param {number} length
 * @param {string} boundary
 */
export function sourceOf(position, length, boundary) {
  if (position >= 0 && position < length) return position;
  switch (boundary) {
    case "replicate":
      return position < 0 ? 0 : length - 1;
    case "circular":
      return modulo(position, length);
    case "reflect": {
      const period = 2 * (length - 1);
      if (period === 0) return 0;
      const folded = modulo(position, period);
      return folded < length ? folded : period - folded;
    }
    default:
      return -1;
  }
}

/**
 * Which row or column of the image stands at a position of the drawn input; -1 where a zero does.
 *
 * @param {Model} model
 * @param {0 | 1} axis
 * @param {number} position
 */
export function sourceAt({ rows, cols, stretch, payload }, axis, position) {
  const drawn = sourceOf(position, axis === 0 ? rows : cols, payload.header.boundary);
  return drawn < 0 || drawn % stretch[axis] ? -1 : drawn / stretch[axis];
}

/**
 * @param {number} a
 * @param {number} n
 */
function modulo(a, n) {
  return ((a % n) + n) % n;
}

/**
 * @param {number} length
 * @param {number} outputs
 * @param {(index: number) => number[]} positions
 * @param {string} boundary
 * @returns {boolean[]}
 */
function visited(length, outputs, positions, boundary) {
  const seen = new Array(length).fill(false);
  for (let index = 0; index < outputs; index++) {
    for (const position of positions(index)) {
      const source = sourceOf(position, length, boundary);
      if (source >= 0) seen[source] = true;
    }
  }
  return seen;
}

/**
 * The whole arithmetic of one output cell.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 * @param {number} feature
 * @returns {Cell}
 */
export function cellAt(model, row, col, feature) {
  const { imageCols, channels, kernelRows, kernelCols, payload } = model;
  const rowPositions = axisPositions(model, 0, row);
  const colPositions = axisPositions(model, 1, col);
  const rowSources = rowPositions.map((p) => sourceAt(model, 0, p));
  const colSources = colPositions.map((p) => sourceAt(model, 1, p));
  const taps = kernelRows * kernelCols;
  const patch = new Float64Array(channels * taps);
  const weights = new Float64Array(channels * taps);
  const products = new Float64Array(channels * taps);
  const channelSums = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = 0; i < kernelRows; i++) {
      for (let j = 0; j < kernelCols; j++) {
        const at = (c * kernelRows + i) * kernelCols + j;
        const r = rowSources[i];
        const q = colSources[j];
        patch[at] = r < 0 || q < 0 ? 0 : inputAt(model, (r * imageCols + q) * channels + c);
        weights[at] = payload.bank[weightStart(model, feature, i, j) + c];
        products[at] = patch[at] * weights[at];
        sum += products[at];
      }
    }
    channelSums.push(sum);
  }
  const bias = payload.bias[feature];
  const total = channelSums.reduce((sum, part) => sum + part, 0) + bias;
  return {
    row, col, feature, rowPositions, colPositions, rowSources, colSources,
    patch, weights, products, channelSums, bias, value: Math.fround(total),
  };
}

/**
 * An element of the image, as the arithmetic takes it.
 *
 * @param {Model} model
 * @param {number} at its place in the flat array
 */
export function inputAt({ payload: { image }, pixelValues }, at) {
  return pixelValues ? pixelValues[image[at]] : image[at];
}

/**
 * The sums of the channels for many cells of a map: those of `cellAt`, without what leads to them.
 *
 * @param {Model} model
 * @param {number} feature
 * @param {number[]} rows of the map
 * @param {number[]} cols
 * @returns {Float64Array} (rows, cols, C)
 */
export function channelSumsOf(model, feature, rows, cols) {
  const { channels, kernelRows, kernelCols } = model;
  const sources = (/** @type {0 | 1} */ axis, /** @type {number[]} */ indices) =>
    indices.map((index) => axisPositions(model, axis, index).map((position) => sourceAt(model, axis, position)));
  const [rowSources, colSources] = [sources(0, rows), sources(1, cols)];
  const taps = Array.from({ length: kernelRows * kernelCols }, (_, tap) =>
    weightsAt(model, feature, Math.floor(tap / kernelCols), tap % kernelCols));
  const sums = new Float64Array(rows.length * cols.length * channels);
  let at = 0;
  for (const rowsOfCell of rowSources) {
    for (const colsOfCell of colSources) {
      for (let i = 0; i < kernelRows; i++) {
        const row = rowsOfCell[i];
        if (row < 0) continue;
        for (let j = 0; j < kernelCols; j++) {
          const col = colsOfCell[j];
          if (col < 0) continue;
          const pixel = (row * model.imageCols + col) * channels;
          const weights = taps[i * kernelCols + j];
          for (let c = 0; c < channels; c++) sums[at + c] += inputAt(model, pixel + c) * weights[c];
        }
      }
      at += channels;
    }
  }
  return sums;
}

/**
 * The values of a part of a map, row by row.
 *
 * @param {Model} model
 * @param {number} feature
 * @param {{row: number, col: number, rows: number, cols: number}} region in whole cells
 * @returns {Float32Array}
 */
export function valuesIn(model, feature, { row, col, rows, cols }) {
  const along = (/** @type {number} */ start, /** @type {number} */ length) => Array.from({ length }, (_, i) => start + i);
  const sums = channelSumsOf(model, feature, along(row, rows), along(col, cols));
  const bias = model.payload.bias[feature];
  return Float32Array.from({ length: rows * cols }, (_, i) => {
    let total = 0;
    for (let c = 0; c < model.channels; c++) total += sums[i * model.channels + c];
    return total + bias;
  });
}

/**
 * @typedef {{row: number, col: number, tapRow: number, tapCol: number}} Reach an output cell, and the tap through
 *   which it is fed
 *
 * Every output cell that a pixel of the image feeds, row by row; through padding that copies it, too. For a place on
 * the padding, the cells whose window covers it.
 *
 * @param {Model} model
 * @param {number} row in the image's coordinates
 * @param {number} col
 * @returns {Reach[]}
 */
export function reachOf(model, row, col) {
  const inside = isInside(model, row, col);
  const rows = axisReach(model, 0, row, inside);
  const cols = axisReach(model, 1, col, inside);
  return rows.flatMap((r) => cols.map((c) => ({ row: r.index, col: c.index, tapRow: r.tap, tapCol: c.tap })));
}

/**
 * @param {Model} model
 * @param {0 | 1} axis
 * @param {number} place
 * @param {boolean} copies whether padding that copies the place counts
 */
function axisReach(model, axis, place, copies) {
  const length = axis === 0 ? model.rows : model.cols;
  const outputs = axis === 0 ? model.outRows : model.outCols;
  const { boundary } = model.payload.header;
  /** @type {{index: number, tap: number}[]} */
  const reach = [];
  for (let index = 0; index < outputs; index++) {
    axisPositions(model, axis, index).forEach((position, tap) => {
      if (position === place || (copies && sourceOf(position, length, boundary) === place)) reach.push({ index, tap });
    });
  }
  return reach;
}

/**
 * The weights of one tap, a number for each channel, as they are applied.
 *
 * @param {Model} model
 * @param {number} feature
 * @param {number} tapRow
 * @param {number} tapCol
 * @returns {Float64Array}
 */
export function weightsAt(model, feature, tapRow, tapCol) {
  const start = weightStart(model, feature, tapRow, tapCol);
  return model.payload.bank.subarray(start, start + model.channels);
}

/**
 * Where the weights of a tap begin in the bank.
 *
 * @param {Model} model
 * @param {number} feature
 * @param {number} tapRow
 * @param {number} tapCol
 */
function weightStart({ kernelRows, kernelCols, channels, payload }, feature, tapRow, tapCol) {
  const row = payload.header.flip ? kernelRows - 1 - tapRow : tapRow;
  const col = payload.header.flip ? kernelCols - 1 - tapCol : tapCol;
  return ((feature * kernelRows + row) * kernelCols + col) * channels;
}

/**
 * Whether a place, in the image's coordinates, is a pixel of it and not of its padding, nor a zero in between.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 */
export function isInside(model, row, col) {
  return isReal(model, 0, row) && isReal(model, 1, col);
}

/**
 * Whether a place is one of the zeros that a transposed convolution sets between the cells.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 */
export function isBetween(model, row, col) {
  return row >= 0 && row < model.rows && col >= 0 && col < model.cols && !isInside(model, row, col);
}

/**
 * Whether a position along an axis is one of the image's own rows or columns.
 *
 * @param {Model} model
 * @param {0 | 1} axis
 * @param {number} position
 */
export function isReal({ rows, cols, stretch }, axis, position) {
  return position >= 0 && position < (axis === 0 ? rows : cols) && position % stretch[axis] === 0;
}

/**
 * @param {Model} model
 * @param {number} step in row-major order of the output cells
 */
export function cellOfStep(model, step) {
  return { row: Math.floor(step / model.outCols), col: step % model.outCols };
}

/**
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 */
export function stepOfCell(model, row, col) {
  return clamp(row, 0, model.outRows - 1) * model.outCols + clamp(col, 0, model.outCols - 1);
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * The names of the channels, short enough for a label.
 *
 * @param {Model} model
 * @returns {string[]}
 */
export function channelNames(model) {
  if (model.photo) return ["R", "G", "B"];
  if (model.channels === 1 && !model.signed) return ["grey"];
  return Array.from({ length: model.channels }, (_, c) => `c${c}`);
}
