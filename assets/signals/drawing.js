/** The plots as SVG, made of numbers alone: `marks` in, text out. Nothing here knows of a screen. */

import { formatNumber } from "../stage/numbers.js";
import { extentOf, outputAt, productRange, rangeOf, slidAt, spanAt, sumsOf, termsAt } from "./arithmetic.js";

/** @import { Setting, Signal, Sums } from "./arithmetic.js" */

/**
 * @typedef {{low: number, high: number}} Range
 * @typedef {object} Frame of one plot, in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} unit pixels of one place
 * @property {number} low the place at the left end
 * @property {number} high the place at the right end
 * @property {Range} range of the values
 */

export const LEFT = 58;
export const RIGHT = 14;
const TOP = 12;
const BOTTOM = 26;
const SHORT_BOTTOM = 10;
const LABEL = 15;
// Labels of the axis stand no closer than this.
const APART = 46;
const NUMBERED = 44;

/** The bottom of a plot with, or without, labels of the axis.
 * @param {boolean} labelled
 */
function bottomOf(labelled) {
  return labelled ? BOTTOM : SHORT_BOTTOM;
}

/**
 * @param {Setting} setting
 * @param {number} width
 * @param {number} height
 * @param {Range} range
 * @returns {Frame}
 */
export function frameOf(setting, width, height, range) {
  const { low, high } = extentOf(setting);
  return { width, height, low, high, range, unit: Math.max(0.5, (width - LEFT - RIGHT) / (high - low + 1)) };
}

/** The left end of a place's cell.
 * @param {Frame} frame
 * @param {number} place
 */
export function edgeX(frame, place) {
  return LEFT + (place - frame.low) * frame.unit;
}

/** The middle of a place's cell.
 * @param {Frame} frame
 * @param {number} place
 */
export function middleX(frame, place) {
  return edgeX(frame, place + 0.5);
}

/**
 * @param {Frame} frame
 * @param {number} value
 * @param {boolean} labelled
 */
export function valueY({ height, range: { low, high } }, value, labelled) {
  const span = high - low || 1;
  return TOP + ((high - value) / span) * (height - TOP - bottomOf(labelled));
}

/** The value at a height, the other way round.
 * @param {Frame} frame
 * @param {number} y
 * @param {boolean} labelled
 */
export function valueOfY({ height, range: { low, high } }, y, labelled) {
  return high - ((y - TOP) / (height - TOP - bottomOf(labelled))) * (high - low);
}

/** The steps between labels: 1, 2 or 5, times a power of ten.
 * @param {number} least
 */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const found = [1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10;
  return found * power;
}

/**
 * The zero line, the scale at the left, and the labels below.
 *
 * @param {Frame} frame
 * @param {number | null} step
 * @param {boolean} labelled
 */
function axes(frame, step, labelled) {
  const { width, range, unit, low, high } = frame;
  const zero = valueY(frame, 0, labelled);
  let text = line("axis", LEFT - 4, zero, width - RIGHT, zero);
  for (const value of new Set([range.low, 0, range.high])) {
    const y = valueY(frame, value, labelled);
    // A label upon that of zero would be read as neither.
    if (value !== 0 && Math.abs(y - zero) < LABEL) continue;
    text += `<text class="tick" x="${LEFT - 9}" y="${fixed(y + 5)}" text-anchor="end">${formatNumber(value, 3)}</text>`;
    if (value !== 0) text += line("grid", LEFT - 4, y, width - RIGHT, y);
  }
  if (!labelled) return text;
  const size = step ?? 1;
  // Between whole places there is nothing in the discrete view.
  const least = (APART / unit) * size;
  const every = niceStep(step === null ? Math.max(1, least) : least);
  for (let i = Math.ceil((low * size) / every - 1e-9); i * every <= (high + (step === null ? 0 : 1)) * size + 1e-9; i++) {
    const at = (i * every) / size;
    const x = step === null ? middleX(frame, at) : edgeX(frame, at);
    text += line("notch", x, frame.height - BOTTOM, x, frame.height - BOTTOM + 5);
    text += `<text class="tick" x="${fixed(x)}" y="${frame.height - 5}" text-anchor="middle">${formatNumber(i * every)}</text>`;
  }
  return text;
}

/**
 * A signal as stems, or as steps of the continuous view.
 *
 * @param {Frame} frame
 * @param {string} kind its class
 * @param {number} first
 * @param {number[]} samples
 * @param {{step: number | null, labelled: boolean, shift?: number, square?: boolean}} how
 */
