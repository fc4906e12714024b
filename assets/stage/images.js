/**
 * The pictures that have come to this page, for the stages that show them.
 *
 * A picture comes in a message of its own, so that a change of a kernel need not bring it again. It may come before
 * the message of the stage that names it, or after it.
 */

/** @import { Image } from "./payload.js" */

// The one of now, and the one that a stage shows until its next message.
const KEPT = 2;

export class Images {
  constructor() {
    /** @type {Map<string, Image>} by token, the newest last */
    this.kept = new Map();
    /** @type {Map<object, {token: string, then: (image: Image) => void}>} */
    this.waiting = new Map();
  }

  /**
   * Keep a picture, and hand it to all that wait for it.
   *
   * @param {string} token
   * @param {Image} image
   */
  put(token, image) {
    this.kept.delete(token);
    this.kept.set(token, image);
    for (const old of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(old);
    for (const [who, wait] of [...this.waiting]) {
      if (wait.token === token) this.fetch(who, token, wait.then);
    }
  }

  /**
   * Call `then` with a picture, at once or when it comes. Nobody waits for more than one: the last one asked for.
   *
   * @param {object} who
   * @param {string} token
   * @param {(image: Image) => void} then
   */
  fetch(who, token, then) {
    const image = this.kept.get(token);
    if (image) {
      this.forget(who);
      then(image);
    } else {
      this.waiting.set(who, { token, then });
    }
  }

  /** @param {object} who waits no longer */
  forget(who) {
    this.waiting.delete(who);
  }
}

/**
 * The pictures of this page. Each component of a host may have a copy of this module: they meet at a name that all
 * of them know.
 *
 * @returns {Images}
 */
export function imagesOfPage() {
  const page = /** @type {Record<symbol, Images>} */ (/** @type {unknown} */ (globalThis));
  return (page[Symbol.for("convscope.images")] ??= new Images());
}
