/** The elements of the picture of a stack: the photo with the readout, and a row of maps for each layer. */

import { formatNumber } from "../stage/numbers.js";
import { element } from "../stage/parts.js";
import { LEGEND } from "./keys.js";
import { scaleOf } from "./words.js";

/** @import { LayerHeader, LayersMessage } from "./message.js" */

// Of more maps the names have no room under them: their numbers do.
const MOST_NAMED = 8;

/**
 * @typedef {object} LayerParts
 * @property {HTMLElement} box
 * @property {HTMLElement} field what the cell sees of it, in words
 * @property {HTMLElement} bar of the colours
 * @property {HTMLCanvasElement[]} maps
 */

/**
 * Build the elements in an empty one; those of the layers come with a message.
 *
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const photo = canvas("layers-photo", "The photo, with what the cell sees of it", null);
  const photoSize = element("span", { class: "size" });
  const photoField = element("p", { class: "field", "data-testid": "layers-field-photo" });
  const readout = element("div", { class: "readout", "data-testid": "layers-readout", "aria-live": "polite" });
  const strongest = button("Strongest cell", "Go to the strongest cell of the map that is chosen");
  const rows = element("div", { class: "rows" });
  const legend = element("details", { class: "legend" }, element("summary", {}, "Keys"),
    element("table", {}, element("tbody", {}, ...LEGEND.map(([keys, what]) =>
      element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, what))))));
  const box = element("div", { class: "layers", role: "group", "aria-label": "Layers on the photo", "data-testid": "layers" },
    element("section", { class: "side", "aria-label": "Photo and cell" },
      element("div", { class: "looked" },
        element("div", { class: "title" }, element("strong", {}, "Photo"), photoSize), photo, photoField),
      readout, element("div", { class: "foot" }, strongest, legend)),
    rows);
  root.append(box);
  return { box, photo, photoSize, photoField, readout, strongest, rows };
}

/**
 * @param {LayersMessage} message
 * @returns {LayerParts[]}
 */
export function buildLayers({ header }) {
  return header.layers.map((layer, index) => {
    const { title, names, size } = layer;
    const maps = names.map((_, unit) => canvas(`layers-map-${index}-${unit}`, mapName(layer, index, unit), "0"));
    const field = element("p", { class: "field", "data-testid": `layers-field-${index}` });
    const { text, side } = scaleOf(layer);
    const bar = element("span", { class: `bar ${side}` });
    const grid = element("div", { class: "maps" }, ...maps.map((map, unit) =>
      element("figure", {}, map, element("figcaption", { title: names[unit] }, names.length > MOST_NAMED ? String(unit + 1) : names[unit]))));
    grid.style.setProperty("--count", String(names.length));
    const box = element("section", { class: "layer", "aria-label": `Layer ${index + 1}` },
      element("div", { class: "head" },
        element("div", { class: "title" },
          element("span", { class: "number" }, String(index + 1)), element("strong", {}, title)),
        element("span", { class: "size" }, `${size[0]} × ${size[1]} × ${names.length}`),
        element("span", { class: "scale" }, bar, element("span", { class: "range" }, text)),
        field),
      grid);
    return { box, field, bar, maps };
  });
}

/**
 * @param {LayerHeader} layer
 * @param {number} index
 * @param {number} unit
 */
function mapName({ names, size, lows, highs }, index, unit) {
  const range = `from ${formatNumber(lows[unit], 4)} to ${formatNumber(highs[unit], 4)}`;
  return `Layer ${index + 1}, map ${unit + 1}, ${names[unit]}: ${size[0]} × ${size[1]} cells, ${range}; arrows choose a cell`;
}

/**
 * @param {string} testId
 * @param {string} name
 * @param {string | null} tabindex
 */
function canvas(testId, name, tabindex) {
  const made = element("canvas", { class: "canvas", role: "img", "aria-label": name, "data-testid": testId });
  if (tabindex !== null) made.setAttribute("tabindex", tabindex);
  return /** @type {HTMLCanvasElement} */ (made);
}

/**
 * @param {string} words
 * @param {string} title
 */
function button(words, title) {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button", title }, words));
}
