/** The bench in a plain page: a message of `ui/paint.py` with its image, in base64, and an element to put it in. */

import { Bench } from "./bench.js";
import { openPaint } from "./message.js";

/** @import { Listeners } from "./bench.js" */

/**
 * @param {HTMLElement} root
 * @param {string} base64 of the message
 * @param {Partial<Listeners>} [listeners]
 * @returns {{bench: Bench, receive: (base64: string) => void}} what shows a further message
 */
export function mountPlain(root, base64, listeners = {}) {
  const bench = new Bench(root, { onWeights: () => {}, onLift: () => {}, ...listeners });
  const receive = (/** @type {string} */ text) => {
    const message = openPaint(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
    if (!("token" in message)) bench.receive(message);
  };
  bench.restyle();
  receive(base64);
  // Nobody else tells a plain page that the evening has come.
  const { signal } = bench.ended;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => bench.restyle(), { signal });
  return { bench, receive };
}
