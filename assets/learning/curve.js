/** The curve of the loss on a scale of powers of ten: where each point stands, and what is written beside it. */

/** @import { Run } from "./run.js" */

/**
 * @typedef {object} Curve
 * @property {(step: number) => number} x
 * @property {(loss: number) => number} y a loss of 0, which has no logarithm, stands at the bottom
 * @property {(x: number) => number} stepAt the nearest step
 * @property {string[]} paths one for each kernel, for `d` of an SVG path
 * @property {[y: number, label: string][]} powers
 * @property {[x: number, label: string][]} marks of the steps
 *
 * @typedef {{left: number, right: number, top: number, bottom: number}} Frame in units of the drawing
 */

import { lossAt } from "./run.js";

const MOST_POWERS = 5;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {Run} run
 * @param {Frame} frame
 * @returns {Curve}
 */
export function curveOf(run, { left, right, top, bottom }) {
  const positive = run.losses.filter((loss) => loss > 0 && Number.isFinite(loss));
  const logs = positive.length ? positive.map(Math.log10) : Float64Array.of(0);
  const low = Math.floor(logs.reduce((least, log) => Math.min(least, log), Infinity));
  const high = Math.max(Math.ceil(logs.reduce((most, log) => Math.max(most, log), -Infinity)), low + 1);
  const x = (/** @type {number} */ step) => left + ((right - left) * step) / run.steps;
  const y = (/** @type {number} */ loss) => {
    const log = loss > 0 ? Math.min(Math.log10(loss), high) : low;
    return bottom - ((bottom - top) * (log - low)) / (high - low);
  };
  const paths = Array.from({ length: run.count }, (_, kernel) => {
    const points = Array.from({ length: run.steps + 1 }, (_, step) => `${x(step).toFixed(1)} ${y(lossAt(run, step, kernel)).toFixed(1)}`);
    return `M${points.join("L")}`;
  });
  const every = Math.ceil((high - low) / (MOST_POWERS - 1));
  const powers = [];
  for (let power = high; power >= low; power -= every) powers.push(/** @type {[number, string]} */ ([y(10 ** power), powerOfTen(power)]));
  const steps = [...new Set([0, Math.round(run.steps / 2), run.steps])];
  return {
    x, y, paths, powers,
    stepAt: (at) => Math.min(run.steps, Math.max(0, Math.round(((at - left) / (right - left)) * run.steps))),
    marks: steps.map((step) => [x(step), `${step}`]),
  };
}

/** @param {number} power a whole number */
export function powerOfTen(power) {
  if (power >= -2 && power <= 3) return String(10 ** power);
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}
