/**
 * The message from the engine to the bench: a blob laid out as those of the stage (`../stage/payload.js`), written by
 * `ui/paint.py`. It holds its image, or names one by a token, which comes in a message of its own.
 */

import { openMessage } from "../stage/payload.js";

/** @import { ArraySlot, Image } from "../stage/payload.js" */
/** @import { Geometry } from "./follow.js" */
/** @import { Kernel } from "./kernel.js" */

/**
 * @typedef {Geometry & {
 *   feature: number, name: string, revision: number, answered: number,
 *   matches: [row: number, col: number][], low: number, high: number,
 *   imageToken?: string, arrays: Record<string, ArraySlot>,
 * }} Header answered: the number of the last report that was seen; matches: the pixels under the first taps of
 *   windows; low, high: of the map
 *
 * @typedef {object} PaintMessage
 * @property {Header} header
 * @property {Kernel} kernel
 * @property {Float32Array | null} map (rows, cols), of pictures whose map is followed here
 * @property {Int16Array | null} levels of the picture of a larger map: value / limit · 32767
 * @property {number[]} levelsShape rows, columns
 * @property {Image | undefined} image
 *
 * @typedef {{token: string, image: Image}} ImageMessage
 */

/**
 * @param {Uint8Array} bytes
 * @returns {PaintMessage | ImageMessage}
 */
export function openPaint(bytes) {
  const message = openMessage(bytes);
  if ("token" in message) return message;
  const header = /** @type {Header} */ (/** @type {unknown} */ (message.header));
  const arrays = /** @type {{bank: Float64Array, map?: Float32Array, levels?: Int16Array, image?: Image}} */ (message.arrays);
  const [rows, cols, slices] = header.arrays.bank.shape;
  return {
    header,
    // A copy of its own: the message's bytes need not be kept for some weights.
    kernel: { rows, cols, slices, weights: arrays.bank.slice() },
    map: arrays.map ?? null,
    levels: arrays.levels ?? null,
    levelsShape: (header.arrays.levels ?? header.arrays.map).shape,
    image: arrays.image,
  };
}
