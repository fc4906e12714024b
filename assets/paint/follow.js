/**
 * The feature map that follows the brush, in double precision.
 *
 * A map is the sum of copies of the picture, one for each weight, moved by where the weight stands in the kernel. So when
 * one weight changes by δ, the map changes by δ times one such copy: for 256 × 256 cells a fraction of a millisecond,
 * whatever the kernel's size. What rounding has gathered on the way is gone at the end of a stroke, when the map is
 * summed up anew.
 */

import { sourceOf } from "../stage/model.js";
import { indexOf } from "./kernel.js";

/** @import { Image } from "../stage/payload.js" */
/** @import { Change, Kernel } from "./kernel.js" */

/**
 * @typedef {object} Geometry where each cell of the map looks
 * @property {number[]} imageShape rows, columns, channels
 * @property {number} top the value of a white pixel
 * @property {number[]} outputShape rows, columns
 * @property {[[number, number], [number, number]]} pads top and bottom, left and right
 * @property {[number, number]} stride
 * @property {[number, number]} dilation
 * @property {"zeros" | "reflect" | "replicate" | "circular"} boundary
 * @property {boolean} flip true for the mathematician's convolution
 * @property {number} bias
 * @property {{rows: number, cols: number, top: number, left: number}} frame the kernels of a layer have one size:
 *   smaller ones stand in a frame of zeros, this one's corner at `top`, `left`
 */

/** Pictures up to this many rows and columns are followed while the brush moves. */
export const LARGEST_FOLLOWED = 256;

// Of a sum, relative to the magnitudes that went into it: so much may be rounding, and is not shown as a value.
const ROUNDING = 1e-12;

/** @param {Geometry} geometry */
export function canFollow({ imageShape: [rows, cols] }) {
  return Math.max(rows, cols) <= LARGEST_FOLLOWED;
}

export class Follower {
  /**
   * @param {Geometry} geometry
   * @param {Image} image
   * @param {number} slices of the kernel
   */
  constructor(geometry, image, slices) {
    const { stride, dilation, frame, outputShape: [rows, cols] } = geometry;
    this.geometry = geometry;
    /** Rows and columns from the first to the last that any window reads. */
    this.tall = (rows - 1) * stride[0] + (frame.rows - 1) * dilation[0] + 1;
    this.wide = (cols - 1) * stride[1] + (frame.cols - 1) * dilation[1] + 1;
    this.planes = planesOf(geometry, image, slices, this.tall, this.wide);
    this.largest = this.planes.reduce((most, plane) => plane.reduce((m, value) => Math.max(m, Math.abs(value)), most), 0);
    this.map = new Float64Array(rows * cols);
    /** The magnitude of what was summed since the map was made. */
    this.size = 0;
  }

  /** What is smaller than this is rounding. */
  get rounding() {
    return ROUNDING * (this.size * this.largest + Math.abs(this.geometry.bias));
  }

  /**
   * Sum up the map of a kernel.
   *
   * @param {Kernel} kernel
   */
  sumUp(kernel) {
    this.map.fill(this.geometry.bias);
    this.size = 0;
    for (let row = 0; row < kernel.rows; row++) {
      for (let col = 0; col < kernel.cols; col++) {
        for (let slice = 0; slice < kernel.slices; slice++) {
          const delta = kernel.weights[indexOf(kernel, row, col, slice)];
          if (delta !== 0) this.add({ row, col, slice, delta });
        }
      }
    }
  }

  /**
   * Take the change of a weight into the map.
   *
   * @param {Change} change
   */
  add({ row, col, slice, delta }) {
    const { geometry: { stride, dilation, flip, frame, outputShape: [rows, cols] }, map, wide } = this;
    const plane = this.planes[Math.min(slice, this.planes.length - 1)];
    const tapRow = flip ? frame.rows - 1 - frame.top - row : frame.top + row;
    const tapCol = flip ? frame.cols - 1 - frame.left - col : frame.left + col;
    const step = stride[1];
    let at = 0;
    for (let r = 0; r < rows; r++) {
      let from = (r * stride[0] + tapRow * dilation[0]) * wide + tapCol * dilation[1];
      for (const end = at + cols; at < end; at++, from += step) map[at] += delta * plane[from];
    }
    this.size += Math.abs(delta);
  }
}

/**
 * The padded picture as one plane for each slice of the kernel: where all channels share a slice, their sum; where
 * there is one channel, the same for all slices.
 *
 * @param {Geometry} geometry
 * @param {Image} image
 * @param {number} slices
 * @param {number} tall
 * @param {number} wide
 * @returns {Float64Array[]}
 */
function planesOf({ imageShape: [rows, cols, channels], pads, boundary, top }, image, slices, tall, wide) {
  const value = valuesOf(image, top);
  const along = (/** @type {number} */ length, /** @type {number} */ before, /** @type {number} */ size) =>
    Array.from({ length }, (_, i) => sourceOf(i - before, size, boundary));
  const fromRows = along(tall, pads[0][0], rows);
  const fromCols = along(wide, pads[1][0], cols);
  const shared = slices === 1;
  return Array.from({ length: shared ? 1 : channels }, (_, plane) => {
    const [first, last] = shared ? [0, channels] : [plane, plane + 1];
    const made = new Float64Array(tall * wide);
    let at = 0;
    for (const row of fromRows) {
      for (const col of fromCols) {
        if (row >= 0 && col >= 0) {
          const pixel = (row * cols + col) * channels;
          for (let c = first; c < last; c++) made[at] += value(image[pixel + c]);
        }
        at++;
      }
    }
    return made;
  });
}

/**
 * What an element of the image stands for, as the engine has it: bytes from 0 to 1 are rounded to float32.
 *
 * @param {Image} image
 * @param {number} top
 * @returns {(element: number) => number}
 */
function valuesOf(image, top) {
  if (image instanceof Float32Array) return (element) => element;
  const table = Float64Array.from({ length: 256 }, (_, byte) => Math.fround((byte * top) / 255));
  return (element) => table[element];
}

/**
 * The least and the greatest value of a map; what is rounding counts as 0.
 *
 * @param {ArrayLike<number>} map
 * @param {number} rounding
 */
export function rangeOf(map, rounding) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < map.length; i++) {
    const value = map[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const shown = (/** @type {number} */ value) => (Math.abs(value) <= rounding ? 0 : value);
  return { low: shown(low), high: shown(high) };
}

/**
 * How far two maps are apart: the largest difference, relative to the largest magnitude of the second.
 *
 * @param {ArrayLike<number>} map
 * @param {ArrayLike<number>} other
 */
export function difference(map, other) {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < other.length; i++) {
    apart = Math.max(apart, Math.abs(map[i] - other[i]));
    size = Math.max(size, Math.abs(other[i]));
  }
  // Where the one is 0 everywhere, any difference is told as it is.
  return size === 0 ? apart : apart / size;
}
