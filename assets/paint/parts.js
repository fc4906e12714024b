/** The elements of a bench: photo, kernel and map, the brush's choices and the buttons. */

import { element } from "../stage/parts.js";
import { LEGEND, PHOTO_LEGEND } from "./keys.js";

/** @import { Deed } from "./keys.js" */
/** @import { Mode } from "./kernel.js" */

/** @type {[Mode, string, string][]} */
export const MODES = [
  ["raise", "Raise", "Raise weights; with Shift or the right button, lower them"],
  ["lower", "Lower", "Lower weights; with Shift or the right button, raise them"],
  ["erase", "Set to 0", "Set weights to 0"],
];

export const STEPS = [0.1, 0.25, 1];

export const CHANNELS = ["R", "G", "B"];

/** @type {[Deed, string, string][]} what a button does, its words, and more of them */
const DEEDS = [
  ["mirror", "Mirror", "Left becomes right"],
  ["flip", "Flip", "Top becomes bottom"],
  ["rotate", "Rotate", "By 90° clockwise"],
  ["normalise", "Normalise", "Make the weights sum to 1"],
  ["zero-sum", "Zero-sum", "Subtract the mean"],
  ["clear", "Clear", "Set all weights to 0"],
];

/** @type {[Deed, string, string, string][]} and what it is called */
const SHIFTS = [
  ["shift left", "←", "Move all weights to the left", "Shift left"],
  ["shift up", "↑", "Move all weights up", "Shift up"],
  ["shift down", "↓", "Move all weights down", "Shift down"],
  ["shift right", "→", "Move all weights to the right", "Shift right"],
];

let instances = 0;

/**
 * Build the elements of a bench in an empty one.
 *
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const id = `paint-${++instances}`;
  const lift = button("Lift a patch", "Take a patch of the photo as the kernel");
  const photoSize = element("span", { class: "size" });
  const photo = canvas("paint-photo", "Photo with a patch to lift: arrows move it, Shift and arrows resize it, Enter lifts it", "0");
  const loupe = canvas("paint-loupe", "The patch, enlarged");
  const patchText = element("span", { class: "patch-text", "data-testid": "paint-patch" });
  const liftNote = element("span", { class: "note" });

  const kernelSize = element("span", { class: "size", "data-testid": "paint-size" });
  const sum = element("span", { class: "sum", "data-testid": "paint-sum" });
  const grid = element("div", {
    class: "grid", role: "grid", tabindex: "0", "data-testid": "paint-grid", id: `${id}-grid`,
    "aria-label": "Weights: arrows choose a cell, plus and minus raise and lower it",
  });
  const cell = element("p", { class: "cell-text", "data-testid": "paint-cell" });
  const weightScale = scale("paint-weight-scale");
  const modes = choice("Brush", MODES.map(([mode, words, title]) => ({ value: mode, words, title, name: words })));
  const steps = choice("Step", STEPS.map((step) => ({
    value: String(step), words: String(step), title: `By ${step} at each touch`, name: `Step ${step}`,
  })));
  const channels = choice("Paint", [
    { value: "all", words: "all", title: "Paint all channels", name: "Paint all channels" },
    ...CHANNELS.map((words, slice) => ({ value: String(slice), words, title: `Paint ${words} only`, name: `Paint ${words} only` })),
  ]);
  const deeds = /** @type {Record<Deed, HTMLButtonElement>} */ ({});
  const make = (/** @type {[Deed, string, string, string?]} */ [deed, words, title, name]) => (deeds[deed] = button(words, title, name));
  const changes = element("div", { class: "buttons", role: "group", "aria-label": "The whole kernel" }, ...DEEDS.map(make));
  const shifts = element("div", { class: "buttons shifts", role: "group", "aria-label": "Shift the weights" },
    element("span", { class: "label" }, "Shift"), ...SHIFTS.map(make));
  const said = element("p", { class: "said", role: "status", "data-testid": "paint-said" });
  // What the keys have come to, for those who hear the page; a moving mouse would never let it finish.
  const ears = element("p", { class: "for-ears", role: "status", "data-testid": "paint-ears" });
  const contrast = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", class: "check" }));

  const mapSize = element("span", { class: "size" });
  const map = canvas("paint-map", "Feature map");
  const mapScale = scale("paint-range");
  const state = element("p", { class: "state", role: "status", "data-testid": "paint-state" });

  const box = element("div", { class: "paint", role: "group", "aria-label": "Paint a kernel", "data-testid": "paint" },
    element("section", { class: "part photo", "aria-label": "Photo" },
      element("div", { class: "title" }, element("strong", {}, "Photo"), photoSize), photo),
    element("section", { class: "lifting", "aria-label": "Lift a patch of the photo" }, element("div", {}, lift, patchText, liftNote), loupe),
    element("section", { class: "part kernel", "aria-label": "Kernel" },
      element("div", { class: "title" }, element("strong", {}, "Kernel"), kernelSize, sum),
      grid, weightScale.box, cell),
    element("section", { class: "part workshop", "aria-label": "Brush and changes of the whole kernel" },
      element("div", { class: "tools" }, modes.box, steps.box, channels.box, changes, shifts), said,
      element("div", { class: "aside" },
        element("details", { class: "legend" }, element("summary", {}, "Keys"),
          table("In the kernel", LEGEND), table("On the photo", PHOTO_LEGEND)),
        element("label", { class: "switch" }, contrast, "High contrast"))),
    element("section", { class: "part map", "aria-label": "Feature map" },
      element("div", { class: "title" }, element("strong", {}, "Feature map"), mapSize), map, mapScale.box, state), ears);
  root.append(box);
  return {
    id, box, lift, photoSize, photo, loupe, patchText, liftNote, kernelSize, sum, grid, cell, weightScale, modes, steps,
    channels, deeds, said, contrast, mapSize, map, mapScale, state, ears,
  };
}

