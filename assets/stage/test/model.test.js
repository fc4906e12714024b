import assert from "node:assert/strict";
import { test } from "node:test";
import {
  axisPositions,
  buildModel,
  cellAt,
  cellOfStep,
  channelNames,
  clamp,
  reachOf,
  sourceOf,
  stepOfCell,
  weightsAt,
} from "../model.js";
import { decodePayload } from "../payload.js";
import { BOUNDARIES, anyExperiment, axisPlan, encode, forAll, modelOf, walk } from "./helpers.js";

/** @import { Model } from "../model.js" */
/** @import { Experiment } from "./helpers.js" */

/**
 * One cell by four plain loops over an image that is padded first, with every tap counted from the corner.
 *
 * @param {Experiment} experiment
 * @param {Model} model only for its pixels
 * @param {number} row
 * @param {number} col
 * @param {number} feature
 */
function fourLoops(experiment, model, row, col, feature) {
  const {
    image,
    kernel,
    stride = [1, 1],
    dilation = [1, 1],
    boundary = "zeros",
    flip,
    bank = [],
    bias = [],
  } = experiment;
  const [height, width, channels] = image;
  const [top, left] = [axisPlan(experiment, 0).before, axisPlan(experiment, 1).before];
  const sums = [];
  const products = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = 0; i < kernel[0]; i++) {
      for (let j = 0; j < kernel[1]; j++) {
        const r = walk(row * stride[0] + i * dilation[0] - top, height, boundary);
        const q = walk(col * stride[1] + j * dilation[1] - left, width, boundary);
        const pixel = r === -1 || q === -1 ? 0 : model.payload.image[r * width * channels + q * channels + c];
        const tap = flip ? kernel[0] * kernel[1] - 1 - (i * kernel[1] + j) : i * kernel[1] + j;
        const weight = bank[feature * kernel[0] * kernel[1] * channels + tap * channels + c];
        products.push(pixel * weight);
        sum += pixel * weight;
      }
    }
    sums.push(sum);
  }
  let total = 0;
  for (const sum of sums) total += sum;
  return { products, sums, bias: bias[feature], total: total + bias[feature] };
}

/**
 * @param {Model} model
 * @param {(row: number, col: number, feature: number) => void} look
 */
function everyCell({ outRows, outCols, features }, look) {
  for (let row = 0; row < outRows; row++) {
    for (let col = 0; col < outCols; col++) {
      for (let feature = 0; feature < features; feature++) look(row, col, feature);
    }
  }
}

for (const boundary of BOUNDARIES) {
  test(`${boundary}: every position reads what one meets by walking there step by step`, () => {
    for (let length = 1; length <= 9; length++) {
      for (let position = -40; position <= 40; position++) {
        assert.equal(
          sourceOf(position, length, boundary),
          walk(position, length, boundary),
          `position ${position} of ${length} pixels`,
        );
      }
    }
  });
}

