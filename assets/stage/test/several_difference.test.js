import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt } from "../model.js";
import { differenceText, equalText, pairingOf, subtract } from "../several_difference.js";
import { anyExperiment, axisPlan, forAll, modelOf, walk } from "./helpers.js";

/** @import { Experiment } from "./helpers.js" */
/** @import { Pairing } from "../several_difference.js" */

/** @type {Experiment} */
const BASE = { image: [7, 6, 2], kernel: [3, 3], seed: 4 };

/** A value of a map, by four loops.
 * @param {Experiment} experiment
 * @param {number} row
 * @param {number} col
 */
function valueOf(experiment, row, col) {
  const { image: [rows, cols, channels], kernel: [kh, kw], boundary = "zeros" } = experiment;
  const [stride, dilation] = [experiment.stride ?? [1, 1], experiment.dilation ?? [1, 1]];
  const { image, bank } = modelOf(experiment).payload;
  const before = [axisPlan(experiment, 0).before, axisPlan(experiment, 1).before];
  let sum = 0;
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const r = walk(row * stride[0] - before[0] + i * dilation[0], rows, boundary);
      const c = walk(col * stride[1] - before[1] + j * dilation[1], cols, boundary);
      if (r < 0 || c < 0) continue;
      const [y, x] = experiment.flip ? [kh - 1 - i, kw - 1 - j] : [i, j];
      for (let k = 0; k < channels; k++) sum += image[(r * cols + c) * channels + k] * bank[(y * kw + x) * channels + k];
    }
  }
  return sum;
}

/** @template T
 * @param {Generator<unknown, T>} work
 */
function finished(work) {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/**
 * @param {Experiment} one
 * @param {Experiment} other
 * @param {"step" | "place"} together
 */
function differenceOf(one, other, together) {
  const models = /** @type {const} */ ([modelOf(one), modelOf(other)]);
  const pairing = pairingOf(...models, together);
  return typeof pairing === "string" ? pairing : finished(subtract(...models, pairing));
}

test("maps of one size are subtracted cell by cell, and all that is said of it is counted", () => {
  forAll(11, 150, (random) => {
    const one = anyExperiment(random, { whole: true });
    return { one, flip: random.next() < 0.5, dilated: random.next() < 0.5 };
  }, ({ one, flip, dilated }) => {
    const padded = { ...one, padding: /** @type {const} */ ("same"), boundary: /** @type {const} */ ("zeros") };
    /** @type {Experiment} */
    const other = { ...padded, flip, dilation: dilated ? [2, 2] : padded.dilation };
    const difference = differenceOf(padded, other, "step");
    assert.ok(typeof difference !== "string");
    const [rows, cols] = [axisPlan(padded, 0).out, axisPlan(padded, 1).out];
    const truth = [];
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) truth.push(valueOf(padded, row, col) - valueOf(other, row, col));
    }
    assert.deepEqual(Array.from(difference.values, (value) => value + 0), truth.map((value) => value + 0));
    assert.equal(difference.count, rows * cols);
    assert.equal(difference.equal, truth.filter((value) => value === 0).length);
    assert.equal(difference.least, Math.min(...truth));
    assert.equal(difference.most, Math.max(...truth));
    const size = Math.max(...truth.map(Math.abs));
    const first = truth.findIndex((value) => Math.abs(value) === size);
    assert.equal(Math.abs(difference.largest.value), size);
    if (size) assert.deepEqual(difference.largest, { row: Math.floor(first / cols), col: first % cols, value: truth[first] });
  });
});

test("at the same place valid, same and full, and coarser strides, agree wherever they have a window", () => {
  for (const padding of /** @type {const} */ (["same", "full"])) {
    const difference = differenceOf(BASE, { ...BASE, padding }, "place");
    assert.ok(typeof difference !== "string");
    assert.deepEqual([difference.count, difference.equal], [20, 20]);
  }
  const difference = differenceOf(BASE, { ...BASE, stride: [2, 3] }, "place");
  assert.ok(typeof difference !== "string");
  assert.deepEqual(difference.pairing.rows, [[0, 2, 4], [0, 1, 2]]);
  assert.deepEqual(difference.pairing.cols, [[0, 3], [0, 1]]);
  assert.equal(difference.equal, 6);
});

