/** The bench in Streamlit: the one file that knows how a component of the second kind is called. */

import { imagesOfPage } from "../stage/images.js";
import { Bench } from "./bench.js";
import { openPaint } from "./message.js";

/** @import { Image } from "../stage/payload.js" */

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Bench>} */
const benches = new WeakMap();
/** @type {WeakMap<Bench, unknown>} the message that each bench shows, or waits to show */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * An instance that is given an image alone shows nothing: it keeps the image for the one with the bench.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  const images = imagesOfPage();
  const message = data instanceof Uint8Array ? openPaint(data) : null;
  if (message && "token" in message) {
    images.put(message.token, message.image);
    return undefined;
  }
  let bench = benches.get(parentElement);
  if (!bench) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".paint-root"));
    bench = new Bench(root, {
      onWeights: (report) => setStateValue("weights", report),
      onLift: (report) => setStateValue("lift", report),
    });
    benches.set(parentElement, bench);
  }
  bench.restyle();
  const mounted = bench;
  if (message && data !== shown.get(mounted)) {
    const show = (/** @type {Image} */ image) => mounted.receive({ ...message, image });
    shown.set(mounted, data);
    images.forget(mounted);
    if (message.image) show(message.image);
    else images.fetch(mounted, message.header.imageToken ?? "", show);
  }
  return () => {
    images.forget(mounted);
    benches.get(parentElement)?.destroy();
    benches.delete(parentElement);
  };
}
