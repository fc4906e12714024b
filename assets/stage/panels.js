/** What stands under the stage and can be opened: why a cell is bright, and the common mistake. */

import { css, diverging } from "./colour.js";
import { axisPositions, channelNames, channelSumsOf, clamp, isBetween } from "./model.js";
import { formatNumber } from "./numbers.js";
import { emptyRgb, pixelAt } from "./paint_pixels.js";
import { element, setText } from "./parts.js";
import { rankProducts } from "./ranking.js";
import { canvasOf, inputColouring } from "./rasters.js";
import { placeText, productText, sumNumbers } from "./readout.js";
import { colouring } from "./views.js";

/** @import { Palette, Rgb } from "./colour.js" */
/** @import { Cell, Model } from "./model.js" */
/** @import { Extreme, FeatureHeader } from "./payload.js" */
/** @import { Scene } from "./scene.js" */

const MOST_RANKED = 9;
// The pictures of the mistake need no more cells along a side than they have pixels on most screens.
const MISTAKE_SIDE = 220;
const MISTAKE_PRODUCTS = 12e6;

/** A part of the page that can be opened, and is kept up to date while it is.
 * @param {string} title
 * @param {string} testid
 * @param {HTMLElement[]} content
 */
function panel(title, testid, ...content) {
  const box = element("details", { class: "panel", "data-testid": testid },
    element("summary", {}, title), element("div", { class: "panel-content" }, ...content));
  return /** @type {HTMLDetailsElement} */ (box);
}

/** "Why is this cell bright?": its products by size, and the strongest and weakest patches of the map. */
export class WhyPanel {
  /** @param {(row: number, col: number) => void} onJump */
  constructor(onJump) {
    this.onJump = onJump;
    this.says = element("p", { class: "says" });
    this.list = element("ol", { class: "ranking" });
    this.rest = element("p", { class: "rest" });
    this.strongest = element("div", { class: "patches" });
    this.weakest = element("div", { class: "patches" });
    this.box = panel("Why is this cell bright?", "stage-why",
      element("div", { class: "why" },
        element("div", { class: "reasons" }, this.says, this.list, this.rest),
        element("div", {},
          element("h3", {}, "The strongest patches: the highest values of the map"), this.strongest,
          element("h3", {}, "The weakest: its lowest values"), this.weakest)));
    this.shown = "";
  }

  /**
   * @param {Scene} scene
   * @param {Palette} palette
   */
  update({ model, cell, feature }, palette) {
    if (!this.box.open) return;
    const { first, rest, zeros, up, down } = rankProducts(model, cell, MOST_RANKED);
    setText(this.says, reasonText(cell, model.payload.header.features[feature], up, down));
    const names = channelNames(model);
    const largest = Math.abs(first[0]?.product ?? 0);
    this.list.replaceChildren(...first.map(({ at, channel, row, col, product }) => {
      const share = Math.abs(product) / largest;
      const bar = element("span", { class: product > 0 ? "bar-up" : "bar-down" });
      bar.style.width = `${50 * share}%`;
      bar.style.background = css(diverging(Math.sign(product) * (0.35 + 0.45 * share), palette));
      return element("li", {},
        element("span", { class: "tap" }, `${names[channel]}, row ${row}, column ${col}`),
        element("span", { class: "product" }, productText(cell, at)),
        element("span", { class: "track", "aria-hidden": "true" }, bar));
    }));
    const others = rest.count ? [`${counted(rest.count, "smaller product")}: together ${formatNumber(rest.sum)}.`] : [];
    const nothing = zeros ? [`${counted(zeros, "product")} ${zeros === 1 ? "is" : "are"} 0.`] : [];
    setText(this.rest, [...others, ...nothing].join(" "));
    this.showPatches(model, feature, palette);
  }

  /**
   * @param {Model} model
   * @param {number} feature
   * @param {Palette} palette
   */
  showPatches(model, feature, palette) {
    const { strongest, weakest } = model.payload.header.features[feature];
    const shown = JSON.stringify([strongest, weakest, palette.stops, model.payload.header.imageShape]);
    if (shown === this.shown) return;
    this.shown = shown;
    const buttons = (/** @type {Extreme[]} */ patches) => patches.map(([row, col, value]) => {
      const number = formatNumber(value, 5);
      const button = element("button", {
        type: "button", class: "patch", title: `Go to row ${row}, column ${col}`,
        "aria-label": `Go to row ${row}, column ${col}: ${number}`,
      }, patchPicture(model, row, col, palette), element("span", {}, number));
      button.onclick = () => this.onJump(row, col);
      return button;
    });
    this.strongest.replaceChildren(...buttons(strongest));
    this.weakest.replaceChildren(...buttons(weakest));
  }
}

/**
 * @param {Cell} cell
 * @param {FeatureHeader} map
 * @param {{count: number, sum: number}} up
 * @param {{count: number, sum: number}} down
 */
