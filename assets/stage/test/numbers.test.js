import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNumber, formatWeight, isExact } from "../numbers.js";
import { forAll, readNumber } from "./helpers.js";

/** @import { Random } from "./helpers.js" */

/**
 * Any number from the smallest to the largest of these powers of ten, of either sign.
 *
 * @param {Random} random
 * @param {number} low
 * @param {number} high
 */
function anyNumber(random, low, high) {
  return random.pick([-1, 1]) * random.real(1, 10) * 10 ** random.integer(low, high);
}

test("only zero is shown as 0", () => {
  assert.equal(formatNumber(0), "0");
  assert.equal(formatNumber(-0), "0");
  forAll(
    1,
    5000,
    (random) => ({ value: anyNumber(random, -300, 300), digits: random.integer(1, 8) }),
    ({ value, digits }) => {
      assert.notEqual(readNumber(formatNumber(value, digits)), 0);
    },
  );
  assert.notEqual(readNumber(formatNumber(Number.MIN_VALUE)), 0);
});

test("a number reads back with its sign, and within its digits", () => {
  forAll(
    2,
    5000,
    (random) => ({ value: anyNumber(random, -4, 14), digits: random.integer(1, 8) }),
    ({ value, digits }) => {
      const read = readNumber(formatNumber(value, digits));
      const wanted = 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(value))) + 1 - digits);
      assert.ok(Math.abs(read - value) <= wanted * (1 + 1e-9), `${value} in ${digits} digits reads ${read}`);
      assert.equal(Math.sign(read), Math.sign(value));
    },
  );
});

test("the very small and the very large read back to three digits", () => {
  forAll(
    3,
    2000,
    (random) => anyNumber(random, random.pick([-300, 15]), random.pick([-5, 300])),
    (value) => {
      const read = readNumber(formatNumber(value));
      assert.ok(Math.abs(read / value - 1) < 1e-3, `${value} reads ${read}`);
    },
  );
});

test("whole digits are never dropped, however few digits are wanted", () => {
  assert.equal(formatNumber(12345, 2), "12345");
  assert.equal(formatNumber(12345.6, 4), "12345.6");
  assert.equal(formatNumber(-261120, 3), "−261120");
  forAll(
    4,
    3000,
    (random) => ({ value: random.integer(-(2 ** 49), 2 ** 49), digits: random.integer(1, 8) }),
    ({ value, digits }) => {
      assert.equal(readNumber(formatNumber(value, digits)), value);
    },
  );
  forAll(
    5,
    3000,
    (random) => ({ value: anyNumber(random, 0, 11), digits: random.integer(1, 8) }),
    ({ value, digits }) => {
      assert.ok(Math.abs(readNumber(formatNumber(value, digits)) - value) <= 0.05 * (1 + 1e-9));
    },
  );
});

test("as many digits as are wanted, zeros at the end left out", () => {
  const shown = /** @type {[number, number, string][]} */ ([
    [0.5, 6, "0.5"],
    [-0.125, 6, "−0.125"],
    [0.000123456789, 3, "0.000123"],
    [0.1 + 0.2, 6, "0.3"],
    [1e-4, 6, "0.0001"],
    [100, 3, "100"],
    [1.999999999, 6, "2"],
    [99.96, 3, "100"],
    [0.0004, 1, "0.0004"],
    [2.5e-7, 6, "2.5e−7"],
    [-3e20, 6, "−3e20"],
  ]);
  for (const [value, digits, text] of shown) assert.equal(formatNumber(value, digits), text);
});

test("a decimal of up to six digits is exact, though its sum is off by the last bit", () => {
  assert.ok(isExact(0.1 + 0.2));
  assert.ok(isExact(0));
  forAll(
    6,
    3000,
    (random) => random.integer(-999999, 999999) / 10 ** random.integer(0, 6),
    (value) => {
      assert.ok(isExact(value), `${value}`);
      assert.ok(isExact(value * (1 + Number.EPSILON)), `${value} and a bit`);
    },
  );
});

test("a number is not exact once a digit of it is dropped", () => {
  assert.ok(!isExact(1 / 3));
  assert.ok(!isExact(Math.fround(0.1)));
  forAll(
    7,
    3000,
    (random) => {
      const [whole, zeros, last] = [random.integer(1, 9), random.integer(5, 10), random.integer(1, 9)];
      return `${whole}.${"0".repeat(zeros)}${last}`;
    },
    (text) => {
      assert.ok(!isExact(Number(text)), `${text} is shown as ${formatNumber(Number(text))}`);
    },
  );
});

test("a whole number is exact at any size a sum can have", () => {
  forAll(
    8,
    1000,
    (random) => random.integer(-(2 ** 49), 2 ** 49),
    (value) => assert.ok(isExact(value)),
  );
});

test("a weight is shown as a short decimal or as a fraction, whichever is shorter and exact", () => {
  const shown = /** @type {[number, string][]} */ ([
    [1 / 9, "1/9"],
    [-1 / 9, "−1/9"],
    [2 / 3, "2/3"],
    [-4 / 3, "−4/3"],
    [1 / 16, "1/16"],
    [4 / 16, "0.25"],
    [-1 / 8, "−1/8"],
    [0.5, "0.5"],
    [1 / 256, "1/256"],
    [1 / 273, "0.00366"],
    [0.299, "0.299"],
    [0.2989, "0.299"],
    [1, "1"],
    [-2, "−2"],
    [0, "0"],
    [-0, "0"],
    [1000, "1000"],
  ]);
  for (const [weight, text] of shown) assert.equal(formatWeight(weight), text);
});

test("every weight reads back: as a fraction exactly, else within three digits", () => {
  forAll(
    9,
    3000,
    (random) =>
      random.pick([
        random.integer(-99, 99) / random.integer(1, 256),
        anyNumber(random, -6, 5),
        random.integer(-999, 999) / 10 ** random.integer(0, 5),
      ]),
    (weight) => {
      const text = formatWeight(weight);
      const read = readNumber(text);
      const slack = text.includes("/") ? 1e-12 : 0.0051 * Math.abs(weight);
      assert.ok(Math.abs(read - weight) <= slack, `${weight} is shown as ${text}`);
    },
  );
});

test("no weight but 0 is shown as 0", () => {
  forAll(
    10,
    2000,
    (random) => anyNumber(random, -300, 5),
    (weight) => assert.notEqual(readNumber(formatWeight(weight)), 0),
  );
});
