import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../stage/test/helpers.js";
import {
  LARGEST_WEIGHT, cleared, dabbed, flipped, indexOf, limitOf, mirrored, modeOf, normalised, sameKernel, shifted, sumOf,
  tidy, turned, zeroSummed,
} from "../kernel.js";
import { anyKernel, kernelOf } from "./helpers.js";

/** @import { Brush, Kernel, Mode } from "../kernel.js" */

/**
 * @param {Kernel} kernel
 * @returns {number[][]} of its first slice
 */
function rowsOf(kernel) {
  return Array.from({ length: kernel.rows }, (_, row) =>
    Array.from({ length: kernel.cols }, (_, col) => kernel.weights[indexOf(kernel, row, col, 0)]));
}

/**
 * @param {Mode} mode
 * @param {number} step
 * @param {number | null} slice
 * @returns {Brush}
 */
function brush(mode, step, slice = null) {
  return { mode, step, slice };
}

test("decimals stay decimals: three steps of 0.1 are 0.3, and three back are 0", () => {
  let kernel = kernelOf([[0, 0]]);
  const at = { row: 0, col: 1 };
  const way = ["raise", "raise", "raise", "lower", "lower", "lower", "lower"].map((mode) => {
    ({ kernel } = dabbed(kernel, at, brush(/** @type {Mode} */ (mode), 0.1)));
    return kernel.weights[1];
  });
  assert.deepEqual(way, [0.1, 0.2, 0.3, 0.2, 0.1, 0, -0.1]);
  assert.equal(kernel.weights[0], 0);
});

test("so many steps up and as many down come back to any decimal, and never to −0", () => {
  forAll(1, 500, (random) => ({
    start: random.integer(-300, 300) / 100, step: random.pick([0.1, 0.25, 1]), count: random.integer(1, 40),
  }), ({ start, step, count }) => {
    let kernel = kernelOf([[start]]);
    for (const mode of /** @type {Mode[]} */ (["raise", "lower"])) {
      for (let i = 0; i < count; i++) ({ kernel } = dabbed(kernel, { row: 0, col: 0 }, brush(mode, step)));
      if (mode === "raise") assert.equal(kernel.weights[0], Number((start + count * step).toFixed(6)) + 0);
    }
    assert.ok(Object.is(kernel.weights[0], start + 0));
  });
});

test("what is tidied has at most twelve digits, and differs by no more than them", () => {
  forAll(2, 500, (random) => random.real(-1, 1) * 10 ** random.integer(-8, 6), (value) => {
    assert.ok(Math.abs(tidy(value) - value) <= 1e-11 * Math.abs(value));
    assert.equal(tidy(tidy(value)), tidy(value));
  });
  assert.equal(tidy(0.1 + 0.2), 0.3);
  assert.ok(Object.is(tidy(-0), 0));
});

test("the brush changes one cell, in the channels that it paints, and says by how much", () => {
  forAll(3, 300, (random) => {
    const kernel = anyKernel(random);
    return {
      kernel, row: random.integer(0, kernel.rows - 1), col: random.integer(0, kernel.cols - 1),
      slice: kernel.slices === 1 ? null : random.pick([null, 0, 1, 2]),
      mode: /** @type {Mode} */ (random.pick(["raise", "lower", "erase"])),
    };
  }, ({ kernel, row, col, slice, mode }) => {
    const before = [...kernel.weights];
    const after = dabbed(kernel, { row, col }, brush(mode, 0.25, slice));
    const expected = [...before];
    for (let c = 0; c < kernel.slices; c++) {
      if (slice !== null && slice !== c) continue;
      const at = (row * kernel.cols + col) * kernel.slices + c;
      const [up, down] = [before[at] + 0.25, before[at] - 0.25].map((value) => Number(value.toPrecision(12)));
      expected[at] = mode === "erase" ? 0 : mode === "raise" ? up : down;
    }
    assert.deepEqual([...after.kernel.weights], expected);
    assert.deepEqual([...kernel.weights], before, "the kernel of before is left as it was");
    const rebuilt = [...before];
    for (const { row: r, col: c, slice: s, delta } of after.changes) rebuilt[(r * kernel.cols + c) * kernel.slices + s] += delta;
    rebuilt.forEach((weight, i) => assert.ok(Math.abs(weight - expected[i]) < 1e-12));
  });
});

test("weights stay within a million", () => {
  const { kernel } = dabbed(kernelOf([[LARGEST_WEIGHT]]), { row: 0, col: 0 }, brush("raise", 1));
  assert.equal(kernel.weights[0], LARGEST_WEIGHT);
});

test("Shift and the second button turn raising and lowering over, and leave setting to 0", () => {
  const modes = /** @type {Mode[]} */ (["raise", "lower", "erase"]);
  assert.deepEqual(modes.map((mode) => modeOf(mode, true)), ["lower", "raise", "erase"]);
  assert.deepEqual(modes.map((mode) => modeOf(mode, false)), modes);
});

