/**
 * Where several convolutions of one picture are at the same time: at the same step, or at the same place of the
 * picture. A place is the middle of a window in the picture's coordinates; halves are between two pixels.
 */

/** @import { Model } from "./model.js" */

/**
 * @typedef {"step" | "place"} Together what all have in common
 *
 * @typedef {object} Axis the windows along rows or columns
 * @property {number} stride
 * @property {number} before the padding before the first pixel
 * @property {number} effective how many pixels a window spans
 * @property {number} out how many windows there are
 *
 * @typedef {[rows: Axis, cols: Axis]} Grid
 * @typedef {{row: number, col: number}} Cell
 *
 * @typedef {object} Stand where one of them is
 * @property {number} row
 * @property {number} col
 * @property {number} step of its own, in row-major order
 * @property {number} rowsOff how far the middle of its window lies below the common place, in pixels; 0 at the same step
 * @property {number} colsOff and how far to the right of it
 * @property {boolean} done whether it was through before, at the same step
 */

/**
 * @param {Model} model
 * @returns {Grid}
 */
export function gridOf(model) {
  const { stride, dilation, pads } = model.payload.header;
  const axis = (/** @type {0 | 1} */ i, /** @type {number} */ taps, /** @type {number} */ out) => ({
    stride: stride[i], before: pads[i][0], effective: dilation[i] * (taps - 1) + 1, out,
  });
  return [axis(0, model.kernelRows, model.outRows), axis(1, model.kernelCols, model.outCols)];
}

/**
 * The middle of a window along an axis.
 *
 * @param {Axis} axis
 * @param {number} index
 */
export function middle({ stride, before, effective }, index) {
  return index * stride - before + (effective - 1) / 2;
}

/**
 * The window whose middle is nearest; of two that are as near, the one before.
 *
 * @param {Axis} axis
 * @param {number} place
 */
export function nearest(axis, place) {
  const index = Math.ceil((place - middle(axis, 0)) / axis.stride - 0.5);
  return Math.min(Math.max(index, 0), axis.out - 1);
}

/** @param {Grid} grid */
export function stepsOf([rows, cols]) {
  return rows.out * cols.out;
}

/**
 * The one with the most windows, whose steps are those of the timeline; of several the first.
 *
 * @param {Grid[]} grids
 */
export function leaderOf(grids) {
  const steps = grids.map(stepsOf);
  return steps.indexOf(Math.max(...steps));
}

/**
 * Where all are when one of them is at a cell.
 *
 * @param {Grid[]} grids
 * @param {Together} together
 * @param {number} source
 * @param {Cell} cell
 * @returns {Stand[]}
 */
export function standsOf(grids, together, source, cell) {
  const [rows, cols] = grids[source];
  const step = cell.row * cols.out + cell.col;
  const [down, right] = [middle(rows, cell.row), middle(cols, cell.col)];
  return grids.map((grid) => (together === "step" ? atStep(grid, step) : atPlace(grid, down, right)));
}

/**
 * @param {Grid} grid
 * @param {number} step
 * @returns {Stand}
 */
function atStep(grid, step) {
  const last = stepsOf(grid) - 1;
  const own = Math.min(step, last);
  const across = grid[1].out;
  return { row: Math.floor(own / across), col: own % across, step: own, rowsOff: 0, colsOff: 0, done: step > last };
}

/**
 * @param {Grid} grid
 * @param {number} down
 * @param {number} right
 * @returns {Stand}
 */
function atPlace([rows, cols], down, right) {
  const [row, col] = [nearest(rows, down), nearest(cols, right)];
  return {
    row, col,
    step: row * cols.out + col,
    rowsOff: middle(rows, row) - down,
    colsOff: middle(cols, col) - right,
    done: false,
  };
}

/**
 * How many cells of its map each has filled in when the leader is at a step: as many as the farthest that it has come
 * to until then asks for, and all of them at the end, though no place of the leader's may be near to the last.
 *
 * @param {Grid[]} grids
 * @param {Together} together
 * @param {number} leader
 * @param {number} step of the leader
 * @returns {number[]}
 */
export function filledBy(grids, together, leader, step) {
  const [rows, cols] = grids[leader];
  const cell = { row: Math.floor(step / cols.out), col: step % cols.out };
  const now = standsOf(grids, together, leader, cell);
  if (step === rows.out * cols.out - 1) return grids.map(stepsOf);
  // With a coarser stride a row of its map goes with several rows of the leader's.
  const before = cell.row > 0 ? standsOf(grids, together, leader, { row: cell.row - 1, col: cols.out - 1 }) : now;
  return now.map((stand, i) => 1 + Math.max(stand.step, before[i].step));
}

/**
 * Whether each goes on to its next cell in the same row when the leader does: then its window can be seen to travel.
 *
 * @param {Grid[]} grids
 * @param {Together} together
 * @param {number} leader
 * @param {number} step of the leader
 * @returns {boolean[]}
 */
export function travelling(grids, together, leader, step) {
  const across = grids[leader][1].out;
  const cellOf = (/** @type {number} */ at) => ({ row: Math.floor(at / across), col: at % across });
  if (step + 1 >= stepsOf(grids[leader])) return grids.map(() => false);
  const now = standsOf(grids, together, leader, cellOf(step));
  const next = standsOf(grids, together, leader, cellOf(step + 1));
  return now.map((stand, i) => next[i].step === stand.step + 1);
}

/**
 * The windows along an axis that two have at the same places, as indices of the one and of the other.
 *
 * @param {Axis} one
 * @param {Axis} other
 * @returns {[number[], number[]]}
 */
export function shared(one, other) {
  /** @type {[number[], number[]]} */
  const pairs = [[], []];
  for (let index = 0; index < one.out; index++) {
    const place = middle(one, index);
    const match = nearest(other, place);
    if (middle(other, match) !== place) continue;
    pairs[0].push(index);
    pairs[1].push(match);
  }
  return pairs;
}
