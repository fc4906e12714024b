/** The code of a page that holds one stage and nothing else needs; `ui/exports.py` writes it around the message. */

import { mountDeflated } from "./plain.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".stage-root"));
const message = /** @type {HTMLElement} */ (document.querySelector("#stage-message"));

mountDeflated(root, message.textContent ?? "").catch((error) => {
  root.textContent = `The stage cannot be shown here: ${error.message} A current browser shows it.`;
  throw error;
});
