import assert from "node:assert/strict";
import { test } from "node:test";
import { LIGHT } from "../colour.js";
import { layoutStage } from "../layout.js";
import { buildModel, cellAt, channelSumsOf, isBetween, isInside, reachOf, sourceAt, valuesIn, weightsAt } from "../model.js";
import { paint } from "../painter.js";
import { formulaLines, kindText, readoutText, shapeText, unusedText } from "../readout.js";
import { makeScene, movedFocus, nextFocus, painted } from "../scene.js";
import { Recorder, evaluate, forAll, modelOf } from "./helpers.js";

/** @import { Model } from "../model.js" */
/** @import { Random } from "./helpers.js" */

/**
 * @typedef {object} Case a transposed convolution, as a person thinks of it
 * @property {number[]} maps rows, columns, channels that come in
 * @property {number[]} kernel
 * @property {number} out how many channels come out
 * @property {[number, number]} stride
 * @property {[number, number]} dilation
 * @property {[[number, number], [number, number]]} cut
 * @property {[number, number]} extra
 * @property {boolean} flip whether the convolution that runs backwards turns its kernels over
 * @property {number[]} pixels
 * @property {number[]} weights (K, kh, kw, C)
 */

/** @param {Case} one @param {0 | 1} axis */
function sizeOf({ maps, kernel, stride, dilation, cut, extra }, axis) {
  return stride[axis] * (maps[axis] - 1) + dilation[axis] * (kernel[axis] - 1) + 1 - cut[axis][0] - cut[axis][1] + extra[axis];
}

/**
 * Every cell paints its kernel, times its value, on a canvas that is large enough; then the border is cut off.
 *
 * @param {Case} one
 * @returns {number[][][]} rows, columns, channels
 */
function painting(one) {
  const { maps: [rows, cols, channels], kernel: [kh, kw], out, stride, dilation, cut, flip, pixels, weights } = one;
  const [height, width] = [sizeOf(one, 0), sizeOf(one, 1)];
  const canvas = Array.from({ length: height }, () => Array.from({ length: width }, () => new Array(out).fill(0)));
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) for (let k = 0; k < channels; k++) {
    for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) for (let o = 0; o < out; o++) {
      const [row, col] = [r * stride[0] + i * dilation[0] - cut[0][0], c * stride[1] + j * dilation[1] - cut[1][0]];
      if (row < 0 || col < 0 || row >= height || col >= width) continue;
      const [ti, tj] = flip ? [kh - 1 - i, kw - 1 - j] : [i, j];
      canvas[row][col][o] += pixels[(r * cols + c) * channels + k] * weights[((k * kh + ti) * kw + tj) * out + o];
    }
  }
  return canvas;
}

/**
 * The model of a message as `ui/message.py` writes it for such a case.
 *
 * @param {Case} one
 * @returns {Model}
 */
function transposedModel(one) {
  const { maps: [rows, cols, channels], kernel: [kh, kw], out, stride, dilation, cut, extra, flip, pixels, weights } = one;
  const ring = (/** @type {0 | 1} */ axis) => {
    const reach = dilation[axis] * (one.kernel[axis] - 1);
    return /** @type {[number, number]} */ ([reach - cut[axis][0], reach - cut[axis][1] + extra[axis]]);
  };
  const bank = new Float64Array(weights.length);
  for (let k = 0; k < channels; k++) for (let tap = 0; tap < kh * kw; tap++) for (let o = 0; o < out; o++) {
    bank[(o * kh * kw + tap) * channels + k] = weights[(k * kh * kw + tap) * out + o];
  }
  const outputShape = [sizeOf(one, 0), sizeOf(one, 1), out];
  const levels = new Int16Array(outputShape[0] * outputShape[1] * out).fill(1);
  return buildModel({
    header: {
      version: 1, imageShape: [rows, cols, channels], top: 255, outputShape, pads: [ring(0), ring(1)], stride: [1, 1],
      dilation, unused: [0, 0], padding: "numbers", boundary: "zeros", flip: !flip, stretch: stride,
      transposed: { cut, extra },
      features: Array.from({ length: out }, (_, o) => ({ name: `out ${o}`, low: -9, high: 9, limit: 9, below: 0, above: 0, strongest: [], weakest: [] })),
      place: { row: 0, col: 0, feature: 0, cellToken: 0, featureToken: 0 }, arrays: {},
    },
    image: Uint8Array.from(pixels), bank, bias: new Float64Array(out), levels,
    kernelShape: [kh, kw], levelsShape: [out, outputShape[0], outputShape[1]],
  });
}