test("where the sizes differ a sentence has them both, and says where there is something to see", () => {
  const said = differenceOf(BASE, { ...BASE, padding: "same" }, "step");
  assert.equal(said, "The first map has 5 × 4 cells, the second 7 × 6: cell by cell they cannot be subtracted. “Same place” compares the places that both have, if there are any.");
  const even = differenceOf(BASE, { ...BASE, padding: [[1, 0], [0, 0]], kernel: [2, 2] }, "place");
  assert.equal(even, "The first map has 5 × 4 cells, the second 7 × 5, and no window of the one is centred where one of the other is: there is nothing to subtract.");
});

test("maps of one size whose windows lie between each other's are compared by their cells", () => {
  const shifted = { ...BASE, padding: /** @type {[[number, number], [number, number]]} */ ([[1, 0], [1, 0]]), kernel: /** @type {[number, number]} */ ([4, 4]), seed: 4 };
  const pairing = pairingOf(modelOf(BASE), modelOf(shifted), "place");
  assert.ok(typeof pairing !== "string");
  assert.equal(pairing.by, "cells");
});

test("the sentence of a cell has both values and what is left, exactly", () => {
  forAll(12, 150, (random) => anyExperiment(random, { whole: true }), (experiment) => {
    const [one, other] = [modelOf(experiment), modelOf({ ...experiment, flip: !experiment.flip })];
    const pairing = /** @type {Pairing} */ (pairingOf(one, other, "place"));
    const [row, col] = [pairing.rows[0].length - 1, pairing.cols[0].length - 1];
    const text = differenceText(one, other, pairing, row, col);
    const [a, b] = [cellAt(one, row, col, 0).value, cellAt(other, row, col, 0).value];
    const match = /^row (\d+), column (\d+): (\S+) − (\S+) = (\S+)$/.exec(text);
    assert.ok(match, text);
    const numbers = match.slice(1).map((part) => Number(part.replace(/[()]/g, "").replace("−", "-")));
    assert.deepEqual(numbers, [row, col, a, b, a - b].map((value) => value + 0));
  });
});

test("a cell of other numbers in the other map is named by both", () => {
  const [one, other] = [modelOf(BASE), modelOf({ ...BASE, padding: "same" })];
  const pairing = /** @type {Pairing} */ (pairingOf(one, other, "place"));
  assert.match(differenceText(one, other, pairing, 2, 1), /^row 2, column 1 of the first, row 3, column 2 of the second: (\S+) − (\S+) = 0$/);
});

test("a share of equal cells is 0 or 100 % only of none and of all", () => {
  const of = (/** @type {number} */ equal, /** @type {number} */ count) => equalText(/** @type {any} */ ({ equal, count }));
  assert.equal(of(3844, 3844), "All 3,844 cells are equal: 100 %.");
  assert.equal(of(0, 9), "None of the 9 cells are equal: 0 %.");
  assert.equal(of(3600, 3844), "93.7 % of the cells are equal, 3,600 of 3,844.");
  assert.equal(of(9999, 10000), "Over 99.9 % of the cells are equal, 9,999 of 10,000.");
  assert.equal(of(1, 1), "The only cell is equal.");
  assert.equal(of(0, 1), "The only cell differs.");
});

test("a large difference comes in parts, and its picture is sampled while its numbers are whole", () => {
  /** @type {Experiment} */
  const large = { image: [1, 3000, 1], kernel: [1, 1], bank: [1], pixels: Uint8Array.from({ length: 3000 }, (_, i) => (i === 2999 ? 200 : 7)) };
  const [one, other] = [modelOf(large), modelOf({ ...large, bank: [2] })];
  const difference = finished(subtract(one, other, /** @type {Pairing} */ (pairingOf(one, other, "step"))));
  assert.equal(difference.pictureCols, 1000);
  assert.deepEqual(difference.largest, { row: 0, col: 2999, value: -200 });
  assert.deepEqual([difference.least, difference.most, difference.equal], [-200, -7, 0]);
});

test("the parts of a large difference are put together in their order, and a small one is not taken for none", () => {
  const pixels = new Uint8Array(1100 * 1000).fill(1);
  pixels[5] = 0;
  pixels[1099 * 1000 + 7] = 200;
  /** @type {Experiment} */
  const large = { image: [1100, 1000, 1], kernel: [1, 1], bank: [1], pixels };
  const [one, other] = [modelOf(large), modelOf({ ...large, bank: [2] })];
  const work = subtract(one, other, /** @type {Pairing} */ (pairingOf(one, other, "step")));
  assert.ok(!work.next().done && !work.next().done, "it takes more than one part");
  const difference = finished(work);
  assert.deepEqual(difference.largest, { row: 1099, col: 7, value: -200 });
  assert.deepEqual([difference.equal, difference.least, difference.most], [1, -200, 0]);
});
