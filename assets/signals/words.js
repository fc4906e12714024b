/** What the picture says, in words and numbers. */

import { equals, formatNumber, formatWeight, isExact, isExactWeight } from "../stage/numbers.js";
import { outputAt, termsAt, valueAt } from "./arithmetic.js";

/** @import { Setting, Term } from "./arithmetic.js" */

// So many products are still read as a sum.
const MOST_TERMS = 8;
const SHOWN_ENDS = 3;

/**
 * Where the second signal is, such as "n = 7" or "t = 1.5".
 *
 * @param {Setting} setting
 * @param {number} n
 */
export function placeText(setting, n) {
  return setting.step === null ? `n = ${formatNumber(n)}` : `t = ${formatNumber(outputAt(setting, n) * setting.step)}`;
}

/**
 * The sum that is the value at n, with its numbers: "y[3] = 1·2 + 3·0.5 = 3.5".
 *
 * @param {Setting} setting
 * @param {number} n
 */
export function sumText(setting, n) {
  const { step } = setting;
  const terms = termsAt(setting, n);
  const value = valueAt(setting, n);
  const name = step === null ? `y[${formatNumber(n)}]` : `y(${formatNumber(outputAt(setting, n) * step)})`;
  if (terms.length === 0) return `${name} = 0: nothing lies on each other`;
  const all = terms.length <= MOST_TERMS;
  const written = all ? terms : [...terms.slice(0, SHOWN_ENDS), ...terms.slice(-1)];
  const exact = written.every(({ a, b }) => isExactWeight(a) && isExactWeight(b));
  const parts = written.map(product);
  if (!all) parts.splice(SHOWN_ENDS, 0, "…");
  const sum = parts.join(" + ");
  const count = all ? "" : ` (${terms.length} products)`;
  const area = step === null ? sum : `${formatNumber(step)} · (${sum})`;
  const result = formatNumber(value);
  const fraction = formatWeight(value);
  const better = fraction.includes("/") && !isExact(value);
  const sign = equals(exact && (better || isExact(value)));
  return `${name} = ${area}${count} ${sign} ${better ? `${fraction} ≈ ${result}` : result}`;
}

/**
 * @param {Term} term
 * @param {number} index
 */
function product({ a, b }, index) {
  const [first, second] = [formatWeight(a), formatWeight(b)];
  const left = first.startsWith("−") && index > 0 ? `(${first})` : first;
  return `${left}·${second.startsWith("−") ? `(${second})` : second}`;
}

/**
 * What a sample is, for who chooses it with the keys.
 *
 * @param {string} name
 * @param {{start: number, samples: number[]}} signal
 * @param {number} index
 */
export function sampleText(name, signal, index) {
  return `${name}[${formatNumber(signal.start + index)}] = ${formatWeight(signal.samples[index])}`;
}
