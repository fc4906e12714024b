/**
 * Numbers as people read them. Digits are only dropped behind the decimal point (from 1e15 on, behind that of the
 * exponent form), and never all of them: what is shown as 0 is 0, and 12,345.6 is not made into 12,350.
 */

const MINUS = "−";

/**
 * @param {number} value
 * @param {number} [digits] how many digits are wanted; whole numbers keep all of theirs
 * @returns {string}
 */
export function formatNumber(value, digits = 6) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  if (size >= 1e15 || size < 1e-4) {
    const [mantissa, exponent] = size.toExponential(Math.min(digits - 1, 3)).split("e");
    return `${sign}${trimZeros(mantissa)}e${exponent.replace("-", MINUS).replace("+", "")}`;
  }
  const wholeDigits = size >= 1 ? Math.floor(Math.log10(size)) + 1 : 0;
  const leadingZeros = size < 1 ? -Math.floor(Math.log10(size)) - 1 : 0;
  const decimals = Math.max(0, digits - wholeDigits + leadingZeros);
  // A number that has a fraction keeps one digit of it: 12345.6 in four digits is 12345.6, not 12346.
  const shown = trimZeros(size.toFixed(Number.isInteger(size) ? 0 : Math.min(15, Math.max(1, decimals))));
  return sign + shown;
}

/**
 * Whether `formatNumber` loses nothing that a person would call a digit. Sums such as 0.1 + 0.2 are off by the
 * last bit of a double; that is not a loss.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function isExact(value, digits = 6) {
  const shown = Number(formatNumber(value, digits).replaceAll(MINUS, "-"));
  return Math.abs(shown - value) <= 1e-12 * Math.max(Math.abs(value), 1e-300);
}

/**
 * A weight: as a decimal where that is short and exact, else as a fraction where it is one, else rounded.
 *
 * @param {number} weight
 * @returns {string}
 */
export function formatWeight(weight) {
  const decimal = formatNumber(weight, 3);
  const exact = isExact(weight, 3);
  if (exact && decimal.length <= 4) return decimal;
  for (let denominator = 3; denominator <= 256; denominator++) {
    const numerator = Math.round(weight * denominator);
    if (numerator !== 0 && Math.abs(numerator / denominator - weight) < 1e-12 && Math.abs(numerator) < 100) {
      const fraction = `${numerator < 0 ? MINUS : ""}${Math.abs(numerator)}/${denominator}`;
      return exact && decimal.length <= fraction.length ? decimal : fraction;
    }
  }
  return decimal;
}

/**
 * Whether `formatWeight` loses nothing.
 *
 * @param {number} weight
 */
export function isExactWeight(weight) {
  return isExact(weight, 3) || formatWeight(weight).includes("/");
}

/**
 * A number as a term of a sum: in brackets where a minus would follow a plus.
 *
 * @param {number} value
 * @param {number} index of the term
 */
export function formatTerm(value, index) {
  const text = formatNumber(value);
  return index > 0 && text.startsWith(MINUS) ? `(${text})` : text;
}

/** What stands before a result: whether all that is written on the line is exact.
 * @param {boolean} exact
 */
export function equals(exact) {
  return exact ? "=" : "≈";
}

/** @param {string} text */
function trimZeros(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
