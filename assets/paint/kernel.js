/**
 * What can be done with the weights of one kernel. A kernel is a value: each function makes a new one.
 *
 * @typedef {object} Kernel
 * @property {number} rows
 * @property {number} cols
 * @property {number} slices 1 where all channels share the weights, else 3
 * @property {Float64Array} weights (rows, cols, slices)
 *
 * @typedef {"raise" | "lower" | "erase"} Mode
 * @typedef {{mode: Mode, step: number, slice: number | null}} Brush slice: null for all of them
 * @typedef {{row: number, col: number}} Cell
 * @typedef {Cell & {slice: number, delta: number}} Change of one weight
 * @typedef {{kernel: Kernel, said: string}} Outcome a kernel, and in words what was done
 */

import { formatNumber } from "../stage/numbers.js";

/** As in `ui/weights.py`. */
export const LARGEST_WEIGHT = 1e6;

// A sum that is so small against its terms is what rounding has left of 0.
const ROUNDING = 1e-12;

// So many digits of a sum of decimals are true, and enough that fractions such as 1/9 keep theirs.
const SUM_DIGITS = 15;

// As far as `ui/weights.py` writes weights as fractions.
const LARGEST_DENOMINATOR = 1000;

/**
 * A number without what binary fractions add to it: 0.1 + 0.2 is 0.3.
 *
 * @param {number} value
 * @param {number} [digits] that stay
 */
export function tidy(value, digits = 12) {
  // Adding 0 makes 0 of −0.
  return Number(value.toPrecision(digits)) + 0;
}

/**
 * The short decimal or the fraction that a quotient is on paper, where it is one to the last bits: 0.1 / 0.9 is 1/9.
 *
 * @param {number} value
 */
export function plain(value) {
  const near = (/** @type {number} */ other) => Math.abs(other - value) <= 1e-15 * Math.abs(value);
  if (near(tidy(value))) return tidy(value);
  for (let denominator = 3; denominator <= LARGEST_DENOMINATOR; denominator++) {
    const fraction = Math.round(value * denominator) / denominator;
    if (near(fraction)) return fraction;
  }
  return value;
}

/**
 * @param {Kernel} kernel
 * @param {number} row
 * @param {number} col
 * @param {number} slice
 */
export function indexOf({ cols, slices }, row, col, slice) {
  return (row * cols + col) * slices + slice;
}

/**
 * One touch of the brush.
 *
 * @param {Kernel} kernel
 * @param {Cell} cell
 * @param {Brush} brush
 * @returns {{kernel: Kernel, changes: Change[]}}
 */
export function dabbed(kernel, { row, col }, { mode, step, slice: only }) {
  const weights = kernel.weights.slice();
  const changes = [];
  for (let slice = 0; slice < kernel.slices; slice++) {
    if (only !== null && only !== slice) continue;
    const at = indexOf(kernel, row, col, slice);
    const before = weights[at];
    weights[at] = stepped(before, mode, step);
    if (weights[at] !== before) changes.push({ row, col, slice, delta: weights[at] - before });
  }
  return { kernel: { ...kernel, weights }, changes };
}

/**
 * @param {number} weight
 * @param {Mode} mode
 * @param {number} step
 */
function stepped(weight, mode, step) {
  if (mode === "erase") return 0;
  const moved = tidy(mode === "raise" ? weight + step : weight - step);
  if (Math.abs(moved) < 1e-9 * step) return 0;
  return Math.min(LARGEST_WEIGHT, Math.max(-LARGEST_WEIGHT, moved));
}

/**
 * The mode of a stroke: Shift and the second button turn raising into lowering, and back.
 *
 * @param {Mode} mode
 * @param {boolean} other
 * @returns {Mode}
 */
export function modeOf(mode, other) {
  if (mode === "erase" || !other) return mode;
  return mode === "raise" ? "lower" : "raise";
}

/**
 * A kernel of so many rows and columns, each of whose cells is one of another kernel's, or 0.
 *
 * @param {Kernel} kernel
 * @param {number} rows
 * @param {number} cols
 * @param {(row: number, col: number) => Cell} from
 * @returns {Kernel}
 */
function moved(kernel, rows, cols, from) {
  const { slices } = kernel;
  const weights = new Float64Array(rows * cols * slices);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const cell = from(row, col);
      const inside = cell.row >= 0 && cell.row < kernel.rows && cell.col >= 0 && cell.col < kernel.cols;
      const start = indexOf(kernel, cell.row, cell.col, 0);
      for (let slice = 0; slice < slices; slice++) weights[at++] = inside ? kernel.weights[start + slice] : 0;
    }
  }
  return { rows, cols, slices, weights };
}

/**
 * Left becomes right.
 *
 * @param {Kernel} kernel
 */
