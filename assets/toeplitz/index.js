/** The matrix in Streamlit: the one file that knows how a component of the second kind is called. */

import { openToeplitz } from "./message.js";
import { MatrixView } from "./view.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, MatrixView>} */
const views = new WeakMap();
/** @type {WeakMap<MatrixView, unknown>} the message that each shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".toeplitz-root"));
    view = new MatrixView(root);
    views.set(parentElement, view);
  }
  view.restyle();
  if (data instanceof Uint8Array && data !== shown.get(view)) {
    shown.set(view, data);
    view.receive(openToeplitz(data));
  }
  return () => {
    views.get(parentElement)?.destroy();
    views.delete(parentElement);
  };
}