/** @param {Random} random @returns {Case} */
function anyCase(random) {
  const pair = (/** @type {number} */ low, /** @type {number} */ high) =>
    /** @type {[number, number]} */ ([random.integer(low, high), random.integer(low, high)]);
  for (;;) {
    const [maps, kernel, out] = [[...pair(1, 5), random.integer(1, 3)], pair(1, 4), random.integer(1, 2)];
    const [stride, dilation] = [pair(1, 4), pair(1, 3)];
    const reach = kernel.map((k, axis) => dilation[axis] * (k - 1));
    const cut = /** @type {[[number, number], [number, number]]} */ (reach.map((most) => pair(0, most)));
    const extra = /** @type {[number, number]} */ (stride.map((s) => random.integer(0, s - 1)));
    const some = (/** @type {number} */ count, /** @type {() => number} */ make) => Array.from({ length: count }, make);
    const one = {
      maps, kernel, out, stride, dilation, cut, extra, flip: random.next() < 0.5,
      pixels: some(maps[0] * maps[1] * maps[2], () => random.integer(0, 255)),
      weights: some(maps[2] * kernel[0] * kernel[1] * out, () => random.integer(-9, 9)),
    };
    if (sizeOf(one, 0) > 0 && sizeOf(one, 1) > 0) return one;
  }
}

/** The paper's case with a stride, a padding and an added row and column.
 * @type {Case}
 */
const ODD = {
  maps: [3, 3, 1], kernel: [3, 3], out: 1, stride: [2, 2], dilation: [1, 1], cut: [[1, 1], [1, 1]], extra: [1, 1],
  flip: false, pixels: [10, 20, 30, 40, 50, 60, 70, 80, 90], weights: [1, 2, 3, 4, 5, 6, 7, 8, 9],
};

test("every cell is the sum of what the cells of the input paint on it, exactly, and so in every way to compute it", () => {
  forAll(1, 300, anyCase, (one) => {
    const [model, expected] = [transposedModel(one), painting(one)];
    const { outRows, outCols, features, channels } = model;
    assert.deepEqual([outRows, outCols], [sizeOf(one, 0), sizeOf(one, 1)]);
    const along = (/** @type {number} */ length) => Array.from({ length }, (_, i) => i);
    for (let feature = 0; feature < features; feature++) {
      const flat = expected.flat().map((values) => values[feature] + 0);
      const values = valuesIn(model, feature, { row: 0, col: 0, rows: outRows, cols: outCols });
      const sums = channelSumsOf(model, feature, along(outRows), along(outCols));
      flat.forEach((value, i) => {
        const cell = cellAt(model, Math.floor(i / outCols), i % outCols, feature);
        assert.equal(cell.value + 0, value);
        assert.equal(values[i] + 0, value);
        assert.deepEqual([...sums.subarray(i * channels, (i + 1) * channels)].map((v) => v + 0), cell.channelSums.map((v) => v + 0));
      });
    }
  });
});

test("what a cell reaches is the stamp it paints, with the weights as they are", () => {
  forAll(2, 200, anyCase, (one) => {
    const model = transposedModel(one);
    const { maps: [rows, cols, channels], out, stride } = one;
    for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) {
      const blank = { ...one, pixels: one.pixels.map(() => 0) };
      for (let k = 0; k < channels; k++) blank.pixels[(r * cols + c) * channels + k] = 1;
      for (let feature = 0; feature < out; feature++) {
        const stamp = painting(blank).map((line) => line.map((values) => values[feature]));
        for (const { row, col, tapRow, tapCol } of reachOf(model, r * stride[0], c * stride[1])) {
          stamp[row][col] -= weightsAt(model, feature, tapRow, tapCol).reduce((sum, weight) => sum + weight, 0);
        }
        assert.ok(stamp.flat().every((left) => left === 0));
      }
    }
  });
});