function run(frame, kind, first, samples, { step, labelled, shift = 0, square = false }) {
  const zero = valueY(frame, 0, labelled);
  if (step !== null) {
    let path = `M${fixed(edgeX(frame, first))} ${fixed(zero)}`;
    samples.forEach((value, i) => {
      const y = fixed(valueY(frame, value, labelled));
      path += `L${fixed(edgeX(frame, first + i))} ${y}L${fixed(edgeX(frame, first + i + 1))} ${y}`;
    });
    path += `L${fixed(edgeX(frame, first + samples.length))} ${fixed(zero)}`;
    return `<path class="${kind} area" d="${path}Z"/><path class="${kind} outline" d="${path}"/>`;
  }
  const size = Math.max(2.5, Math.min(6, frame.unit * 0.22));
  return samples.map((value, i) => {
    const x = middleX(frame, first + i) + shift * Math.min(frame.unit, 40);
    const y = valueY(frame, value, labelled);
    const head = square
      ? `<rect class="${kind} head" x="${fixed(x - size)}" y="${fixed(y - size)}" width="${fixed(2 * size)}" height="${fixed(2 * size)}"/>`
      : `<circle class="${kind} head" cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(size)}"/>`;
    return line(`${kind} stem`, x, zero, x, y) + head;
  }).join("");
}

/**
 * f, and g as it lies on it at n.
 *
 * @param {Setting} setting
 * @param {number} n
 * @param {number} width
 * @param {number} height
 */
export function signalsPlot(setting, n, width, height) {
  const frame = signalsFrame(setting, width, height);
  const { f, step } = setting;
  const span = spanAt(setting, n);
  const slid = [];
  for (let k = span.first; k <= span.last; k++) slid.push(/** @type {number} */ (slidAt(setting, n, k)));
  const how = { step, labelled: true };
  return axes(frame, step, true)
    + run(frame, "f", f.start, f.samples, { ...how, shift: -0.16 })
    + run(frame, "g", span.first, slid, { ...how, shift: 0.16, square: true });
}

/**
 * @param {Setting} setting
 * @param {number} width
 * @param {number} height
 */
export function signalsFrame(setting, width, height) {
  return frameOf(setting, width, height, rangeOf([...setting.f.samples, ...setting.g.samples]));
}

/**
 * The products, whose sum or area is the value.
 *
 * @param {Setting} setting
 * @param {number} n
 * @param {number} width
 * @param {number} height
 */
export function productPlot(setting, n, width, height) {
  const frame = frameOf(setting, width, height, productRange(setting));
  const { step } = setting;
  const terms = termsAt(setting, n);
  const zero = valueY(frame, 0, false);
  let text = axes(frame, step, false);
  if (terms.length > 0 && step !== null) {
    text += run(frame, "product", terms[0].k, terms.map(({ a, b }) => a * b), { step, labelled: false });
  } else {
    for (const { k, a, b } of terms) {
      const y = valueY(frame, a * b, false);
      const half = Math.max(1, Math.min(20, frame.unit * 0.36));
      const x = middleX(frame, k);
      text += `<rect class="product bar" x="${fixed(x - half)}" y="${fixed(Math.min(y, zero))}" width="${fixed(2 * half)}" height="${fixed(Math.abs(y - zero))}"/>`;
      if (frame.unit >= NUMBERED && a * b !== 0) {
        // Inside of a tall bar's end, above a flat one.
        const above = a * b > 0 ? Math.max(y - 4, 13) : Math.min(y + 15, height - 2);
        text += `<text class="value" x="${fixed(x)}" y="${fixed(above)}" text-anchor="middle">${formatNumber(a * b, 3)}</text>`;
      }
    }
  }
  return text;
}

/**
 * The output as far as it has come.
 *
 * @param {Setting} setting
 * @param {number} n
 * @param {number} width
 * @param {number} height
 * @param {boolean} reveal whether what is to come is shown, faintly
 */
export function outputPlot(setting, n, width, height, reveal) {
  const sums = sumsOf(setting);
  const frame = outputFrame(setting, sums, width, height);
  const { step } = setting;
  const zero = valueY(frame, 0, true);
  const x = (/** @type {number} */ place) => outputX(setting, frame, place);
  const points = sums.values.map((value, i) => ({ n: sums.first + i, x: x(sums.first + i), y: valueY(frame, value, true) }));
  const done = points.filter((point) => point.n <= n);
  const rest = points.filter((point) => point.n > n);
  let text = axes(frame, step, true);
  if (step === null) {
    const size = Math.max(2.5, Math.min(6, frame.unit * 0.22));
    const stems = (/** @type {string} */ kind, /** @type {typeof points} */ some) => some.map((point) =>
      `${line(`${kind} stem`, point.x, zero, point.x, point.y)}<circle class="${kind} head" cx="${fixed(point.x)}" cy="${fixed(point.y)}" r="${fixed(size)}"/>`).join("");
    text += (reveal ? stems("y faint", rest) : "") + stems("y", done);
  } else {
    // Between its places the area grows evenly, for the signals are made of steps.
    const path = (/** @type {{x: number, y: number}[]} */ some) => some.map(({ x, y }, i) => `${i ? "L" : "M"}${fixed(x)} ${fixed(y)}`).join("");
    const whole = sums.values.length === sums.full.length;
    const from = whole ? [{ x: x(sums.first - 1), y: zero }] : [];
    const to = whole ? [{ x: x(sums.first + sums.values.length), y: zero }] : [];
    const here = done.at(-1);
    if (here) text += `<path class="y area" d="${path([{ x: (from[0] ?? done[0]).x, y: zero }, ...from, ...done, { x: here.x, y: zero }])}Z"/>`;
    if (reveal && rest.length > 0) text += `<path class="y outline faint" d="${path([...(here ? [here] : []), ...rest, ...to])}"/>`;
    text += `<path class="y outline" d="${path([...from, ...done])}"/>`;
  }
  const here = done.at(-1);
  if (here) {
    text += line("now", here.x, TOP, here.x, height - BOTTOM);
    text += `<circle class="marker" cx="${fixed(here.x)}" cy="${fixed(here.y)}" r="8"/>`;
  }
  return text;
}

