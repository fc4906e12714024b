import assert from "node:assert/strict";
import { test } from "node:test";
import { placeText, sampleText, sumText } from "../words.js";

/** @import { Setting } from "../arithmetic.js" */

/** @param {number[]} f @param {number[]} g @param {Partial<Setting>} [changes] @returns {Setting} */
function setting(f, g, changes = {}) {
  return { f: { start: 0, samples: f }, g: { start: 0, samples: g }, mode: "full", flip: true, step: null, ...changes };
}

test("a sum is written out with its numbers", () => {
  assert.equal(sumText(setting([1, 2, 3], [0.5, 2]), 1), "y[1] = 1·2 + 2·0.5 = 3");
  assert.equal(sumText(setting([1, 2, 3], [0.5, 2]), 0), "y[0] = 1·0.5 = 0.5");
});

test("negative numbers stand in brackets behind a sign", () => {
  assert.equal(sumText(setting([1, -2], [1, -1]), 1), "y[1] = 1·(−1) + (−2)·1 = −3");
  assert.equal(sumText(setting([-1], [2]), 0), "y[0] = −1·2 = −2");
});

test("fractions stay fractions, and what is rounded is said to be", () => {
  assert.equal(sumText(setting([1 / 6, 1 / 6], [1 / 6]), 0), "y[0] = 1/6·1/6 = 1/36 ≈ 0.0277778");
  assert.match(sumText(setting([0.123456], [0.3]), 0), /^y\[0\] = 0\.123·0\.3 ≈ 0\.0370368$/);
});

test("an area has its step before the sum", () => {
  assert.equal(sumText(setting([1, 2], [3], { step: 0.5 }), 1), "y(1) = 0.5 · (2·3) = 3");
});

test("of many products the first three and the last are written, and how many there are", () => {
  const many = Array(12).fill(1);
  assert.equal(sumText(setting(many, many), 11), "y[11] = 1·1 + 1·1 + 1·1 + … + 1·1 (12 products) = 12");
});

test("places are numbers of samples or times, and a mirrored step ends at its time", () => {
  assert.equal(placeText(setting([1], [1]), -3), "n = −3");
  assert.equal(placeText(setting([1], [1], { step: 0.25 }), 3), "t = 1");
  assert.equal(placeText(setting([1], [1], { step: 0.25, flip: false }), 3), "t = 0.75");
});

test("a sample is told by its place", () => {
  assert.equal(sampleText("g", { start: -1, samples: [0.5, 1 / 3] }, 1), "g[0] = 1/3");
});
