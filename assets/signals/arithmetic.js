/**
 * One signal laid on another: the sums, their terms, and where everything stands. The same numbers as those of
 * `conv_engine.conv1d`, which tests hold them to.
 *
 * Convolution lays the second signal on the first one mirrored, y[n] = Σ f[k] · g[n − k]; cross-correlation as it is,
 * y[n] = Σ f[k] · g[k − n].
 *
 * @typedef {{start: number, samples: number[]}} Signal zero outside of its samples; the first is at place `start`
 * @typedef {"full" | "same" | "valid"} Mode
 * @typedef {object} Setting
 * @property {Signal} f that stays
 * @property {Signal} g that slides
 * @property {Mode} mode
 * @property {boolean} flip
 * @property {number | null} step Δt of the continuous view, null in the discrete one
 *
 * @typedef {object} Sums
 * @property {number} first place n of the first value that the mode keeps
 * @property {number[]} values that it keeps
 * @property {number} fullFirst place of the first value there is
 * @property {number[]} full all values there are
 *
 * @typedef {{k: number, a: number, b: number}} Term f[k] and what of g lies on it
 */

/**
 * Where g begins and ends when it is moved to n; both places are g's.
 *
 * @param {Setting} setting
 * @param {number} n
 */
export function spanAt({ g, flip }, n) {
  const first = flip ? n - g.start - (g.samples.length - 1) : n + g.start;
  return { first, last: first + g.samples.length - 1 };
}

/**
 * The sample of the moved g that lies on place k, undefined where there is none.
 *
 * @param {Setting} setting
 * @param {number} n
 * @param {number} k
 */
export function slidAt({ g, flip }, n, k) {
  return g.samples[(flip ? n - k : k - n) - g.start];
}

/**
 * What lies on each other when g is moved to n, from left to right.
 *
 * @param {Setting} setting
 * @param {number} n
 * @returns {Term[]}
 */
export function termsAt(setting, n) {
  const { f } = setting;
  const span = spanAt(setting, n);
  const first = Math.max(f.start, span.first);
  const last = Math.min(f.start + f.samples.length - 1, span.last);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const k = first + i;
    return { k, a: f.samples[k - f.start], b: /** @type {number} */ (slidAt(setting, n, k)) };
  });
}

/**
 * The value at n: the sum of all products, times Δt where it is an area.
 *
 * @param {Setting} setting
 * @param {number} n
 */
export function valueAt(setting, n) {
  const sum = termsAt(setting, n).reduce((total, { a, b }) => total + a * b, 0);
  return sum * (setting.step ?? 1);
}

/**
 * @param {Setting} setting
 * @returns {Sums}
 */
export function sumsOf(setting) {
  const { f, g, mode, flip } = setting;
  const [samples, taps] = [f.samples.length, g.samples.length];
  const fullFirst = f.start + (flip ? g.start : -g.start - (taps - 1));
  const full = Array.from({ length: samples + taps - 1 }, (_, i) => valueAt(setting, fullFirst + i));
  const [from, length] = {
    full: [0, samples + taps - 1],
    same: [Math.floor((taps - 1) / 2), samples],
    valid: [Math.min(samples, taps) - 1, Math.abs(samples - taps) + 1],
  }[mode];
  return { first: fullFirst + from, values: full.slice(from, from + length), fullFirst, full };
}

/**
 * Where on the axis a value of the output is drawn, in samples from place 0. In the continuous view sample k is a step
 * from k to k + 1, so that a mirrored g moved to n has its end, and its own time 0, at n + 1.
 *
 * @param {Setting} setting
 * @param {number} n
 */
export function outputAt({ flip, step }, n) {
  return step !== null && flip ? n + 1 : n;
}

/**
 * The lowest and the highest place that anything can have: of f, of g wherever it slides, and of the output.
 *
 * @param {Setting} setting
 */
export function extentOf(setting) {
  const { fullFirst, full } = sumsOf(setting);
  const last = fullFirst + full.length - 1;
  return {
    low: Math.min(setting.f.start, spanAt(setting, fullFirst).first, fullFirst),
    high: Math.max(setting.f.start + setting.f.samples.length - 1, spanAt(setting, last).last, outputAt(setting, last)),
  };
}

/**
 * The smallest and largest product at any place; both 0 where all are.
 *
 * @param {Setting} setting
 */
export function productRange(setting) {
  const { f, g } = setting;
  const range = { low: 0, high: 0 };
  for (const a of f.samples) {
    for (const b of g.samples) {
      range.low = Math.min(range.low, a * b);
      range.high = Math.max(range.high, a * b);
    }
  }
  return range;
}

/** The smallest and largest of some numbers and 0.
 * @param {number[]} values
 */
export function rangeOf(values) {
  return { low: Math.min(0, ...values), high: Math.max(0, ...values) };
}