/**
 * @param {Setting} setting
 * @param {Sums} sums
 * @param {number} width
 * @param {number} height
 */
function outputFrame(setting, sums, width, height) {
  return frameOf(setting, width, height, rangeOf(sums.full));
}

/**
 * @param {Setting} setting
 * @param {Frame} frame
 * @param {number} n
 */
function outputX(setting, frame, n) {
  const at = outputAt(setting, n);
  return setting.step === null ? middleX(frame, at) : edgeX(frame, at);
}

/**
 * The place n whose value is drawn nearest to x.
 *
 * @param {Setting} setting
 * @param {number} width
 * @param {number} x
 */
export function placeOfX(setting, width, x) {
  const frame = frameOf(setting, width, 0, { low: 0, high: 1 });
  const at = (x - LEFT) / frame.unit + frame.low;
  return setting.step === null ? Math.floor(at) : Math.round(at) - (setting.flip ? 1 : 0);
}

// --- A signal by itself, to be drawn ------------------------------------------------------------------

/**
 * @param {Signal} signal
 * @param {number} width
 * @param {number} height
 * @param {Range} range
 * @returns {Frame}
 */
export function editorFrame(signal, width, height, range) {
  const [low, high] = [signal.start, signal.start + signal.samples.length - 1];
  return { width, height, low, high, range, unit: Math.max(0.5, (width - LEFT - RIGHT) / (high - low + 1)) };
}

/** How far one can draw: beyond the largest magnitude, and below zero.
 * @param {number[]} samples
 * @returns {Range}
 */
export function editorRange(samples) {
  const size = Math.max(...samples.map(Math.abs)) || 1;
  const part = niceStep((size * 1.1) / 5);
  const high = Math.ceil((size * 1.1) / part) * part;
  return { low: Math.min(...samples) < 0 ? -high : -high / 2, high };
}

/**
 * @param {Signal} signal
 * @param {"f" | "g"} name
 * @param {number | null} step
 * @param {number} chosen sample, -1 for none
 * @param {number} width
 * @param {number} height
 * @param {Range} range
 */
export function editorPlot(signal, name, step, chosen, width, height, range) {
  const frame = editorFrame(signal, width, height, range);
  let text = axes(frame, step, true);
  if (chosen >= 0) {
    text += `<rect class="chosen" x="${fixed(edgeX(frame, signal.start + chosen))}" y="2" width="${fixed(frame.unit)}" height="${fixed(height - BOTTOM)}"/>`;
  }
  return text + run(frame, name, signal.start, signal.samples, { step, labelled: true, square: name === "g" });
}

/**
 * The sample under a point, and the value at its height, rounded as a hand can draw.
 *
 * @param {Signal} signal
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 */
export function drawnAt(signal, frame, x, y) {
  const index = Math.floor((x - LEFT) / frame.unit);
  return {
    index: Math.min(Math.max(index, 0), signal.samples.length - 1),
    value: snapped(valueOfY(frame, y, true), frame.range),
  };
}

/** A fortieth of the height, as a round number: what a key changes, and a hand can draw.
 * @param {Range} range
 */
export function nudgeOf({ high }) {
  return niceStep(high / 40);
}

/**
 * @param {number} value
 * @param {Range} range
 */
export function snapped(value, range) {
  const nudge = nudgeOf(range);
  const within = Math.min(Math.max(value, range.low), range.high);
  // As it is written: 3 · 0.1 is not 0.3.
  return Number((Math.round(within / nudge) * nudge).toPrecision(6));
}

/**
 * @param {string} kind
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(kind, x1, y1, x2, y2) {
  return `<line class="${kind}" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;
}

/** @param {number} value */
function fixed(value) {
  return value.toFixed(1);
}
