/** The elements of a stage: its buttons, sliders, lists, canvas, text and help sheet. */

import { position, positionOfSpeed } from "./clock.js";
import { HELP } from "./keys.js";
import { SCALES, VIEWS } from "./views.js";

/** @import { Clock } from "./clock.js" */

const ICONS = {
  "To start": "M6 5v14M19 5 9 12l10 7z",
  "Step back": "M17 5 7 12l10 7z",
  Play: "M7 4v16l13-8z",
  Pause: "M8 5v14M16 5v14",
  "Step forward": "M7 5v14l10-7z",
  "To end": "M5 5v14l10-7zM18 5v14",
  "Previous row": "M5 16l7-9 7 9zM5 20h14",
  "Next row": "M5 8l7 9 7-9zM5 4h14",
};

export const BUTTON_ORDER = /** @type {const} */ ([
  "To start", "Previous row", "Step back", "Play", "Step forward", "Next row", "To end",
]);

/** Build the elements of a stage in an empty one.
 * @param {HTMLElement} root
 * @param {{box: HTMLElement}[]} panels that stand under the readout
 */
export function buildParts(root, panels) {
  const { bar, ...time } = buildBar("stage-timeline");
  const shape = element("strong", { "data-testid": "stage-shape", class: "shape" });
  const formula = element("span", { class: "formula" });
  const unread = element("span", { class: "for-ears" });
  const kind = element("span", { class: "kind" });
  // A picture for the eyes, and a place for the keys; what it says is in the readout.
  const canvas = /** @type {HTMLCanvasElement} */ (
    element("canvas", { class: "canvas", tabindex: "0", role: "img", "aria-label": "Stage picture; the keys of the help sheet work here" })
  );
  const sheet = helpSheet("Keys of the stage", HELP);
  const views = select("Show the maps as", VIEWS);
  const scales = select("Colour scale", SCALES);
  const channels = select("Channel", []);
  const channelChoice = element("label", {}, "Channel ", channels);
  const contrast = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", class: "check" }));
  const zoomOut = small("Zoom out", "−");
  const zoomIn = small("Zoom in", "+");
  const whole = small("Whole picture", "Whole");
  const zoomText = element("span", { class: "zoom-text", "aria-hidden": "true" });
  const loupe = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "small", "aria-pressed": "true", title: "Enlarge the window where the pixels are small" }, "Loupe")
  );
  const readout = element("p", { "data-testid": "stage-readout", "aria-live": "polite", class: "readout" });
  const box = element("div", { class: "stage", "data-testid": "stage", role: "group", "aria-label": "Convolution stage" },
    element("div", { class: "head" }, shape, formula, unread, kind),
    canvas,
    bar,
    element("div", { class: "looks" },
      element("label", {}, "Maps ", views), element("label", {}, "Colours ", scales), channelChoice,
      element("label", { class: "switch" }, contrast, "High contrast"),
      loupe, element("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, zoomOut, zoomIn, whole, zoomText)),
    readout, ...panels.map(({ box }) => box), sheet);
  root.append(box);
  const clampedOption = views.options[views.options.length - 1];
  return {
    ...time, box, shape, formula, unread, kind, canvas, readout, views, scales, contrast,
    clampedOption, channels, channelChoice, zoomIn, zoomOut, whole, zoomText, loupe, sheet,
  };
}

/**
 * The bar of a timeline: its buttons, the scrubber, the speed, sub-steps and help.
 *
 * @param {string} testid of the scrubber
 */
export function buildBar(testid) {
  const buttons = /** @type {Record<keyof typeof ICONS, HTMLButtonElement>} */ ({});
  for (const name of BUTTON_ORDER) {
    buttons[name] = /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button" }));
    setButton(buttons[name], name);
  }
  buttons.Play.classList.add("primary");
  const timeline = /** @type {HTMLInputElement} */ (
    element("input", {
      type: "range", min: "0", max: "0", step: "1", value: "0", class: "timeline",
      "data-testid": testid, "aria-label": "Timeline",
    })
  );
  const counter = element("span", { class: "counter", "aria-hidden": "true" });
  const speed = /** @type {HTMLInputElement} */ (
    element("input", { type: "range", min: "0", max: "1", step: "0.01", class: "speed", "aria-label": "Speed" })
  );
  const speedText = element("span", { class: "speed-text", "aria-hidden": "true" });
  const substeps = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "button wordy", "aria-pressed": "false", title: "Show the six parts of each step" }, "Sub-steps")
  );
  const help = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "button", "aria-label": "Help", title: "Keys and help" }, "?")
  );
  const bar = element("div", { class: "bar" },
    element("div", { class: "buttons" }, ...Object.values(buttons)),
    element("div", { class: "scrub" }, timeline, counter),
    element("div", { class: "pace" }, speed, speedText),
    element("div", { class: "buttons" }, substeps, help));
  return { bar, buttons, timeline, counter, speed, speedText, substeps, help };
}

