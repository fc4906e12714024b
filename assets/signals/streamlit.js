/** The signals in Streamlit: the one file that knows how a component of the second kind is called. */

import { openSignals } from "./message.js";
import { Signals } from "./signals.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Signals>} */
const mounted = new WeakMap();
/** @type {WeakMap<Signals, unknown>} the message that each one shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  let signals = mounted.get(parentElement);
  if (!signals) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".signals-root"));
    signals = new Signals(root, (report) => setStateValue("report", report));
    mounted.set(parentElement, signals);
  }
  signals.restyle();
  if (data instanceof Uint8Array && data !== shown.get(signals)) {
    shown.set(signals, data);
    signals.receive(openSignals(data));
  }
  return () => {
    mounted.get(parentElement)?.destroy();
    mounted.delete(parentElement);
  };
}
