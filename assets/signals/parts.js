/** The elements of the component: two plots to draw in, three to read, the buttons, the slider and the readout. */

import { disable, element, setButton } from "../stage/parts.js";

export { disable };

const BUTTONS = /** @type {const} */ (["To start", "Step back", "Play", "Step forward", "To end"]);
/** @type {[string, string][]} */
const KEYS = [
  ["Space", "play or pause"],
  ["← →", "a step back, a step on"],
  ["Page up, page down", "a tenth of the way back, or on"],
  ["Home, End", "to the start, to the end"],
  ["+ −", "faster, slower"],
];

/** @type {[string, string][]} */
const DRAWING_KEYS = [
  ["← →, Home, End", "another sample"],
  ["↑ ↓", "raise it, lower it; with Shift ten times as much"],
  ["0", "set it to 0"],
];

const SVG = "http://www.w3.org/2000/svg";

/** Build the elements in an empty one.
 * @param {HTMLElement} root
 */
export function buildParts(root) {
  const editors = { f: editor("f"), g: editor("g") };
  const plots = {
    signals: plot("signals", "One signal on the other: drag to slide g", "grab"),
    product: plot("product", "Their products", "grab"),
    output: plot("output", "The output: drag to slide g", "line"),
  };
  const buttons = /** @type {Record<"To start" | "Step back" | "Play" | "Pause" | "Step forward" | "To end", HTMLButtonElement>} */ ({});
  for (const name of BUTTONS) {
    buttons[name] = /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button" }));
    setButton(buttons[name], name);
  }
  buttons.Play.classList.add("primary");
  const timeline = /** @type {HTMLInputElement} */ (
    element("input", { type: "range", min: "0", max: "0", step: "1", value: "0", class: "timeline", "data-testid": "signals-timeline", "aria-label": "Where g is" })
  );
  const counter = element("span", { class: "counter", "aria-hidden": "true", "data-testid": "signals-place" });
  const reveal = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", class: "check" }));
  // The sum stands over the products that it adds.
  const readout = element("p", { class: "readout", "data-testid": "signals-readout", "aria-live": "polite" });
  plots.product.title.replaceWith(readout);
  plots.output.title.after(element("label", { class: "switch" }, reveal, "Show what is to come"));
  const box = element("div", { class: "signals", role: "group", "aria-label": "Two signals", "data-testid": "signals" },
    element("div", { class: "editors" }, editors.f.box, editors.g.box),
    element("div", { class: "bar" },
      element("div", { class: "buttons" }, ...BUTTONS.map((name) => buttons[name])), timeline, counter),
    plots.signals.box, plots.product.box, plots.output.box,
    element("details", { class: "legend" }, element("summary", {}, "Keys"),
      table("To slide", KEYS), table("In a picture that is drawn in", DRAWING_KEYS)));
  root.append(box);
  return { box, editors, plots, buttons, timeline, counter, reveal, readout };
}

/** @typedef {ReturnType<typeof buildParts>} Parts */

/**
 * @param {"f" | "g"} name
 */
function editor(name) {
  const title = element("span", { class: "name" });
  const sample = element("span", { class: "sample", "data-testid": `signals-sample-${name}` });
  const fewer = small(`One sample less in ${name}`, "−");
  const more = small(`One sample more in ${name}`, "+");
  const picture = svg(`signals-draw-${name}`, "draw");
  picture.setAttribute("tabindex", "0");
  picture.setAttribute("role", "slider");
  picture.setAttribute("aria-label", `Draw ${name}: left and right choose a sample, up and down change it`);
  const box = element("section", { class: "editor", "aria-label": `The signal ${name}` },
    element("div", { class: "title" }, swatch(name), title, sample, element("span", { class: "lengths" }, fewer, more)));
  box.append(picture);
  return { box, title, sample, picture, fewer, more };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} kind
 */
function plot(name, label, kind) {
  const title = element("span", { class: "name" });
  const picture = svg(`signals-${name}`, kind);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  const marks = name === "signals" ? [swatch("f"), swatch("g")] : [swatch(name === "product" ? "product" : "y")];
  const box = element("section", { class: "plot", "aria-label": label },
    element("div", { class: "title" }, ...marks, title));
  box.append(picture);
  return { box, title, picture };
}

/**
 * @param {string} caption
 * @param {[string, string][]} rows
 */
function table(caption, rows) {
  return element("table", {}, element("caption", {}, caption), element("tbody", {},
    ...rows.map(([keys, what]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, what)))));
}

/** @param {string} kind */
function swatch(kind) {
  return element("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
}

/**
 * @param {string} testId
 * @param {string} kind
 */
function svg(testId, kind) {
  const made = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  made.setAttribute("class", `picture ${kind}`);
  made.setAttribute("data-testid", testId);
  return made;
}

/**
 * @param {string} label
 * @param {string} sign
 */
function small(label, sign) {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "small", "aria-label": label, title: label }, sign));
}
