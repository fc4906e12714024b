/** The elements of the scene: two large pictures, their buttons, three small pictures, the strip, what is said. */

import { element } from "../stage/parts.js";

/**
 * Build the elements in an empty one.
 *
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const scene = canvas("shift-scene", "The scene. Arrow keys move the object by one pixel, with Shift by eight");
  scene.tabIndex = 0;
  const map = canvas("shift-map", "The map of the scene");
  const first = canvas("shift-first", "Map of the shifted scene");
  const second = canvas("shift-second", "Shifted map of the scene");
  const difference = canvas("shift-difference", "Difference of the two maps");
  const walk = button("Walk");
  const reset = button("Back to the start");
  const captions = { map: element("figcaption", {}), range: element("p", { class: "muted" }) };
  const readout = element("p", { class: "readout", "data-testid": "shift-readout", "aria-live": "polite" });
  const steps = element("p", { "data-testid": "shift-steps" });
  const verdict = element("p", { class: "verdict", "data-testid": "shift-verdict", "aria-live": "polite" });
  const visits = element("p", { "data-testid": "shift-visits" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "strip");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "The maximum of the map at the last places, and its row and column");
  const plot = element("div", { class: "plot" });
  plot.append(svg);
  const box = element("div", { class: "shift", "data-testid": "shift", role: "group", "aria-label": "Scene and map" },
    element("div", { class: "large" },
      element("figure", {}, element("figcaption", {}, "Scene: drag the object"), scene),
      element("figure", {}, captions.map, map)),
    element("div", { class: "bar" }, walk, reset, captions.range),
    readout,
    element("h2", {}, "Shift the whole scene, before or after"),
    element("div", { class: "small" },
      element("figure", {}, element("figcaption", {}, "Shift, then convolve"), first),
      element("figure", {}, element("figcaption", {}, "Convolve, then shift"), second),
      element("figure", {}, element("figcaption", {}, "Difference"), difference)),
    verdict, steps, plot, visits);
  root.append(box);
  return { box, scene, map, first, second, difference, walk, reset, captions, readout, steps, verdict, visits, plot, svg };
}

/** @param {string} words */
function button(words) {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button" }, words));
}

/**
 * @param {string} testid
 * @param {string} label
 */
function canvas(testid, label) {
  return /** @type {HTMLCanvasElement} */ (element("canvas", { "data-testid": testid, role: "img", "aria-label": label }));
}
