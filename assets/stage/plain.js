/** The stage in a plain page: a message of `ui/message.py`, in base64, and an element to put the stage in. */

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
  return mount(root, bytesOf(base64), onPlace);
}

/**
 * @param {HTMLElement} root
 * @param {string} base64 of the message, deflated in the format of zlib (RFC 1950)
 * @param {PlaceListener} [onPlace]
 * @returns {Promise<Stage>}
 */
export async function mountDeflated(root, base64, onPlace) {
  const inflated = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return mount(root, new Uint8Array(await new Response(inflated).arrayBuffer()), onPlace);
}

/**
 * @param {HTMLElement} root
 * @param {Uint8Array} message
 * @param {PlaceListener} [onPlace]
 */
function mount(root, message, onPlace) {
  const stage = new Stage(root, onPlace);
  stage.restyle();
  stage.receive(decodePayload(message));
  // Nobody else tells a plain page that the evening has come.
  const { signal } = stage.ended;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => stage.restyle(), { signal });
  return stage;
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
