/** The stage in Streamlit: the one file that knows how a component of the second kind is called. */

import { Stage } from "./stage.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Stage>} */
const stages = new WeakMap();
/** @type {WeakMap<Stage, Uint8Array>} the message that each stage shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  let stage = stages.get(parentElement);
  if (!stage) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".stage-root"));
    stage = new Stage(root, (place) => setStateValue("place", place));
    stages.set(parentElement, stage);
  }
  stage.restyle();
  if (data instanceof Uint8Array && data !== shown.get(stage)) {
    shown.set(stage, data);
    stage.receive(data);
  }
  return () => {
    stages.get(parentElement)?.destroy();
    stages.delete(parentElement);
  };
}
