/** The player in Streamlit: the one file that knows how a component of the second kind is called. */

import { Player } from "./player.js";
import { openRun } from "./run.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Player>} */
const players = new WeakMap();
/** @type {WeakMap<Player, Uint8Array>} the message that each player shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement }) {
  let player = players.get(parentElement);
  if (!player) {
    player = new Player(/** @type {HTMLElement} */ (parentElement.querySelector(".learning-root")));
    players.set(parentElement, player);
  }
  player.restyle();
  if (data instanceof Uint8Array && !isSame(data, shown.get(player))) {
    shown.set(player, data);
    player.receive(openRun(data));
  }
  return () => {
    players.get(parentElement)?.destroy();
    players.delete(parentElement);
  };
}

/**
 * A run that is sent again is not begun again.
 *
 * @param {Uint8Array} bytes
 * @param {Uint8Array | undefined} before
 */
function isSame(bytes, before) {
  if (before === undefined || before.length !== bytes.length) return false;
  return before === bytes || bytes.every((byte, i) => byte === before[i]);
}
