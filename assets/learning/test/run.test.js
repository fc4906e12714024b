import assert from "node:assert/strict";
import { test } from "node:test";
import { curveOf, powerOfTen } from "../curve.js";
import { briefDigits, cellNumber, hiddenOf, kindOf, largest, learntAt, lossAt, mapOf, minus, openRun, readoutOf, verdict, wantedOf } from "../run.js";

/** @import { Run } from "../run.js" */

const SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1];

/** Numbers that look random and are the same each time.
 * @param {number} count
 */
function numbers(count) {
  let state = 7;
  return Float64Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  });
}

/** The mean of the squares.
 * @param {ArrayLike<number>} differences
 */
function meanSquare(differences) {
  let sum = 0;
  for (let i = 0; i < differences.length; i++) sum += differences[i] * differences[i];
  return sum / differences.length;
}

/**
 * A run of two kernels of 2 × 3 on a picture of 5 × 7, whose weights come nearer by halves.
 *
 * @param {number} steps
 * @returns {Run}
 */
function someRun(steps) {
  const hidden = numbers(12);
  const start = numbers(24).subarray(12);
  const weights = new Float64Array((steps + 1) * 12);
  for (let step = 0; step <= steps; step++) {
    for (let i = 0; i < 12; i++) weights[step * 12 + i] = hidden[i] + (start[i] - hidden[i]) / 2 ** step;
  }
  /** @type {Run} */
  const run = {
    names: ["first", "second"], secret: "a", trouble: "", count: 2, steps,
    pictureShape: [5, 7], kernelShape: [2, 3], mapShape: [4, 5],
    picture: numbers(35), hidden, wanted: new Float64Array(40), weights, losses: new Float64Array((steps + 1) * 2),
  };
  for (const kernel of [0, 1]) {
    run.wanted.set(mapOf(run, hiddenOf(run, kernel)), 20 * kernel);
    for (let step = 0; step <= steps; step++) {
      run.losses[2 * step + kernel] = meanSquare(minus(mapOf(run, learntAt(run, step, kernel)), wantedOf(run, kernel)));
    }
  }
  return run;
}

test("a map is what four loops make", () => {
  const run = someRun(1);
  const kernel = learntAt(run, 0, 1);
  const map = mapOf(run, kernel);
  for (let row = 0; row < 4; row++) {
    for (let col = 0; col < 5; col++) {
      let sum = 0;
      for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) sum += kernel[3 * i + j] * run.picture[7 * (row + i) + col + j];
      assert.ok(Math.abs(map[5 * row + col] - sum) < 1e-15);
    }
  }
});

test("weights, maps and losses of a step and a kernel are found where they stand", () => {
  const run = someRun(3);
  assert.deepEqual([...learntAt(run, 2, 1)], [...run.weights.slice(2 * 12 + 6, 3 * 12)]);
  assert.deepEqual([...hiddenOf(run, 1)], [...run.hidden.slice(6)]);
  assert.deepEqual([...wantedOf(run, 1)], [...run.wanted.slice(20)]);
  assert.equal(lossAt(run, 2, 1), run.losses[5]);
  // Halving what is wrong with the weights quarters the error of a linear map.
  assert.ok(Math.abs(lossAt(run, 2, 0) / lossAt(run, 1, 0) - 0.25) < 1e-9);
});

