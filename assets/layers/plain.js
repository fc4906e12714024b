/** The picture of a stack in a plain page: a message of `ui/stack_view.py` in base64, and an element to put it in. */

import { openLayers } from "./message.js";
import { LayersView } from "./view.js";

/** @import { Cell } from "./field.js" */

/**
 * @param {HTMLElement} root
 * @param {string} base64 of the message
 * @param {(cell: Cell) => void} [onPin]
 */
export function mountPlain(root, base64, onPin = () => {}) {
  const view = new LayersView(root, onPin);
  const receive = (/** @type {string} */ text) => {
    view.receive(openLayers(Uint8Array.from(atob(text), (character) => character.charCodeAt(0))));
  };
  view.restyle();
  receive(base64);
  return { view, receive };
}
