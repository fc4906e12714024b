/** The stage in a plain page: a message of `ui/stage.py`, in base64, and an element to put the stage in. */

import { decodePayload } from "./payload.js";
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
  const { signal } = stage.ended;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => stage.restyle(), { signal });
  stage.receive(decodePayload(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))));
  return stage;
}
