/** The elements of the player: three pairs of pictures, the curve, the timeline, what is said, and the guess. */

import { element, setButton } from "../stage/parts.js";
import { KINDS } from "./run.js";

const BUTTONS = /** @type {const} */ (["To start", "Step back", "Play", "Step forward", "To end"]);

/** The curve's drawing in CSS pixels: as wide as there is room, so that its letters keep their size. */
export const CURVE = { height: 200, left: 52, fromRight: 14, top: 30, bottom: 168 };

/**
 * Build the elements of a player in an empty one.
 *
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const photo = canvas("learning-photo", "The picture that is learned from");
  const map = canvas("learning-map", "What the learner makes of the picture");
  const wanted = canvas("learning-wanted", "What it should make of the picture");
  const apart = canvas("learning-difference", "The learner's map less the wanted one");
  const learnt = table("learning-weights", "Weights of the learner");
  const hidden = table("learning-hidden", "Weights of the hidden kernel");
  const names = { hidden: element("figcaption", {}), range: element("p", { class: "range" }) };
  const kernels = element("div", { class: "kernels", role: "group", "aria-label": "Which kernel is shown" });
  const figures = element("div", { class: "figures" },
    figure("Picture", photo), figure("Difference of the maps", apart),
    figure("Learner’s kernel", learnt), element("figure", {}, names.hidden, hidden),
    figure("Its map", map), figure("Wanted map", wanted));

  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "curve");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "The loss at each step, on a scale of powers of ten");
  const plot = element("div", { class: "plot" });
  plot.append(svg);

  const buttons = /** @type {Record<typeof BUTTONS[number], HTMLButtonElement>} */ ({});
  for (const name of BUTTONS) {
    buttons[name] = button("button");
    setButton(buttons[name], name);
  }
  buttons.Play.classList.add("primary");
  const timeline = slider({ min: "0", step: "1", class: "timeline", "data-testid": "learning-timeline", "aria-label": "Step" });
  const speed = slider({ min: "0", max: "1", step: "0.01", class: "speed", "aria-label": "Speed" });
  const counter = element("span", { class: "counter", "aria-hidden": "true" });
  const pace = element("span", { class: "pace-text", "aria-hidden": "true" });
  const bar = element("div", { class: "bar" },
    element("div", { class: "buttons" }, ...Object.values(buttons)),
    element("div", { class: "scrub" }, timeline, counter));

  const readout = element("p", { class: "readout", "data-testid": "learning-readout", "aria-live": "polite" });
  const guesses = KINDS.map(([kind, words]) => {
    const choice = button("button wordy", words);
    choice.dataset.kind = kind;
    choice.setAttribute("aria-pressed", "false");
    return choice;
  });
  const reveal = button("button wordy primary", "Reveal");
  const said = element("p", { class: "said", "data-testid": "learning-verdict", "aria-live": "polite" });
  const guess = element("div", { class: "guess" },
    element("div", { class: "choices", role: "group", "aria-label": "Your guess: what the hidden kernel does" },
      element("span", { class: "ask", "aria-hidden": "true" }, "Guess: it"), ...guesses, reveal), said);
  const say = element("div", { class: "say" }, readout, element("div", { class: "pace" }, speed, pace));
  const box = element("div", { class: "learning", "data-testid": "learning", role: "group", "aria-label": "Player of the run" },
    kernels, figures, guess, bar, say, plot, names.range);
  root.append(box);
  return {
    box, photo, map, wanted, apart, learnt, hidden, names, kernels, plot, svg, buttons, timeline, speed, counter, pace,
    readout, guesses, reveal, said,
  };
}

/**
 * @param {string} kind
 * @param {string} [words]
 */
export function button(kind, words = "") {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: kind }, words));
}

/** @param {Record<string, string>} attributes */
function slider(attributes) {
  return /** @type {HTMLInputElement} */ (element("input", { type: "range", value: "0", ...attributes }));
}

/**
 * @param {string} testid
 * @param {string} label
 */
function canvas(testid, label) {
  const made = element("canvas", { class: "picture", "data-testid": testid, role: "img", "aria-label": label });
  return /** @type {HTMLCanvasElement} */ (made);
}

/**
 * @param {string} testid
 * @param {string} label
 */
function table(testid, label) {
  return /** @type {HTMLTableElement} */ (element("table", { class: "weights", "data-testid": testid, "aria-label": label }));
}

/**
 * @param {string} title
 * @param {HTMLElement} content
 */
function figure(title, content) {
  return element("figure", {}, element("figcaption", {}, title), content);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function drawn(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = text;
  return made;
}