test("the drawn input has the image's rows and columns so far apart, and zeros everywhere else", () => {
  forAll(3, 100, anyCase, (one) => {
    const model = transposedModel(one);
    const [down, across] = one.stride;
    assert.equal(model.rows, down * (one.maps[0] - 1) + 1);
    for (let row = -3; row < model.rows + 3; row++) {
      const real = row >= 0 && row < model.rows && row % down === 0;
      assert.equal(sourceAt(model, 0, row), real ? row / down : -1);
      for (let col = -3; col < model.cols + 3; col++) {
        const within = row >= 0 && col >= 0 && row < model.rows && col < model.cols;
        assert.equal(isInside(model, row, col), within && row % down === 0 && col % across === 0);
        assert.equal(isBetween(model, row, col), within && !isInside(model, row, col));
      }
    }
  });
});

test("worked out, the formula gives the size of what comes out", () => {
  forAll(4, 200, anyCase, (one) => {
    const lines = formulaLines(transposedModel(one));
    lines.forEach((line, i) => {
      const [sum, size] = line.slice(line.indexOf(":") + 1).split(" = ");
      assert.equal(evaluate(sum), sizeOf(one, /** @type {0 | 1} */ (i)));
      assert.equal(Number(size), sizeOf(one, /** @type {0 | 1} */ (i)));
    });
  });
  assert.deepEqual(formulaLines(transposedModel(ODD)), ["rows, columns: 2·(3 − 1) + 3 − 1 − 1 + 1 = 6"]);
});

test("the words are those of a transposed convolution", () => {
  const model = transposedModel(ODD);
  assert.equal(kindText(model), "transposed convolution: each cell of the input paints the kernel, times its value");
  assert.equal(shapeText(model), "3 × 3 × 1 → 6 × 6 × 1");
  const at = (/** @type {number} */ step, /** @type {import("../scene.js").Focus | null} */ focus = null) =>
    readoutText(makeScene(model, { step, fraction: 0, feature: 0, pointed: null, still: true, focus }));
  assert.match(at(0), /One cell of the input paints it: row 0, column 0\. The other taps lie on zeros: 3 between the cells, 5 around them\./);
  assert.match(at(7), /4 cells of the input paint it: rows 0 to 1, columns 0 to 1\. The other taps lie on zeros: 5 between the cells\./);
  assert.match(at(7), /grey: 10×9 \+ 0×8 \+ 20×7 \+ 0×6 \+ 0×5 \+ 0×4 \+ 40×3 \+ 0×2 \+ 50×1 = 400\./);
  assert.match(at(0, { part: "input", row: 2, col: 4 }), /input row 1, column 2: grey 60\. It paints the kernel, times its value, on 9 cells of the output: row 1, column 3 through 1; row 1, column 4 through 2;/);
  assert.match(at(0, { part: "input", row: 1, col: 4 }), /a zero between the cells of the input\. 9 cells of the output read it, and it adds 0\./);
  assert.match(at(0, { part: "input", row: -1, col: -1 }), /a zero around the cells of the input\. One cell of the output reads it/);
  assert.match(at(0, { part: "tap", channel: 0, row: 0, col: 0 }), /of the window, a zero around the cells of the input: 0×9 = 0/);
  assert.match(at(35, { part: "weight", channel: 0, row: 0, col: 0 }), /36 of them so far, 27 of these on zeros, and/);
});