test("mirror, flip, rotate and shift do what their names say", () => {
  const kernel = kernelOf([[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual(rowsOf(mirrored(kernel)), [[3, 2, 1], [6, 5, 4]]);
  assert.deepEqual(rowsOf(flipped(kernel)), [[4, 5, 6], [1, 2, 3]]);
  assert.deepEqual(rowsOf(turned(kernel)), [[4, 1], [5, 2], [6, 3]]);
  assert.deepEqual(rowsOf(shifted(kernel, 1, 0)), [[0, 0, 0], [1, 2, 3]]);
  assert.deepEqual(rowsOf(shifted(kernel, -1, 0)), [[4, 5, 6], [0, 0, 0]]);
  assert.deepEqual(rowsOf(shifted(kernel, 0, 1)), [[0, 1, 2], [0, 4, 5]]);
  assert.deepEqual(rowsOf(shifted(kernel, 0, -1)), [[2, 3, 0], [5, 6, 0]]);
});

test("twice mirrored, twice flipped and four times rotated is what it was; a half turn is both mirrors", () => {
  forAll(4, 300, (random) => anyKernel(random), (kernel) => {
    assert.ok(sameKernel(mirrored(mirrored(kernel)), kernel));
    assert.ok(sameKernel(flipped(flipped(kernel)), kernel));
    assert.ok(sameKernel(turned(turned(kernel)), mirrored(flipped(kernel))));
    assert.ok(sameKernel(turned(turned(turned(turned(kernel)))), kernel));
    const once = turned(kernel);
    assert.deepEqual([once.rows, once.cols, once.slices], [kernel.cols, kernel.rows, kernel.slices]);
  });
});

test("a shift there and back loses the border and nothing else", () => {
  forAll(5, 300, (random) => anyKernel(random), (kernel) => {
    const back = shifted(shifted(kernel, 0, 1), 0, -1);
    kernel.weights.forEach((weight, i) => {
      const col = Math.floor(i / kernel.slices) % kernel.cols;
      assert.equal(back.weights[i], col === kernel.cols - 1 ? 0 : weight);
    });
  });
});

test("zero-sum: every slice sums to 0, and differences between its weights stay", () => {
  forAll(6, 500, (random) => anyKernel(random), (kernel) => {
    const { kernel: made } = zeroSummed(kernel);
    for (let slice = 0; slice < kernel.slices; slice++) {
      let sum = 0;
      for (let i = slice; i < made.weights.length; i += kernel.slices) {
        sum += made.weights[i];
        const before = kernel.weights[i] - kernel.weights[slice];
        assert.ok(Math.abs(made.weights[i] - made.weights[slice] - before) < 1e-10);
      }
      assert.ok(Math.abs(sum) < 1e-10, `slice ${slice} sums to ${sum}`);
      assert.equal(sumOf(made, slice), 0);
    }
    const again = zeroSummed(made).kernel;
    again.weights.forEach((weight, i) => assert.ok(Math.abs(weight - made.weights[i]) < 1e-10));
  });
});

test("zero-sum of a point leaves fractions to the last bit, and of equal weights nothing at all", () => {
  const { kernel } = zeroSummed(kernelOf([[0, 0, 0], [0, 1, 0], [0, 0, 0]]));
  assert.equal(kernel.weights[4], 8 / 9);
  assert.equal(kernel.weights[0], -1 / 9);
  assert.deepEqual([...zeroSummed(kernelOf([[0.1, 0.3, 0.2]])).kernel.weights], [-0.1, 0.1, 0]);
  const { kernel: flat } = zeroSummed(kernelOf([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1]]));
  assert.ok(flat.weights.every((weight) => Object.is(weight, 0)));
});

test("normalised, the weights sum to 1; where they sum to 0, their magnitudes do; and it is said which", () => {
  forAll(7, 500, (random) => anyKernel(random), (kernel) => {
    const { kernel: made, said } = normalised(kernel);
    const sum = made.weights.reduce((total, weight) => total + weight, 0);
    const size = made.weights.reduce((total, weight) => total + Math.abs(weight), 0);
    if (limitOf(kernel) === 0) {
      assert.match(said, /nothing to normalise/);
      assert.equal(size, 0);
    } else if (sumOf(kernel) === 0) {
      assert.match(said, /sum to 0.*Σ\|w\|/);
      assert.ok(Math.abs(size - 1) < 1e-9 && Math.abs(sum) < 1e-9);
    } else {
      assert.match(said, /^Divided by .* sum to 1\.$/);
      assert.ok(Math.abs(sum - 1) < 1e-9);
    }
  });
  assert.equal(normalised(kernelOf([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]])).kernel.weights[3], 1 / 9);
  assert.equal(normalised(kernelOf([[1, 1, 1], [1, 1, 1], [1, 1, 1]])).kernel.weights[3], 1 / 9);
  const { kernel } = normalised(kernelOf([[1e6, -999999.99]]));
  assert.equal(limitOf(kernel), 1e6, "a sum too small to divide by leaves the kernel");
});

test("0.3 − 0.1 − 0.2 sums to 0, and is not divided by what rounding leaves", () => {
  const kernel = kernelOf([[0.3, -0.1, -0.2]]);
  assert.equal(sumOf(kernel), 0);
  assert.match(normalised(kernel).said, /Σ\|w\| = 0\.6/);
});

test("cleared, nothing is left but the shape", () => {
  forAll(8, 50, (random) => anyKernel(random), (kernel) => {
    const made = cleared(kernel);
    assert.deepEqual([made.rows, made.cols, made.slices], [kernel.rows, kernel.cols, kernel.slices]);
    assert.equal(limitOf(made), 0);
  });
});
