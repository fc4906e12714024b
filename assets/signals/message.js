/** The message from `ui/signals.py`: a blob laid out as those of the stage (`../stage/payload.js`). */

import { openMessage } from "../stage/payload.js";

/** @import { Mode, Setting } from "./arithmetic.js" */

/**
 * @typedef {object} Header
 * @property {number} picks how often a setting was picked: what was drawn before belongs to other signals
 * @property {number} answered the number of the last report that was seen
 * @property {[number, number]} starts places of the first samples
 * @property {[string, string]} names of both signals
 * @property {Mode} mode
 * @property {boolean} flip
 * @property {number | null} step
 * @property {number} place n, where g shall be
 *
 * @typedef {{header: Header, setting: Setting}} SignalsMessage
 */

/**
 * @param {Uint8Array} bytes
 * @returns {SignalsMessage}
 */
export function openSignals(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The signals were sent an image.");
  const header = /** @type {Header} */ (/** @type {unknown} */ (message.header));
  const arrays = /** @type {Record<"f" | "g", Float64Array>} */ (/** @type {unknown} */ (message.arrays));
  const { starts: [f, g], mode, flip, step } = header;
  return {
    header,
    setting: { f: { start: f, samples: [...arrays.f] }, g: { start: g, samples: [...arrays.g] }, mode, flip, step },
  };
}
