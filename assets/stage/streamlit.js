/** The stage in Streamlit: the one file that knows how a component of the second kind is called. */

import { imagesOfPage } from "./images.js";
import { openMessage, payloadOf } from "./payload.js";
import { Stage } from "./stage.js";

/** @import { Image } from "./payload.js" */

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Stage>} */
const stages = new WeakMap();
/** @type {WeakMap<Stage, unknown>} the message that each stage shows, or waits to show */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * An instance that is given an image alone shows nothing: it keeps the image for the one with the stage.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  const images = imagesOfPage();
  const message = data instanceof Uint8Array ? openMessage(data) : null;
  if (message && "token" in message) {
    images.put(message.token, message.image);
    return undefined;
  }
  let stage = stages.get(parentElement);
  if (!stage) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".stage-root"));
    stage = new Stage(root, (place) => setStateValue("place", place));
    stages.set(parentElement, stage);
  }
  stage.restyle();
  const mounted = stage;
  if (message && data !== shown.get(mounted)) {
    const { header, arrays } = message;
    const show = (/** @type {Image} */ image) => mounted.receive(payloadOf(message, image));
    shown.set(mounted, data);
    images.forget(mounted);
    if (arrays.image) show(arrays.image);
    else images.fetch(mounted, header.imageToken ?? "", show);
  }
  return () => {
    images.forget(mounted);
    stages.get(parentElement)?.destroy();
    stages.delete(parentElement);
  };
}