test("a run that was packed is opened as it was", () => {
  const arrays = { picture: [[0.5, -0.5]], hidden: [[[2]]], wanted: [[[1, -1]]], weights: [[[[0.25]]], [[[2]]]], losses: [[3], [0]] };
  const shapes = { picture: [1, 2], hidden: [1, 1, 1], wanted: [1, 1, 2], weights: [2, 1, 1, 1], losses: [2, 1] };
  const flat = Object.entries(arrays).map(([name, values]) => [name, values.flat(9)]);
  const slots = (/** @type {number} */ start) => {
    let offset = start;
    return Object.fromEntries(flat.map(([name, values]) => {
      const slot = { dtype: "float64", shape: shapes[/** @type {keyof typeof shapes} */ (name)], offset };
      offset += 8 * values.length;
      return [name, slot];
    }));
  };
  const header = (/** @type {number} */ start) => JSON.stringify({ names: ["one"], secret: "s", trouble: "", arrays: slots(start) }).padEnd(800);
  const bytes = new Uint8Array(808 + 8 * flat.reduce((sum, [, values]) => sum + values.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("CVS1"));
  view.setUint32(4, 800, true);
  bytes.set(new TextEncoder().encode(header(808)), 8);
  let at = 808;
  for (const value of flat.flatMap(([, values]) => /** @type {number[]} */ (values))) {
    view.setFloat64(at, value, true);
    at += 8;
  }
  const run = openRun(bytes);
  assert.equal(run.count, 1);
  assert.equal(run.steps, 1);
  assert.deepEqual(run.mapShape, [1, 2]);
  assert.deepEqual([...mapOf(run, hiddenOf(run, 0))], [...run.wanted]);
  assert.deepEqual([...learntAt(run, 1, 0)], [2]);
});

test("a kernel is told by its signs and its sum", () => {
  assert.equal(kindOf(SOBEL), "compares");
  assert.equal(kindOf([1 / 9, 1 / 9, 1 / 9]), "mixes");
  assert.equal(kindOf([0, -1, 0, -1, 5, -1, 0, -1, 0]), "both");
  assert.equal(kindOf([0.1, 0.2, -0.3]), "compares", "rounding is no sum");
});

test("a guess is held against the kernel", () => {
  assert.match(verdict("compares", SOBEL, "Sobel x"), /Sobel x.*compares.*You guessed that\.$/);
  assert.match(verdict("mixes", SOBEL, "Sobel x"), /You guessed otherwise\. Where the picture is flat/);
  assert.doesNotMatch(verdict(null, SOBEL, "Sobel x"), /guess/);
});

test("only what is 0 is written as 0", () => {
  assert.deepEqual([0, 1e-9, -0.004, 0.006, -2.0003, 12345, -4e9].map((v) => cellNumber(v)), ["0", "≈0", "≈0", "0.01", "−2.00", "1.2e4", "−4.0e9"]);
  assert.equal(cellNumber(0.04, 1), "≈0");
  assert.equal(cellNumber(-0.141, 2, true), "−.14");
  assert.equal(cellNumber(-10.5, 0, true), "−11");
});

test("where there is little room, four signs are enough", () => {
  for (const limit of [0.1, 0.99, 1, 9.9, 10, 250]) {
    assert.ok(cellNumber(-limit, briefDigits(limit), true).length <= 4, `${limit}`);
  }
  assert.deepEqual([0.2, 4, 36].map(briefDigits), [2, 1, 0]);
});

test("the readout says step, loss and error, and the end of a lost run says why", () => {
  const run = someRun(12);
  assert.match(readoutOf(run, 0, 1), /^Kernel 2, step 0 of 12: loss [\d.e−]+, largest weight error [\d.]+\.$/);
  assert.match(readoutOf(run, 12, 0), /equal the hidden ones to two digits\.$/);
  const apart = largest(minus(learntAt(run, 0, 0), hiddenOf(run, 0)));
  assert.ok(readoutOf(run, 0, 0).includes(apart.toFixed(3).replace(/0+$/, "")));
  run.trouble = "The rate 10 is too high.";
  assert.match(readoutOf(run, 12, 0), /too high\.$/);
  assert.doesNotMatch(readoutOf(run, 11, 0), /too high/);
});

test("the curve falls with the logarithm of the loss, within its frame", () => {
  const run = someRun(20);
  const frame = { left: 50, right: 450, top: 10, bottom: 110 };
  const curve = curveOf(run, frame);
  const drops = [1, 5, 9].map((step) => curve.y(lossAt(run, step + 1, 0)) - curve.y(lossAt(run, step, 0)));
  for (const drop of drops) assert.ok(Math.abs(drop - drops[0]) < 1e-6 && drop > 0);
  assert.equal(curve.x(0), 50);
  assert.equal(curve.x(20), 450);
  assert.equal(curve.stepAt(50 + 400 * 7.4 / 20), 7);
  assert.equal(curve.stepAt(-100), 0);
  assert.equal(curve.stepAt(9999), 20);
  assert.equal(curve.paths.length, 2);
  for (const [, y] of curve.paths[0].matchAll(/ ([\d.]+)/g)) assert.ok(Number(y) >= 10 && Number(y) <= 110);
  for (const [y] of curve.powers) assert.ok(y >= 10 && y <= 110);
  assert.ok(curve.powers.length <= 5);
});

test("a loss of 0 stands at the bottom", () => {
  const run = someRun(2);
  run.losses.fill(0, 4);
  assert.equal(curveOf(run, { left: 0, right: 1, top: 0, bottom: 100 }).y(0), 100);
});

test("powers of ten are written as such", () => {
  assert.deepEqual([0, 2, -1, 6, -12].map(powerOfTen), ["1", "100", "0.1", "10⁶", "10⁻¹²"]);
});