function reasonText({ row, col, value, bias }, { low, high }, up, down) {
  const pushes = up.count ? `${counted(up.count, "product")} above 0 ${up.count === 1 ? "adds" : "add"} ${formatNumber(up.sum)}` : "no product is above 0";
  const pulls = down.count ? `${counted(down.count, "product")} below 0 ${down.count === 1 ? "takes" : "take"} away ${formatNumber(-down.sum)}` : "none is below 0";
  const and = bias ? `; the bias is ${formatNumber(bias)}` : "";
  const map = `on a map from ${formatNumber(low, 5)} to ${formatNumber(high, 5)}`;
  return `${placeText(row, col)} is ${formatNumber(value)}, ${map}. ${pushes[0].toUpperCase()}${pushes.slice(1)}, ${pulls}${and}.`;
}

/**
 * @param {number} count
 * @param {string} thing
 */
function counted(count, thing) {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/**
 * What the window of a cell reads, as a little picture.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 * @param {Palette} palette
 */
function patchPicture(model, row, col, palette) {
  const [rows, cols] = [axisPositions(model, 0, row), axisPositions(model, 1, col)];
  const colour = inputColouring(model, palette);
  return picture(rows.length, cols.length, (i) => {
    const [r, c] = [rows[Math.floor(i / cols.length)], cols[i % cols.length]];
    return isBetween(model, r, c) ? emptyRgb(palette) : pixelAt(model, r, c, 0, colour).rgb;
  });
}

/**
 * @param {number} rows
 * @param {number} cols
 * @param {(i: number) => Rgb} colour
 */
function picture(rows, cols, colour) {
  const canvas = canvasOf(rows, cols, (data) => {
    for (let i = 0; i < rows * cols; i++) data.set([...colour(i), 255], 4 * i);
  });
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** "The common mistake": each channel filtered by itself, beside what happens. */
export class MistakePanel {
  constructor() {
    const figure = (/** @type {string} */ title) => {
      const marker = element("span", { class: "marker" });
      const frame = element("div", { class: "frame" }, marker);
      const numbers = element("p", {});
      return { marker, frame, numbers, box: element("figure", {}, element("figcaption", {}, title), frame, numbers) };
    };
    this.thought = figure("What many think: each channel is filtered by itself, colour comes out");
    this.truth = figure("What happens: the channels are added, one map comes out");
    this.box = panel("The common mistake", "stage-mistake",
      element("div", { class: "mistake" }, this.thought.box, this.truth.box),
      element("p", {}, "A kernel has a slice for each channel, and all of its products are added to one number: that is why one kernel gives one map, whatever the number of channels that go in. For colours to come out, there would have to be three kernels."));
    /** @type {Model | null} */
    this.model = null;
    this.shown = "";
  }

  /**
   * @param {Scene} scene
   * @param {Palette} palette
   */
  update({ model, cell, feature }, palette) {
    // Those who paint stamps do not take channels for pictures.
    this.box.hidden = !model.photo || model.transposed;
    if (!this.box.open || this.box.hidden) return;
    const names = channelNames(model);
    const apart = names.map((name, c) => `${name} ${formatNumber(cell.channelSums[c])}`).join(", ");
    setText(this.thought.numbers, `${placeText(cell.row, cell.col)}: ${apart}, kept apart as a colour.`);
    setText(this.truth.numbers, `${placeText(cell.row, cell.col)}: ${sumNumbers(cell)}, one number.`);
    for (const { marker } of [this.thought, this.truth]) {
      marker.style.left = `${(100 * (cell.col + 0.5)) / model.outCols}%`;
      marker.style.top = `${(100 * (cell.row + 0.5)) / model.outRows}%`;
    }
    this.showPictures(model, feature, palette);
  }

  /**
   * @param {Model} model
   * @param {number} feature
   * @param {Palette} palette
   */
  showPictures(model, feature, palette) {
    const key = `${feature} ${palette.stops}`;
    if (this.model === model && this.shown === key) return;
    this.model = model;
    this.shown = key;
    const { features } = model.payload.header;
    const cost = model.kernelRows * model.kernelCols * model.channels;
    const side = Math.min(MISTAKE_SIDE, Math.floor(Math.sqrt(MISTAKE_PRODUCTS / cost)));
    const every = Math.max(1, Math.max(model.outRows, model.outCols) / side);
    const sampled = (/** @type {number} */ count) => Array.from({ length: Math.ceil(count / every) }, (_, i) => Math.floor(i * every));
    const [rows, cols] = [sampled(model.outRows), sampled(model.outCols)];
    const sums = channelSumsOf(model, feature, rows, cols);
    const bias = model.payload.bias[feature];
    const colour = colouring("raw", features[feature].limit, model.top, palette);
    const grey = (/** @type {number} */ value) => Math.round((255 * clamp(value, 0, model.top)) / model.top);
    const thought = picture(rows.length, cols.length, (i) => [grey(sums[3 * i]), grey(sums[3 * i + 1]), grey(sums[3 * i + 2])]);
    const truth = picture(rows.length, cols.length, (i) => colour(sums[3 * i] + sums[3 * i + 1] + sums[3 * i + 2] + bias));
    for (const [{ frame, marker }, canvas] of /** @type {const} */ ([[this.thought, thought], [this.truth, truth]])) {
      frame.style.aspectRatio = `${model.outCols} / ${model.outRows}`;
      frame.replaceChildren(canvas, marker);
    }
  }
}