export function mirrored(kernel) {
  return moved(kernel, kernel.rows, kernel.cols, (row, col) => ({ row, col: kernel.cols - 1 - col }));
}

/**
 * Top becomes bottom.
 *
 * @param {Kernel} kernel
 */
export function flipped(kernel) {
  return moved(kernel, kernel.rows, kernel.cols, (row, col) => ({ row: kernel.rows - 1 - row, col }));
}

/**
 * A quarter turn clockwise: what was at the top is at the right. Rows and columns change places.
 *
 * @param {Kernel} kernel
 */
export function turned(kernel) {
  return moved(kernel, kernel.cols, kernel.rows, (row, col) => ({ row: kernel.rows - 1 - col, col: row }));
}

/**
 * All weights moved by so many rows and columns; what comes in at the border is 0, what goes out is lost.
 *
 * @param {Kernel} kernel
 * @param {number} rows downwards
 * @param {number} cols to the right
 */
export function shifted(kernel, rows, cols) {
  return moved(kernel, kernel.rows, kernel.cols, (row, col) => ({ row: row - rows, col: col - cols }));
}

/**
 * @param {Kernel} kernel
 * @returns {Kernel}
 */
export function cleared(kernel) {
  return { ...kernel, weights: new Float64Array(kernel.weights.length) };
}

/**
 * Divided so that all weights together make 1; where their sum is 0, so that their magnitudes do.
 *
 * @param {Kernel} kernel
 * @returns {Outcome}
 */
export function normalised(kernel) {
  const size = kernel.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  if (size === 0) return { kernel, said: "All weights are 0: there is nothing to normalise." };
  const sum = sumOf(kernel);
  const divisor = sum === 0 ? size : sum;
  const weights = kernel.weights.map((weight) => plain(weight / divisor + 0));
  if (weights.some((weight) => !(Math.abs(weight) <= LARGEST_WEIGHT))) {
    return { kernel, said: `The sum ${formatNumber(sum)} is too small to divide by: weights would pass a million.` };
  }
  const said = sum === 0
    ? `The weights sum to 0, so they were divided by Σ|w| = ${formatNumber(size)}: their magnitudes now sum to 1.`
    : `Divided by ${formatNumber(sum)}: the weights now sum to 1.`;
  return { kernel: { ...kernel, weights }, said };
}

/**
 * The mean taken off, in each slice for itself, so that flat areas of any colour become 0.
 *
 * @param {Kernel} kernel
 * @returns {Outcome}
 */
export function zeroSummed(kernel) {
  const { slices } = kernel;
  const weights = kernel.weights.slice();
  const count = kernel.rows * kernel.cols;
  const means = [];
  for (let slice = 0; slice < slices; slice++) {
    const sum = sumOf(kernel, slice);
    for (let i = slice; i < weights.length; i += slices) {
      // One division, at the end: a mean such as 1/9 leaves 8/9, to the last bit.
      const scaled = weights[i] * count - sum;
      const rounding = ROUNDING * (Math.abs(weights[i]) * count + Math.abs(sum));
      weights[i] = Math.abs(scaled) <= rounding ? 0 : plain(tidy(scaled, SUM_DIGITS) / count);
    }
    means.push(formatNumber(sum / count));
  }
  if (weights.some((weight) => Math.abs(weight) > LARGEST_WEIGHT)) {
    return { kernel, said: "Without their mean some weights would pass a million: nothing was changed." };
  }
  const whose = slices === 1 ? `The mean ${means[0]} was` : `The means ${means.join(", ")} of R, G, B were`;
  return { kernel: { ...kernel, weights }, said: `${whose} taken off: flat areas become 0.` };
}

/**
 * The sum of all weights, or of one slice; 0 where rounding alone has left something of it.
 *
 * @param {Kernel} kernel
 * @param {number | null} [slice]
 */
export function sumOf({ weights, slices }, slice = null) {
  let sum = 0;
  let size = 0;
  for (let i = slice ?? 0; i < weights.length; i += slice === null ? 1 : slices) {
    sum += weights[i];
    size += Math.abs(weights[i]);
  }
  return Math.abs(sum) <= ROUNDING * size ? 0 : tidy(sum, SUM_DIGITS);
}

/**
 * The greatest magnitude of the weights, where their colours end.
 *
 * @param {Kernel} kernel
 */
export function limitOf({ weights }) {
  return weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
}

/**
 * @param {Kernel} one
 * @param {Kernel} other
 */
export function sameShape(one, other) {
  return one.rows === other.rows && one.cols === other.cols && one.slices === other.slices;
}

/**
 * @param {Kernel} one
 * @param {Kernel} other
 */
export function sameKernel(one, other) {
  return sameShape(one, other) && one.weights.every((weight, i) => weight === other.weights[i]);
}