test("the four boundaries of a b c d are those of the design", () => {
  const read = (/** @type {string} */ boundary) =>
    [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((position) => "0abcd"[sourceOf(position, 4, boundary) + 1]).join("");
  assert.equal(read("zeros"), "000abcd000");
  assert.equal(read("reflect"), "dcbabcdcba");
  assert.equal(read("replicate"), "aaaabcdddd");
  assert.equal(read("circular"), "bcdabcdabc");
});

test("whole numbers give every cell the value of four plain loops, exactly", () => {
  forAll(
    2,
    300,
    (random) => anyExperiment(random, { whole: true }),
    (experiment) => {
      const model = modelOf(experiment);
      everyCell(model, (row, col, feature) => {
        const expected = fourLoops(experiment, model, row, col, feature);
        const cell = cellAt(model, row, col, feature);
        assert.equal(cell.value, expected.total);
        assert.deepEqual(cell.channelSums, expected.sums);
        assert.equal(cell.bias, expected.bias);
      });
    },
  );
});

test("any weights: products row by row, channels from the left, the bias last, then rounded to float32", () => {
  forAll(
    3,
    300,
    (random) => anyExperiment(random),
    (experiment) => {
      const model = modelOf(experiment);
      everyCell(model, (row, col, feature) => {
        const expected = fourLoops(experiment, model, row, col, feature);
        const cell = cellAt(model, row, col, feature);
        assert.deepEqual(
          [...cell.products].map((p) => p + 0),
          expected.products.map((p) => p + 0),
        );
        assert.deepEqual(cell.channelSums, expected.sums);
        assert.equal(cell.value, Math.fround(expected.total));
      });
    },
  );
});

test("the order of the sum is kept where another order would give another number", () => {
  const model = modelOf({ image: [1, 3, 1], kernel: [1, 3], pixels: [1, 1, 1], bank: [1e16, 1, -1e16], bias: [0] });
  assert.equal(cellAt(model, 0, 0, 0).channelSums[0], 0);
});

test("a value is a float32, while the sums before it are doubles", () => {
  const model = modelOf({ image: [1, 1, 1], kernel: [1, 1], pixels: [3], bank: [0.1], bias: [0] });
  const cell = cellAt(model, 0, 0, 0);
  assert.equal(cell.channelSums[0], 3 * 0.1);
  assert.equal(cell.value, new Float32Array([3 * 0.1])[0]);
  assert.notEqual(cell.value, cell.channelSums[0]);
});

test("each product is the pixel and the weight that stand in its place", () => {
  forAll(
    4,
    100,
    (random) => anyExperiment(random),
    (experiment) => {
      const model = modelOf(experiment);
      everyCell(model, (row, col, feature) => {
        const { patch, weights, products } = cellAt(model, row, col, feature);
        const length = experiment.image[2] * experiment.kernel[0] * experiment.kernel[1];
        assert.deepEqual([patch.length, weights.length, products.length], [length, length, length]);
        products.forEach((product, at) => assert.equal(product, patch[at] * weights[at]));
      });
    },
  );
});

test("a flipped kernel is the unflipped one turned over in both directions", () => {
  forAll(
    5,
    100,
    (random) => anyExperiment(random, { channels: 1 }),
    (experiment) => {
      const taps = experiment.kernel[0] * experiment.kernel[1];
      const bank = Array.from(experiment.bank ?? []);
      const turned = bank.flatMap((_, at) => (at % taps === 0 ? bank.slice(at, at + taps).reverse() : []));
      const flipped = modelOf({ ...experiment, flip: true });
      const straight = modelOf({ ...experiment, flip: false, bank: turned });
      everyCell(flipped, (row, col, feature) => {
        assert.deepEqual(cellAt(flipped, row, col, feature), cellAt(straight, row, col, feature));
      });
    },
  );
});

test("the window of a cell starts a stride further and spreads by the dilation", () => {
  const model = modelOf({
    image: [9, 20, 1],
    kernel: [2, 3],
    stride: [2, 5],
    dilation: [3, 4],
    padding: [
      [1, 0],
      [2, 4],
    ],
  });
  assert.deepEqual(axisPositions(model, 0, 0), [-1, 2]);
  assert.deepEqual(axisPositions(model, 0, 2), [3, 6]);
  assert.deepEqual(axisPositions(model, 1, 0), [-2, 2, 6]);
  assert.deepEqual(axisPositions(model, 1, 3), [13, 17, 21]);
  const { rowSources, colSources } = cellAt(model, 0, 3, 0);
  assert.deepEqual(
    [rowSources, colSources],
    [
      [-1, 2],
      [13, 17, -1],
    ],
  );
});

test("rows and columns that no window reads, and only they, are unread", () => {
  forAll(
    6,
    400,
    (random) => anyExperiment(random, { largest: 12 }),
    (experiment) => {
      const model = modelOf(experiment);
      const { boundary = "zeros", stride = [1, 1], dilation = [1, 1] } = experiment;
      for (const axis of /** @type {const} */ ([0, 1])) {
        const length = experiment.image[axis];
        const { before, out } = axisPlan(experiment, axis);
        const read = new Set();
        for (let index = 0; index < out; index++) {
          for (let tap = 0; tap < experiment.kernel[axis]; tap++) {
            read.add(walk(index * stride[axis] + tap * dilation[axis] - before, length, boundary));
          }
        }
        const visited = axis === 0 ? model.visitedRows : model.visitedCols;
        const runs = axis === 0 ? model.unreadRows : model.unreadCols;
        const pixels = Array.from({ length }, (_, i) => i);
        assert.deepEqual(
          visited,
          pixels.map((i) => read.has(i)),
        );
        const listed = runs.flatMap(({ start, count }) => pixels.slice(start, start + count));
        assert.deepEqual(
          listed,
          pixels.filter((i) => !read.has(i)),
        );
        runs
          .slice(1)
          .forEach((run, i) => assert.ok(run.start > runs[i].start + runs[i].count, "neighbouring runs are joined"));
      }
    },
  );
});

test("steps run over the cells row by row, and back", () => {
  forAll(
    7,
    50,
    (random) => anyExperiment(random, { largest: 9 }),
    (experiment) => {
      const model = modelOf(experiment);
      assert.equal(model.steps, model.outRows * model.outCols);
      let step = 0;
      for (let row = 0; row < model.outRows; row++) {
        for (let col = 0; col < model.outCols; col++) {
          assert.deepEqual(cellOfStep(model, step), { row, col });
          assert.equal(stepOfCell(model, row, col), step);
          step++;
        }
      }
    },
  );
});

test("a place outside the map is taken to the nearest cell", () => {
  const model = modelOf({ image: [4, 6, 1], kernel: [1, 1] });
  assert.deepEqual(cellOfStep(model, stepOfCell(model, 99, 2)), { row: 3, col: 2 });
  assert.deepEqual(cellOfStep(model, stepOfCell(model, 1, 99)), { row: 1, col: 5 });
  assert.deepEqual(cellOfStep(model, stepOfCell(model, -1, -7)), { row: 0, col: 0 });
  assert.deepEqual([clamp(-1, 0, 5), clamp(3, 0, 5), clamp(9, 0, 5)], [0, 3, 5]);
});

test("a model is the same however its bytes lay in memory", () => {
  const bytes = encode({ image: [5, 4, 3], kernel: [2, 2] });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.deepEqual(buildModel(decodePayload(shifted.subarray(3))), buildModel(decodePayload(bytes)));
});

test("three channels are red, green and blue, one is grey, others are counted from 0", () => {
  const names = (/** @type {number} */ channels) =>
    channelNames(modelOf({ image: [2, 2, channels], kernel: [1, 1] }));
  assert.deepEqual(
    [names(1), names(2), names(3), names(4)],
    [["grey"], ["c0", "c1"], ["R", "G", "B"], ["c0", "c1", "c2", "c3"]],
  );
});

test("what a pixel reaches is just what the windows read of it: gather and scatter are inverse", () => {
  forAll(71, 120, (random) => anyExperiment(random, { largest: 6 }), (experiment) => {
    const model = modelOf(experiment);
    /** @type {Map<string, string[]>} */
    const gathered = new Map();
    for (let row = 0; row < model.outRows; row++) {
      for (let col = 0; col < model.outCols; col++) {
        const { rowSources, colSources } = cellAt(model, row, col, 0);
        rowSources.forEach((r, tapRow) => colSources.forEach((c, tapCol) => {
          if (r < 0 || c < 0) return;
          const key = `${r} ${c}`;
          gathered.set(key, [...(gathered.get(key) ?? []), `${row} ${col} ${tapRow} ${tapCol}`]);
        }));
      }
    }
    for (let r = 0; r < model.rows; r++) {
      for (let c = 0; c < model.cols; c++) {
        const reached = reachOf(model, r, c).map(({ row, col, tapRow, tapCol }) => `${row} ${col} ${tapRow} ${tapCol}`);
        assert.deepEqual(reached.sort(), (gathered.get(`${r} ${c}`) ?? []).sort());
      }
    }
  });
});

test("a place on the padding is read by the windows that cover it, and by no other", () => {
  const model = modelOf({ image: [4, 4, 3], kernel: [3, 3], padding: [[1, 1], [1, 1]] });
  assert.deepEqual(reachOf(model, -1, -1), [{ row: 0, col: 0, tapRow: 0, tapCol: 0 }]);
  assert.equal(reachOf(model, -1, 1).length, 3);
  assert.deepEqual(reachOf(model, -2, 0), []);
});

test("the weights of a tap are those that a cell applies there", () => {
  forAll(72, 120, anyExperiment, (experiment) => {
    const model = modelOf(experiment);
    const feature = model.features - 1;
    const { weights } = cellAt(model, 0, 0, feature);
    for (let i = 0; i < model.kernelRows; i++) {
      for (let j = 0; j < model.kernelCols; j++) {
        const applied = Array.from({ length: model.channels }, (_, c) => weights[(c * model.kernelRows + i) * model.kernelCols + j]);
        assert.deepEqual(Array.from(weightsAt(model, feature, i, j)), applied);
      }
    }
  });
});
