/** What the tests share beyond those of the stage: kernels and geometries of every kind. */

import { BOUNDARIES, axisPlan } from "../../stage/test/helpers.js";

/** @import { Experiment, Random } from "../../stage/test/helpers.js" */
/** @import { Geometry } from "../follow.js" */
/** @import { Kernel } from "../kernel.js" */

/**
 * @param {number[][]} rows of one slice
 * @returns {Kernel}
 */
export function kernelOf(rows) {
  return { rows: rows.length, cols: rows[0].length, slices: 1, weights: Float64Array.from(rows.flat()) };
}

/**
 * A kernel of every kind: even and oblong sizes, one slice or three, whole numbers, decimals and ninths.
 *
 * @param {Random} random
 * @param {{largest?: number, slices?: number}} [limits]
 * @returns {Kernel}
 */
export function anyKernel(random, { largest = 6, slices = random.pick([1, 3]) } = {}) {
  const [rows, cols] = [random.integer(1, largest), random.integer(1, largest)];
  const weight = () => random.pick([0, random.integer(-9, 9), random.integer(-30, 30) / 10, random.integer(-8, 8) / 9]);
  return { rows, cols, slices, weights: Float64Array.from({ length: rows * cols * slices }, weight) };
}

/**
 * A picture, a kernel and a plan of every kind; the kernel in a frame that may be larger.
 *
 * @param {Random} random
 * @returns {{geometry: Geometry, image: Uint8Array | Float32Array, kernel: Kernel}}
 */
export function anyLayer(random) {
  for (;;) {
    const channels = random.pick([1, 3, 3, 5]);
    const kernel = anyKernel(random, { largest: 4, slices: channels === 5 ? 1 : random.pick([1, 3]) });
    const frame = { rows: kernel.rows + random.integer(0, 2), cols: kernel.cols + random.integer(0, 2) };
    const pair = (/** @type {number} */ low, /** @type {number} */ high) =>
      /** @type {[number, number]} */ ([random.integer(low, high), random.integer(low, high)]);
    /** @type {Experiment} */
    const experiment = {
      image: [...pair(1, 8), channels],
      kernel: [frame.rows, frame.cols],
      stride: pair(1, 3),
      dilation: pair(1, 3),
      padding: random.pick(["valid", "same", "full", [pair(0, 4), pair(0, 4)]]),
      boundary: random.pick(BOUNDARIES),
    };
    const [rows, cols] = [axisPlan(experiment, 0), axisPlan(experiment, 1)];
    if (rows.out <= 0 || cols.out <= 0) continue;
    const [height, width] = experiment.image;
    const length = height * width * channels;
    const image = random.next() < 0.3
      ? Float32Array.from({ length }, () => random.real(-5, 5))
      : Uint8Array.from({ length }, () => random.integer(0, 255));
    return {
      kernel, image,
      geometry: {
        imageShape: experiment.image,
        top: random.pick([1, 255]),
        outputShape: [rows.out, cols.out],
        pads: [[rows.before, rows.after], [cols.before, cols.after]],
        stride: experiment.stride ?? [1, 1],
        dilation: experiment.dilation ?? [1, 1],
        boundary: experiment.boundary ?? "zeros",
        flip: random.next() < 0.5,
        bias: random.pick([0, -12.5, 1 / 3]),
        frame: {
          ...frame,
          top: Math.floor((frame.rows - 1) / 2) - Math.floor((kernel.rows - 1) / 2),
          left: Math.floor((frame.cols - 1) / 2) - Math.floor((kernel.cols - 1) / 2),
        },
      },
    };
  }
}
