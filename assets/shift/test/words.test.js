import assert from "node:assert/strict";
import { test } from "node:test";
import { GLOBAL } from "../scene.js";
import { rangeWords, stepsWords, visitsWords } from "../words.js";

/** @import { Comparison, Way } from "../scene.js" */

/** @param {Partial<Way>} asked */
const way = (asked) => /** @type {Way} */ ({ stride: 1, pool: 1, ...asked });
const compared = /** @type {Comparison} */ (/** @type {unknown} */ ({ steps: [1, 0], exact: false }));
const peak = (/** @type {number} */ value) => ({ row: 0, col: 0, value });

test("one place is no row of places, and asks for another", () => {
  assert.match(visitsWords([{ by: [0, 0], peak: peak(828), whole: true }], 1), /^Maximum: 828, at the one place so far/);
  const two = visitsWords([{ by: [0, 0], peak: peak(3), whole: true }, { by: [0, 1], peak: peak(5), whole: true }], 1);
  assert.equal(two, "Maximum over the last 2 places: 3 to 5.");
});

test("a map of one value has no range", () => {
  assert.equal(rangeWords({ low: 614, high: 614 }), "All is 614.");
  assert.equal(rangeWords({ low: -2, high: 7 }), "Values from −2 to 7.");
});

test("the maximum is not promised to stay behind a stride", () => {
  assert.match(stepsWords(way({ pool: GLOBAL }), [1, 0], compared), /it should be the same\.$/);
  const strided = stepsWords(way({ pool: GLOBAL, stride: 3 }), [1, 0], compared);
  assert.match(strided, /stride of 3 other windows .* whole number of strides\.$/);
  assert.match(stepsWords(way({ stride: 2 }), [1, 0], compared), /the map moves 1 down, the nearest whole number/);
});
