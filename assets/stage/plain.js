/** The stage in a plain page: a message of `ui/message.py`, in base64, and an element to put the stage in. */

import { Stage } from "./stage.js";

/** @import { PlaceListener } from "./stage.js" */

/**
 * @param {HTMLElement} root
 * @param {string} base64 of the message
 * @param {PlaceListener} [onPlace]
 * @returns {Stage}
 */
export function mountPlain(root, base64, onPlace) {
  const stage = new Stage(root, onPlace);
  stage.restyle();
  stage.receive(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  return stage;
}
