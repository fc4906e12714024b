import assert from "node:assert/strict";
import { test } from "node:test";
import { Random, forAll, walk } from "../../stage/test/helpers.js";
import { Follower, canFollow, difference, rangeOf } from "../follow.js";
import { dabbed } from "../kernel.js";
import { anyLayer } from "./helpers.js";

/** @import { Image } from "../../stage/payload.js" */
/** @import { Geometry } from "../follow.js" */
/** @import { Kernel, Mode } from "../kernel.js" */

/**
 * The map by four plain loops and a fifth over channels, each place of the padding found by walking there.
 *
 * @param {Geometry} geometry
 * @param {Image} image
 * @param {Kernel} kernel
 */
function plainLoops({ imageShape, top, outputShape, pads, stride, dilation, boundary, flip, bias, frame }, image, kernel) {
  const [height, width, channels] = imageShape;
  const map = [];
  for (let row = 0; row < outputShape[0]; row++) {
    for (let col = 0; col < outputShape[1]; col++) {
      let sum = bias;
      for (let i = 0; i < frame.rows; i++) {
        for (let j = 0; j < frame.cols; j++) {
          // The kernel as it lies on the image: turned over if it is flipped, the frame with it.
          const [p, q] = flip ? [frame.rows - 1 - i, frame.cols - 1 - j] : [i, j];
          const [a, b] = [p - frame.top, q - frame.left];
          if (a < 0 || a >= kernel.rows || b < 0 || b >= kernel.cols) continue;
          const r = walk(row * stride[0] + i * dilation[0] - pads[0][0], height, boundary);
          const c = walk(col * stride[1] + j * dilation[1] - pads[1][0], width, boundary);
          if (r < 0 || c < 0) continue;
          for (let channel = 0; channel < Math.max(channels, kernel.slices); channel++) {
            const element = image[(r * width + c) * channels + Math.min(channel, channels - 1)];
            const pixel = image instanceof Float32Array ? element : top === 1 ? Math.fround(element / 255) : element;
            sum += pixel * kernel.weights[(a * kernel.cols + b) * kernel.slices + Math.min(channel, kernel.slices - 1)];
          }
        }
      }
      map.push(sum);
    }
  }
  return map;
}

/**
 * @param {ArrayLike<number>} map
 * @param {number[]} expected
 */
function assertClose(map, expected) {
  assert.equal(map.length, expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => assert.ok(Math.abs(map[i] - value) <= 1e-9 * size, `${map[i]} is not ${value}`));
}

test("summed up, the map is that of plain loops, for every plan, boundary, frame and number of channels", () => {
  forAll(11, 600, anyLayer, ({ geometry, image, kernel }) => {
    const follower = new Follower(geometry, image, kernel.slices);
    follower.sumUp(kernel);
    assertClose(follower.map, plainLoops(geometry, image, kernel));
  });
});

test("followed stroke by stroke, the map is the one that is summed up at the end, and that of plain loops", () => {
  forAll(12, 250, (random) => ({ ...anyLayer(random), seed: random.integer(0, 2 ** 31) }), ({ geometry, image, kernel, seed }) => {
    const random = new Random(seed);
    const follower = new Follower(geometry, image, kernel.slices);
    follower.sumUp(kernel);
    let painted = kernel;
    for (let i = 0; i < 30; i++) {
      const cell = { row: random.integer(0, kernel.rows - 1), col: random.integer(0, kernel.cols - 1) };
      const mode = /** @type {Mode} */ (random.pick(["raise", "lower", "erase"]));
      const slice = kernel.slices === 1 ? null : random.pick([null, 0, 1, 2]);
      const { kernel: next, changes } = dabbed(painted, cell, { mode, step: random.pick([0.1, 0.25, 1]), slice });
      for (const change of changes) follower.add(change);
      painted = next;
    }
    const onTheWay = follower.map.slice();
    follower.sumUp(painted);
    assertClose(onTheWay, [...follower.map]);
    assertClose(follower.map, plainLoops(geometry, image, painted));
  });
});

test("what is painted and taken back leaves no trace: what rounding leaves counts as 0", () => {
  forAll(13, 200, anyLayer, ({ geometry, image, kernel }) => {
    const follower = new Follower({ ...geometry, bias: 0 }, image, kernel.slices);
    /** @type {Kernel} */
    let painted = { ...kernel, weights: new Float64Array(kernel.weights.length) };
    follower.sumUp(painted);
    for (const mode of /** @type {Mode[]} */ (["raise", "lower"])) {
      for (let i = 0; i < 7; i++) {
        const { kernel: next, changes } = dabbed(painted, { row: 0, col: 0 }, { mode, step: 0.1, slice: null });
        for (const change of changes) follower.add(change);
        painted = next;
      }
    }
    const { low, high } = rangeOf(follower.map, follower.rounding);
    assert.ok(Object.is(low, 0) && Object.is(high, 0), `${low} to ${high}`);
  });
});

test("a value as small as a hundred-millionth of the terms is a value, and not rounding", () => {
  forAll(14, 100, anyLayer, ({ geometry, image, kernel }) => {
    const follower = new Follower(geometry, image, kernel.slices);
    follower.sumUp(kernel);
    const terms = kernel.weights.reduce((sum, weight) => sum + Math.abs(weight), 0) * follower.largest + Math.abs(geometry.bias);
    assert.ok(follower.rounding <= 1e-8 * terms);
  });
});

test("the difference of two maps is relative to the largest magnitude of the second", () => {
  assert.equal(difference([1, 2, -4], [1, 2, -4]), 0);
  assert.equal(difference([1, 2.5, -4], [1, 2, -4]), 0.125);
  assert.equal(difference([0, 0.5], [0, 0]), 0.5);
  assert.equal(difference([0, 0], [0, 0]), 0);
});

test("pictures up to 256 rows and columns are followed", () => {
  const geometry = anyLayer(new Random(15)).geometry;
  assert.ok(canFollow({ ...geometry, imageShape: [256, 256, 3] }));
  assert.ok(!canFollow({ ...geometry, imageShape: [257, 1, 3] }));
  assert.ok(!canFollow({ ...geometry, imageShape: [1, 257, 3] }));
});
