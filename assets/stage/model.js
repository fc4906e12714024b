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
 * @property {number} rows of the image
 * @property {number} cols
 * @property {number} channels
 * @property {number} outRows
 * @property {number} outCols
 * @property {number} features
 * @property {number} kernelRows
 * @property {number} kernelCols
 * @property {number} steps cells of one map
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
  const { header, kernelShape } = payload;
  const [rows, cols, channels] = header.imageShape;
  const [outRows, outCols, features] = header.outputShape;
  const [kernelRows, kernelCols] = kernelShape;
  /** @type {Model} */
  const model = {
    payload, rows, cols, channels, outRows, outCols, features, kernelRows, kernelCols,
    steps: outRows * outCols,
    visitedRows: [], visitedCols: [], unreadRows: [], unreadCols: [],
  };
  model.visitedRows = visited(rows, outRows, (i) => axisPositions(model, 0, i), header.boundary);
  model.visitedCols = visited(cols, outCols, (i) => axisPositions(model, 1, i), header.boundary);
  model.unreadRows = falseRuns(model.visitedRows);
  model.unreadCols = falseRuns(model.visitedCols);
  return model;
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
 * The positions of a window's taps along one axis, in the image's own coordinates.
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
  const { rows, cols, channels, kernelRows, kernelCols, payload } = model;
  const { boundary } = payload.header;
  const rowPositions = axisPositions(model, 0, row);
  const colPositions = axisPositions(model, 1, col);
  const rowSources = rowPositions.map((p) => sourceOf(p, rows, boundary));
  const colSources = colPositions.map((p) => sourceOf(p, cols, boundary));
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
        patch[at] = r < 0 || q < 0 ? 0 : payload.image[(r * cols + q) * channels + c];
        weights[at] = weightsAt(model, feature, i, j)[c];
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
  const inside = row >= 0 && row < model.rows && col >= 0 && col < model.cols;
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
  const { kernelRows, kernelCols, channels, payload } = model;
  const row = payload.header.flip ? kernelRows - 1 - tapRow : tapRow;
  const col = payload.header.flip ? kernelCols - 1 - tapCol : tapCol;
  const start = ((feature * kernelRows + row) * kernelCols + col) * channels;
  return payload.bank.subarray(start, start + channels);
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
  if (model.channels === 3) return ["R", "G", "B"];
  if (model.channels === 1) return ["grey"];
  return Array.from({ length: model.channels }, (_, c) => `c${c}`);
}
