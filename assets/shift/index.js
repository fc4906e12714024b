/** The scene in Streamlit: the one file that knows how a component of the second kind is called. */

import { openShift } from "./message.js";
import { Shift } from "./shift.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Shift>} */
const scenes = new WeakMap();
/** @type {WeakMap<Shift, unknown>} the message that each shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  let scene = scenes.get(parentElement);
  if (!scene) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".shift-root"));
    scene = new Shift(root, (place) => setStateValue("place", place));
    scenes.set(parentElement, scene);
  }
  scene.restyle();
  if (data instanceof Uint8Array && data !== shown.get(scene)) {
    shown.set(scene, data);
    scene.receive(openShift(data));
  }
  return () => {
    scenes.get(parentElement)?.destroy();
    scenes.delete(parentElement);
  };
}