/**
 * @param {string} words on it, and what it is called where they are enough
 * @param {string} title
 * @param {string} [name]
 */
function button(words, title, name = words) {
  const made = element("button", { type: "button", class: "button", title }, words);
  if (name !== words) made.setAttribute("aria-label", name);
  return /** @type {HTMLButtonElement} */ (made);
}

/**
 * @param {string} testId
 * @param {string} name
 * @param {string} [tabindex]
 */
function canvas(testId, name, tabindex) {
  const made = element("canvas", { class: "canvas", role: "img", "aria-label": name, "data-testid": testId });
  if (tabindex !== undefined) made.setAttribute("tabindex", tabindex);
  return /** @type {HTMLCanvasElement} */ (made);
}

/**
 * The diverging scale with its range.
 *
 * @param {string} testId
 */
function scale(testId) {
  const bar = element("span", { class: "bar" });
  const [low, zero, high] = [0, 0, 0].map(() => element("span", {}));
  zero.textContent = "0";
  const range = element("span", { class: "range", "data-testid": testId }, low, element("span", {}, " … "), zero, element("span", {}, " … "), high);
  return { box: element("div", { class: "scale" }, bar, range), bar, low, high, range };
}

/**
 * Buttons of which one is pressed.
 *
 * @param {string} label
 * @param {{value: string, words: string, title: string, name: string}[]} options
 */
function choice(label, options) {
  const buttons = options.map(({ value, words, title, name }) => {
    const made = button(words, title, name);
    made.dataset.value = value;
    return made;
  });
  const box = element("div", { class: "buttons", role: "group", "aria-label": label },
    element("span", { class: "label" }, label), ...buttons);
  return { box, buttons };
}

/**
 * @param {string} caption
 * @param {[string, string][]} rows
 */
function table(caption, rows) {
  return element("table", {}, element("caption", {}, caption), element("tbody", {},
    ...rows.map(([keys, what]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, what)))));
}