/**
 * Let a bar show where a clock stands.
 *
 * @param {Pick<ReturnType<typeof buildBar>, "buttons" | "timeline" | "counter">} bar
 * @param {Clock} clock
 */
export function showClock({ buttons, timeline, counter }, clock) {
  const { step, steps, parts, playing } = clock;
  const at = position(clock);
  const last = steps * parts - 1;
  timeline.value = String(step);
  timeline.setAttribute("aria-valuetext", `step ${step + 1} of ${steps}`);
  setText(counter, `${grouped(step + 1)} / ${grouped(steps)}`);
  setButton(buttons.Play, playing ? "Pause" : "Play");
  disable(buttons.Play, last === 0);
  disable(buttons["To start"], at === 0);
  disable(buttons["Previous row"], step === 0);
  disable(buttons["Step back"], at === 0);
  disable(buttons["Step forward"], at === last);
  disable(buttons["Next row"], step === steps - 1);
  disable(buttons["To end"], at === last);
}

/**
 * Let a bar show how fast a clock goes.
 *
 * @param {Pick<ReturnType<typeof buildBar>, "speed" | "speedText">} bar
 * @param {Clock} clock
 */
export function showPace(bar, { speed, steps, parts }) {
  const rate = speed < 10 ? speed.toFixed(1) : grouped(Math.round(speed));
  const unit = parts > 1 ? "sub-steps" : "cells";
  bar.speed.value = String(positionOfSpeed(speed, steps * parts));
  bar.speed.setAttribute("aria-valuetext", `${rate} ${unit} a second`);
  setText(bar.speedText, `${rate} ${unit}/s`);
}

/** @param {number} count */
export function grouped(count) {
  return count.toLocaleString("en-US");
}

/**
 * @param {string} label
 * @param {string} sign
 */
function small(label, sign) {
  const button = element("button", { type: "button", class: "small", "aria-label": label, title: label }, sign);
  return /** @type {HTMLButtonElement} */ (button);
}

/**
 * @param {string} label
 * @param {[string, string][]} options value and words
 */
export function select(label, options) {
  const choices = options.map(([value, words]) => element("option", { value }, words));
  return /** @type {HTMLSelectElement} */ (element("select", { class: "select", "aria-label": label }, ...choices));
}

/**
 * A list of keys, to be opened.
 *
 * @param {string} title
 * @param {[string, string][]} keys and what they do
 */
export function helpSheet(title, keys) {
  const rows = keys.map(([keys, what]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, what)));
  const close = element("button", { type: "submit", class: "button wordy" }, "Close");
  return /** @type {HTMLDialogElement} */ (
    element("dialog", { class: "sheet", "aria-label": title },
      element("h2", {}, title),
      element("table", {}, element("tbody", {}, ...rows)),
      element("form", { method: "dialog" }, close))
  );
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(HTMLElement | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * @param {HTMLButtonElement} button
 * @param {keyof typeof ICONS} name
 */
export function setButton(button, name) {
  if (button.getAttribute("aria-label") === name) return;
  button.setAttribute("aria-label", name);
  button.title = name;
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}

/**
 * Not `disabled`: a button that loses the focus when it is used would throw a keyboard user out of the bar.
 *
 * @param {HTMLButtonElement} button
 * @param {boolean} disabled
 */
export function disable(button, disabled) {
  button.setAttribute("aria-disabled", String(disabled));
}

/**
 * @param {HTMLElement} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
