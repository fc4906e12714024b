/**
 * The message from the engine to the picture of a stack: a blob laid out as those of the stage (`../stage/payload.js`),
 * written by `ui/stack_view.py`.
 */

import { LEVELS, openMessage } from "../stage/payload.js";

/** @import { ArraySlot } from "../stage/payload.js" */
/** @import { Cell, Geometry } from "./field.js" */

/**
 * @typedef {Geometry & {
 *   title: string, names: string[], lows: number[], highs: number[], limit: number, exact: boolean, step: number,
 * }} LayerHeader lows, highs: of each unit's whole map; limit: where the colours of the layer end; exact: whether its
 *   values were sent, and not levels; step: every so-manieth row and column of the maps was sent
 * @typedef {{photoShape: number[], layers: LayerHeader[], pin: number[], pinToken: string,
 *   arrays: Record<string, ArraySlot>}} Header pin: layer, unit, row, column
 * @typedef {{values: Float32Array | Int16Array, rows: number, cols: number}} Maps as sent, (units, rows, cols)
 *
 * @typedef {object} LayersMessage
 * @property {Header} header
 * @property {Uint8Array} photo (H, W, C)
 * @property {Maps[]} maps of each layer
 * @property {Cell} pin
 *
 * @typedef {{value: number, kind: "exact" | "rounded" | "near"}} Value of a cell: as it is, rounded to a level, or that
 *   of the nearest cell that was sent
 */

/**
 * @param {Uint8Array} bytes
 * @returns {LayersMessage}
 */
export function openLayers(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The layers were sent an image and nothing else.");
  const header = /** @type {Header} */ (/** @type {unknown} */ (message.header));
  const arrays = /** @type {Record<string, any>} */ (message.arrays);
  const [layer, unit, row, col] = header.pin;
  return {
    header,
    photo: arrays.photo,
    maps: header.layers.map((_, index) => {
      const [, rows, cols] = header.arrays[`maps${index}`].shape;
      return { values: arrays[`maps${index}`], rows, cols };
    }),
    pin: { layer, unit, row, col },
  };
}

/**
 * The values of one map, as they were sent.
 *
 * @param {LayersMessage} message
 * @param {number} layer
 * @param {number} unit
 */
export function mapOf({ maps }, layer, unit) {
  const { values, rows, cols } = maps[layer];
  return values.subarray(unit * rows * cols, (unit + 1) * rows * cols);
}

/**
 * @param {LayersMessage} message
 * @param {Cell} cell
 * @returns {Value}
 */
export function valueAt(message, { layer, unit, row, col }) {
  const { exact, step, limit } = message.header.layers[layer];
  const { cols } = message.maps[layer];
  const sent = mapOf(message, layer, unit)[Math.floor(row / step) * cols + Math.floor(col / step)];
  if (exact) return { value: sent, kind: "exact" };
  return { value: (sent * limit) / LEVELS, kind: row % step || col % step ? "near" : "rounded" };
}

/**
 * The cell of a map with the greatest value among those that were sent, the first of equal ones.
 *
 * @param {LayersMessage} message
 * @param {number} layer
 * @param {number} unit
 * @returns {Cell}
 */
export function strongestCell(message, layer, unit) {
  const values = mapOf(message, layer, unit);
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  const { step } = message.header.layers[layer];
  const { cols } = message.maps[layer];
  return { layer, unit, row: Math.floor(best / cols) * step, col: (best % cols) * step };
}
