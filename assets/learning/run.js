/**
 * A recorded run of a kernel that learns, and what can be worked out from it: the map of any step is made here, from
 * the picture and the weights, as the engine makes it.
 *
 * @typedef {object} Run
 * @property {string[]} names of the hidden kernels
 * @property {string} secret another one where other kernels are hidden
 * @property {string} trouble on the rate, where the loss has grown; else nothing
 * @property {number} count K, the kernels
 * @property {number} steps S; the weights before the first step are those of step 0
 * @property {[rows: number, cols: number]} pictureShape
 * @property {[rows: number, cols: number]} kernelShape
 * @property {[rows: number, cols: number]} mapShape
 * @property {Float64Array} picture (H, W)
 * @property {Float64Array} hidden (K, kh, kw)
 * @property {Float64Array} wanted (K, oh, ow)
 * @property {Float64Array} weights (S + 1, K, kh, kw)
 * @property {Float64Array} losses (S + 1, K)
 *
 * @typedef {"mixes" | "compares" | "both"} Kind what a kernel does with a pixel and its neighbours
 */

import { formatNumber } from "../stage/numbers.js";
import { openMessage } from "../stage/payload.js";

/** @import { ArraySlot } from "../stage/payload.js" */

/** Weights that are this near look the same in two digits. */
export const NEAR = 0.005;

// A sum of weights that is so small against them is what rounding has left of 0.
const ROUNDING = 1e-12;

/** @type {[Kind, words: string, because: string, seen: string][]} */
export const KINDS = [
  ["mixes", "mixes neighbours", "no weight is below 0", "The wanted map is the picture again, only softer or moved."],
  ["compares", "compares them", "the weights sum to 0", "Where the picture is flat, the wanted map is 0."],
  ["both", "does both", "some weights are below 0, and their sum is not 0", "Flat areas keep a value in the wanted map, and edges stand out of them."],
];

/**
 * @param {Uint8Array} bytes as `ui/learning_player.py` writes them
 * @returns {Run}
 */
export function openRun(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The player was sent an image and no run.");
  const header = /** @type {{names: string[], secret: string, trouble: string, arrays: Record<string, ArraySlot>}} */ (
    /** @type {unknown} */ (message.header)
  );
  const arrays = /** @type {Record<"picture" | "hidden" | "wanted" | "weights" | "losses", Float64Array>} */ (
    /** @type {unknown} */ (message.arrays)
  );
  const pair = (/** @type {number[]} */ shape) => /** @type {[number, number]} */ (shape.slice(-2));
  const shapes = header.arrays;
  return {
    names: header.names,
    secret: header.secret,
    trouble: header.trouble,
    count: shapes.hidden.shape[0],
    steps: shapes.losses.shape[0] - 1,
    pictureShape: pair(shapes.picture.shape),
    kernelShape: pair(shapes.hidden.shape),
    mapShape: pair(shapes.wanted.shape),
    ...arrays,
  };
}

/**
 * The learner's weights.
 *
 * @param {Run} run
 * @param {number} step
 * @param {number} kernel
 */
export function learntAt({ weights, count, kernelShape: [rows, cols] }, step, kernel) {
  return part(weights, step * count + kernel, rows * cols);
}

/**
 * @param {Run} run
 * @param {number} kernel
 */
export function hiddenOf({ hidden, kernelShape: [rows, cols] }, kernel) {
  return part(hidden, kernel, rows * cols);
}

/**
 * @param {Run} run
 * @param {number} kernel
 */
export function wantedOf({ wanted, mapShape: [rows, cols] }, kernel) {
  return part(wanted, kernel, rows * cols);
}

/**
 * @param {Run} run
 * @param {number} step
 * @param {number} kernel
 */
export function lossAt({ losses, count }, step, kernel) {
  return losses[step * count + kernel];
}

/**
 * The map that a kernel makes of the picture: no padding, stride 1, not flipped.
 *
 * @param {Run} run
 * @param {ArrayLike<number>} kernel
 * @returns {Float64Array} (oh, ow)
 */
export function mapOf({ picture, pictureShape, kernelShape: [high, wide], mapShape: [rows, cols] }, kernel) {
  const map = new Float64Array(rows * cols);
  const across = pictureShape[1];
  for (let tap = 0; tap < high * wide; tap++) {
    const weight = kernel[tap];
    let from = Math.floor(tap / wide) * across + (tap % wide);
    for (let row = 0, at = 0; row < rows; row++, from += across) {
      for (let col = 0; col < cols; col++, at++) map[at] += weight * picture[from + col];
    }
  }
  return map;
}

/**
 * @param {ArrayLike<number>} left
 * @param {ArrayLike<number>} right
 */
export function minus(left, right) {
  return Float64Array.from(left, (value, i) => value - right[i]);
}

/** @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/**
 * @param {ArrayLike<number>} kernel
 * @returns {Kind}
 */
export function kindOf(kernel) {
  const weights = Array.from(kernel);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const size = weights.reduce((total, weight) => total + Math.abs(weight), 0);
  if (Math.abs(sum) <= ROUNDING * size) return "compares";
  return weights.every((weight) => weight >= 0) ? "mixes" : "both";
}

/**
 * What stands in a weight's cell: a number that is not 0 is never written as 0.
 *
 * @param {number} value
 * @param {number} [digits] behind the decimal point
 * @param {boolean} [brief] whether to leave out the 0 before it, as there is room for four signs only
 */
export function cellNumber(value, digits = 2, brief = false) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size >= 1000) return sign + size.toExponential(brief ? 0 : 1).replace("+", "");
  const shown = size.toFixed(digits);
  if (Number(shown) === 0) return "≈0";
  return sign + (brief ? shown.replace(/^0\./, ".") : shown);
}

/**
 * How many digits fit behind the point where a cell has room for four signs, minus and point among them.
 *
 * @param {number} limit the largest magnitude
 */
export function briefDigits(limit) {
  if (limit < 1) return 2;
  return limit < 10 ? 1 : 0;
}

/**
 * The step in words: for the eyes and for the ears.
 *
 * @param {Run} run
 * @param {number} step
 * @param {number} kernel
 */
export function readoutOf(run, step, kernel) {
  const apart = largest(minus(learntAt(run, step, kernel), hiddenOf(run, kernel)));
  const which = run.count > 1 ? `Kernel ${kernel + 1}, step` : "Step";
  const head = `${which} ${step} of ${run.steps}: loss ${shortNumber(lossAt(run, step, kernel))}, largest weight error ${shortNumber(apart)}.`;
  if (step === run.steps && run.trouble) return `${head} ${run.trouble}`;
  return apart < NEAR ? `${head} All weights equal the hidden ones to two digits.` : head;
}

/** @param {number} value */
function shortNumber(value) {
  return value >= 1e4 ? value.toExponential(1).replace("+", "") : formatNumber(value, 3);
}

/**
 * What came of a guess.
 *
 * @param {Kind | null} guess
 * @param {ArrayLike<number>} kernel
 * @param {string} name
 */
export function verdict(guess, kernel, name) {
  const kind = kindOf(kernel);
  const [, words, because, seen] = KINDS[KINDS.findIndex(([key]) => key === kind)];
  const it = `It is ${name}. It ${words === "compares them" ? "compares neighbours" : words}: ${because}.`;
  if (guess === null) return it;
  return guess === kind ? `${it} You guessed that.` : `${it} You guessed otherwise. ${seen}`;
}

/**
 * @param {Float64Array} array
 * @param {number} index
 * @param {number} size
 */
function part(array, index, size) {
  return array.subarray(index * size, (index + 1) * size);
}