test("a cell that no cell of the input reaches says so, and is the bias", () => {
  const model = transposedModel({ ...ODD, kernel: [1, 1], weights: [2], cut: [[0, 0], [0, 0]], extra: [0, 0] });
  const scene = makeScene(model, { step: 1, fraction: 0, feature: 0, pointed: null, still: true });
  assert.equal(scene.cell.value, 0);
  assert.match(readoutText(scene), /No cell of the input paints it: its one tap lies on a zero, 1 between the cells\./);
});

test("the zeros between the cells are not there to be read, so none of them is unread", () => {
  forAll(5, 100, anyCase, (one) => {
    const model = transposedModel(one);
    const read = new Set();
    for (let row = 0; row < model.outRows; row++) for (const source of cellAt(model, row, 0, 0).rowSources) read.add(source);
    const missing = model.unreadRows.reduce((sum, { count }) => sum + count, 0);
    read.delete(-1);
    assert.equal(missing, one.maps[0] - read.size);
  });
  assert.equal(unusedText(transposedModel(ODD)), "");
});

test("keys point at cells of the input, and go from one to the next over the zeros", () => {
  const model = transposedModel(ODD);
  const first = nextFocus(model, null, { row: 0, col: 0 }, 0);
  assert.deepEqual(first, { part: "input", row: 0, col: 0 });
  // The window of this cell has a zero in its middle, and a cell of the input on either side of it.
  assert.deepEqual(nextFocus(model, null, { row: 0, col: 1 }, 0), { part: "input", row: 0, col: 0 });
  assert.deepEqual(movedFocus(model, /** @type {import("../scene.js").Focus} */ (first), 1, 0), { part: "input", row: 2, col: 0 });
  assert.deepEqual(movedFocus(model, { part: "input", row: -1, col: 0 }, 1, 0), { part: "input", row: 0, col: 0 });
});

test("the zeros between are drawn hollow, each in its place, and only they; what is pointed at there paints nothing", () => {
  const model = transposedModel(ODD);
  const drawn = (/** @type {import("../scene.js").Focus | null} */ focus) => {
    const scene = makeScene(model, { step: 0, fraction: 0, feature: 0, pointed: null, still: true, focus });
    const layout = layoutStage(model, 1000);
    const recorder = new Recorder();
    const none = { input: [], maps: [[]] };
    paint(recorder.context, scene, layout, none, { palette: LIGHT, family: "sans-serif" });
    return { recorder, layout, scene };
  };
  const { recorder, layout: { input: { area, px } } } = drawn(null);
  const dashes = recorder.calls.filter(({ op }, i) => op === "strokeRect" && recorder.calls[i - 1].op === "setLineDash");
  const places = dashes.map(({ args: [x, y] }) => [(Number(y) - area.y) / px - 1, (Number(x) - area.x) / px - 1])
    .filter(([row, col]) => row < 6 && col < 6).map((place) => place.map(Math.floor).join());
  const between = [];
  for (let row = 0; row < 5; row++) for (let col = 0; col < 5; col++) if (row % 2 || col % 2) between.push(`${row},${col}`);
  assert.deepEqual([...new Set(places)].sort(), between.sort());
  assert.equal(painted(drawn({ part: "input", row: 1, col: 1 }).scene), null);
  assert.equal(painted(drawn({ part: "input", row: 2, col: 2 }).scene)?.reach.length, 9);
  const texts = drawn({ part: "input", row: 2, col: 2 }).recorder.texts().map(({ text }) => text);
  assert.ok(texts.includes("the kernel × 50 is painted here"));
  assert.ok(recorder.texts().some(({ text }) => text === "zeros: 1 between, 1 and 2 around"));
});

test("a message that says nothing of it is the plain convolution it always was", () => {
  const model = modelOf({ image: [4, 5, 1], kernel: [3, 3], padding: [[1, 1], [1, 1]] });
  assert.deepEqual([model.stretch, model.transposed, model.rows, model.cols], [[1, 1], false, 4, 5]);
  assert.equal(kindText(model), "cross-correlation: the kernel is not flipped");
  assert.ok(!isBetween(model, 1, 1) && !isBetween(model, -1, 1));
});
