/** The elements: three small grids, the matrix, its buttons and slider, and what is said. */

import { element } from "../stage/parts.js";

/**
 * Build the elements in an empty one.
 *
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const picture = canvas("toeplitz-picture", "The small picture. Arrow keys choose a pixel", true);
  const folded = canvas("toeplitz-folded", "The row of the matrix, folded to the form of the picture", false);
  const map = canvas("toeplitz-map", "The map", false);
  const matrix = canvas("toeplitz-matrix", "The matrix. Up and down choose a row, left and right a weight in it", true);
  const foldedTitle = element("figcaption", {});
  const mapTitle = element("figcaption", {});
  const back = button("Row before");
  const play = button("Play");
  const on = button("Next row");
  const slider = /** @type {HTMLInputElement} */ (
    element("input", { type: "range", min: "0", max: "0", step: "1", value: "0", "aria-label": "Row of the matrix", "data-testid": "toeplitz-row" })
  );
  const scale = element("p", { class: "muted" });
  const readout = element("p", { class: "readout", "data-testid": "toeplitz-readout", "aria-live": "polite" });
  const weight = element("p", { class: "weight", "data-testid": "toeplitz-weight", "aria-live": "polite" });
  const box = element("div", { class: "toeplitz", "data-testid": "toeplitz", role: "group", "aria-label": "The convolution as a matrix" },
    element("div", { class: "small" },
      element("figure", {}, element("figcaption", {}, "Picture"), picture),
      element("figure", {}, foldedTitle, folded),
      element("figure", {}, mapTitle, map)),
    element("div", { class: "bar" }, back, play, on, slider),
    readout, weight,
    element("figure", { class: "wide" }, element("figcaption", {}, "Picture as a row, matrix, map as a column"), matrix),
    scale);
  root.append(box);
  return { box, picture, folded, map, matrix, foldedTitle, mapTitle, back, play, on, slider, scale, readout, weight };
}

/** @param {string} words */
function button(words) {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button" }, words));
}

/**
 * @param {string} testid
 * @param {string} label
 * @param {boolean} focusable
 */
function canvas(testid, label, focusable) {
  const made = /** @type {HTMLCanvasElement} */ (element("canvas", { "data-testid": testid, role: "img", "aria-label": label }));
  if (focusable) made.tabIndex = 0;
  return made;
}
