/**
 * The message from Python to a flipbook: a blob laid out as those of the stage (`../stage/payload.js`), written by
 * `ui/flipbook.py`. Drawings of one book have most of their shapes in common, so each shape is sent once.
 */

import { openMessage } from "../stage/payload.js";

/**
 * @typedef {object} Book
 * @property {string} label what the book is about
 * @property {string[]} words of each page
 * @property {string[]} wide an SVG document for each page, for 640 CSS pixels and more
 * @property {string[]} narrow and for fewer
 * @property {number} page where it is to be open
 * @property {number} turn another one whenever it is to be turned there
 *
 * @typedef {{label: string, words: string[], pieces: string[], lengths: Record<"wide" | "narrow", number[]>,
 *   page: number, turn: number}} Header
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Book}
 */
export function openBook(bytes) {
  const message = openMessage(bytes);
  if ("token" in message) throw new Error("The flipbook was sent an image.");
  const { label, words, pieces, lengths, page, turn } = /** @type {Header} */ (/** @type {unknown} */ (message.header));
  const parts = /** @type {Record<"wide" | "narrow", Int16Array>} */ (/** @type {unknown} */ (message.arrays));
  const joined = (/** @type {"wide" | "narrow"} */ kind) => {
    let at = 0;
    return lengths[kind].map((length) => {
      const drawing = Array.from(parts[kind].subarray(at, at + length), (piece) => pieces[piece]).join("");
      at += length;
      return drawing;
    });
  };
  return { label, words, wide: joined("wide"), narrow: joined("narrow"), page, turn };
}
