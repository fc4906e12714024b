/** The flipbook in Streamlit: the one file that knows how a component of the second kind is called. */

import { Flipbook } from "./flipbook.js";
import { openBook } from "./message.js";

/**
 * @typedef {object} ComponentArgs
 * @property {unknown} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<HTMLElement | ShadowRoot, Flipbook>} */
const books = new WeakMap();
/** @type {WeakMap<Flipbook, unknown>} the message that each shows */
const shown = new WeakMap();

/**
 * Called at the mount and again at every change of data or theme; the returned function only at the unmount.
 *
 * @param {ComponentArgs} component
 */
export default function mountInStreamlit({ data, parentElement, setStateValue }) {
  let book = books.get(parentElement);
  if (!book) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".flipbook-root"));
    book = new Flipbook(root, (page) => setStateValue("page", page));
    books.set(parentElement, book);
  }
  if (data instanceof Uint8Array && data !== shown.get(book)) {
    shown.set(book, data);
    book.receive(openBook(data));
  }
  return () => {
    books.get(parentElement)?.destroy();
    books.delete(parentElement);
  };
}
