/** The stages side by side in Streamlit, and in a plain page. */

import { imagesOfPage } from "./images.js";
import { openMessage, payloadOf } from "./payload.js";
import { Several } from "./several.js";

/** @import { Image, StageMessage } from "./payload.js" */
/** @import { Setting } from "./several.js" */

/**
 * @typedef {{title: string, problem?: string, stage?: string}} ColumnHeader with the name of the array that holds the
 *   message of its stage
 * @typedef {{header: {columns: ColumnHeader[]}, arrays: Record<string, Uint8Array>}} Outer
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Several>} */
const mounted = new WeakMap();
/** @type {WeakMap<Several, unknown>} the message that each shows, or waits to show */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * An instance that is given an image alone shows nothing: it keeps the image for the one with the stages.
 *
 * @param {{data: unknown, parentElement: HTMLElement | ShadowRoot}} component
 */
export default function mountInStreamlit({ data, parentElement }) {
  const images = imagesOfPage();
  const message = data instanceof Uint8Array ? openMessage(data) : null;
  if (message && "token" in message) {
    images.put(message.token, message.image);
    return undefined;
  }
  let several = mounted.get(parentElement);
  if (!several) {
    several = new Several(/** @type {HTMLElement} */ (parentElement.querySelector(".stages-root")));
    mounted.set(parentElement, several);
  }
  const here = several;
  here.restyle();
  if (message && data !== shown.get(here)) {
    shown.set(here, data);
    images.forget(here);
    const columns = columnsOf(message);
    const waits = columns.find(({ stage }) => stage && !stage.arrays.image)?.stage;
    const show = (/** @type {Image | undefined} */ image) => {
      here.receive(columns.map((column) => settingOf(column, image)));
      here.restyle();
    };
    if (waits) images.fetch(here, waits.header.imageToken ?? "", show);
    else show(undefined);
  }
  return () => {
    images.forget(here);
    mounted.get(parentElement)?.destroy();
    mounted.delete(parentElement);
  };
}

/**
 * @param {HTMLElement} root
 * @param {string} base64 of a message whose stages hold their images
 * @returns {Several}
 */
export function mountPlain(root, base64) {
  const several = new Several(root);
  const message = openMessage(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  several.receive(columnsOf(/** @type {StageMessage} */ (message)).map((column) => settingOf(column, undefined)));
  several.restyle();
  return several;
}

/**
 * @param {StageMessage} message
 * @returns {{title: string, problem?: string, stage: StageMessage | null}[]}
 */
export function columnsOf(message) {
  const { header, arrays } = /** @type {Outer} */ (/** @type {unknown} */ (message));
  return header.columns.map(({ title, problem, stage }) => ({
    title, problem, stage: stage === undefined ? null : /** @type {StageMessage} */ (openMessage(arrays[stage])),
  }));
}

/**
 * @param {{title: string, problem?: string, stage: StageMessage | null}} column
 * @param {Image | undefined} image
 * @returns {Setting}
 */
function settingOf({ title, problem, stage }, image) {
  if (!stage) return { title, problem: problem ?? "" };
  return { title, payload: payloadOf(stage, stage.arrays.image ?? image) };
}
