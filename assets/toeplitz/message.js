/** The message of `ui/toeplitz_view.py`: a small picture, a kernel, and the convolution as a sparse matrix. */

import { openMessage } from "../stage/payload.js";

/** @import { ArraySlot } from "../stage/payload.js" */
/** @import { Matrix } from "./matrix.js" */

/**
 * @param {Uint8Array} bytes
 * @returns {Matrix}
 */
export function openToeplitz(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The matrix was sent an image and nothing else.");
  const header = /** @type {{title: string, bias: number, top: number, arrays: Record<string, ArraySlot>}} */ (
    /** @type {unknown} */ (message.header)
  );
  const arrays = /** @type {Record<string, Float64Array>} */ (/** @type {unknown} */ (message.arrays));
  const shape = (/** @type {string} */ name) => /** @type {[number, number]} */ (header.arrays[name].shape);
  return {
    title: header.title,
    bias: header.bias,
    top: header.top,
    imageShape: shape("picture"),
    kernelShape: shape("kernel"),
    mapShape: shape("product"),
    image: arrays.picture,
    kernel: arrays.kernel,
    product: arrays.product,
    starts: Int32Array.from(arrays.starts),
    columns: Int32Array.from(arrays.columns),
    taps: Int32Array.from(arrays.taps),
  };
}
