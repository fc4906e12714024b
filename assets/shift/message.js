/** The message of `ui/shift_view.py`: a background, an object, a kernel, and how the scene becomes a map. */

import { openMessage } from "../stage/payload.js";
import { GLOBAL } from "./scene.js";

/** @import { ArraySlot } from "../stage/payload.js" */
/** @import { Cells, Grid, Thing, Way } from "./scene.js" */

/**
 * @typedef {object} Message
 * @property {string} kernel its name for people
 * @property {Grid} ground
 * @property {Thing} thing
 * @property {Cells} start where the object is before it is moved
 * @property {Cells} place where it shall be
 * @property {Way} way
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Message}
 */
export function openShift(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The scene was sent an image and nothing else.");
  const header = /** @type {Omit<Message, "ground" | "thing"> & {arrays: Record<string, ArraySlot>, way: Way}} */ (
    /** @type {unknown} */ (message.header)
  );
  const arrays = /** @type {Record<string, Float64Array>} */ (/** @type {unknown} */ (message.arrays));
  const grid = (/** @type {string} */ name) => {
    const shape = /** @type {Cells} */ (header.arrays[name].shape);
    return { shape, values: arrays[name] };
  };
  const { kernel, start, place, way } = header;
  if (way.pool < GLOBAL) throw new Error("The scene was sent a pool of no size.");
  return {
    kernel, start, place,
    ground: grid("ground"),
    thing: { pixels: grid("pixels"), mask: arrays.mask },
    way: { ...way, kernel: grid("weights") },
  };
}
