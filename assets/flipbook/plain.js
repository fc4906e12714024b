/** The flipbook in a plain page: a message of `ui/flipbook.py` in base64, and an element to put it in. */

import { Flipbook } from "./flipbook.js";
import { openBook } from "./message.js";

/**
 * @param {HTMLElement} root
 * @param {string} base64 of the message
 * @param {(page: number) => void} [report]
 * @returns {{book: Flipbook, receive: (base64: string) => void}} what shows a further message
 */
export function mountPlain(root, base64, report = () => {}) {
  const book = new Flipbook(root, report);
  const receive = (/** @type {string} */ text) => {
    book.receive(openBook(Uint8Array.from(atob(text), (character) => character.charCodeAt(0))));
  };
  receive(base64);
  return { book, receive };
}
