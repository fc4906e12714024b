/** The picture of a stack in Streamlit: the one file that knows how a component of the second kind is called. */

import { openLayers } from "./message.js";
import { LayersView } from "./view.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, LayersView>} */
const views = new WeakMap();
/** @type {WeakMap<LayersView, unknown>} the message that each shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".layers-root"));
    view = new LayersView(root, (cell) => setStateValue("pin", cell));
    views.set(parentElement, view);
  }
  view.restyle();
  if (data instanceof Uint8Array && data !== shown.get(view)) {
    shown.set(view, data);
    view.receive(openLayers(data));
  }
  return () => {
    views.get(parentElement)?.destroy();
    views.delete(parentElement);
  };
}
