/** The difference of two maps: its picture, its scale, and what it says of the cell that is shown. */

import { css, diverging } from "./colour.js";
import { formatNumber } from "./numbers.js";
import { element, select, setText } from "./parts.js";
import { differencePicture, differenceText, equalText, pairingOf, subtract } from "./several_difference.js";
import { scaleBar } from "./views.js";

/** @import { Palette } from "./colour.js" */
/** @import { Model } from "./model.js" */
/** @import { Difference, Pairing } from "./several_difference.js" */
/** @import { Cell, Stand, Together } from "./several_places.js" */
/** @import { CompactStage } from "./several_stage.js" */

/**
 * @typedef {{title: string, model: Model, stage: CompactStage}} Live
 *
 * @typedef {object} Hands
 * @property {(source: number, cell: Cell | null) => void} attend
 * @property {(source: number, cell: Cell) => void} visit
 * @property {() => void} chosen another two maps are compared
 */

// Large maps are subtracted a part at a time, with the time of some frames between the parts.
const SLICE_MS = 8;
const BANDS = 41;

export class DifferencePanel {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    /** @type {Live[]} */
    this.live = [];
    /** @type {[number, number]} which two are compared */
    this.pair = [0, 1];
    /** @type {Pairing | string} */
    this.pairing = "";
    /** @type {Difference | null} */
    this.difference = null;
    /** @type {Stand[]} */
    this.stands = [];
    this.work = 0;
    this.key = "";
    /** @type {Together} */
    this.together = "place";
    /** @type {Palette | null} */
    this.palette = null;
    this.choice = select("Which two maps are compared", []);
    this.choiceLabel = element("label", {}, "Maps ", this.choice);
    this.what = element("p", { class: "what" });
    this.marker = element("span", { class: "cell-marker" });
    this.frame = element("div", { class: "difference-frame", "data-testid": "stages-difference-map", role: "img" }, this.marker);
    this.ramp = element("div", { class: "ramp", "aria-hidden": "true" });
    this.ends = element("p", { class: "ends", "data-testid": "stages-range" }, element("span", {}), element("span", {}), element("span", {}));
    this.here = element("p", { class: "here", "data-testid": "stages-here" });
    this.equal = element("p", { class: "equal", "data-testid": "stages-equal" });
    this.range = element("p", { class: "range" });
    this.largest = /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button wordy" }, "Go to the largest difference"));
    this.largestText = element("p", { class: "largest", "data-testid": "stages-largest" });
    this.reason = element("p", { class: "reason", "data-testid": "stages-no-difference" });
    this.figure = element("div", { class: "difference-figure" }, this.frame, this.ramp, this.ends);
    this.words = element("div", { class: "difference-words" }, this.here, this.equal, this.range, this.largestText, this.largest);
    this.content = element("div", { class: "difference-content" }, this.figure, this.words);
    this.box = element("section", { class: "difference", "data-testid": "stages-difference", role: "group", "aria-label": "Difference of two maps" },
      element("div", { class: "difference-head" }, element("h3", {}, "The difference of two maps"), this.choiceLabel),
      this.what, this.reason, this.content);
    this.choice.onchange = () => {
      this.pair = /** @type {[number, number]} */ (this.choice.value.split(" ").map(Number));
      this.begin();
      this.hands.chosen();
    };
    this.largest.onclick = () => {
      const [row, col] = this.largestCell();
      this.hands.visit(this.pair[0], { row, col });
    };
    this.frame.onpointermove = (event) => this.hands.attend(this.pair[0], this.cellUnder(event));
    this.frame.onpointerleave = () => this.hands.attend(this.pair[0], null);
    this.frame.onclick = (event) => {
      const cell = this.cellUnder(event);
      if (cell) this.hands.visit(this.pair[0], cell);
    };
  }

  /**
   * Compare what the stages show now.
   *
   * @param {Live[]} live
   * @param {Together} together
   * @param {Palette} palette
   */
  receive(live, together, palette) {
    this.live = live;
    this.together = together;
    this.palette = palette;
    this.box.hidden = live.length < 2;
    if (live.length < 2) return this.stop();
    const pairs = live.flatMap((_, i) => live.flatMap((_, j) => (i === j ? [] : [[i, j]])));
    const ahead = pairs.filter(([i, j]) => i < j);
    const ordered = [...ahead, ...pairs.filter(([i, j]) => i > j)];
    const { pair } = this;
    this.choice.replaceChildren(...ordered.map(([i, j]) =>
      element("option", { value: `${i} ${j}` }, `${live[i].title} − ${live[j].title}`)));
    if (!ordered.some(([i, j]) => i === pair[0] && j === pair[1])) this.pair = [0, 1];
    this.choice.value = this.pair.join(" ");
    this.begin();
  }

  /** @param {Palette} palette */
  restyle(palette) {
    if (JSON.stringify(palette.stops) === JSON.stringify(this.palette?.stops)) return;
    this.palette = palette;
    this.draw();
  }

  destroy() {
    this.stop();
  }

  stop() {
    clearTimeout(this.work);
    this.difference = null;
  }

  models() {
    return /** @type {[Model, Model]} */ (this.pair.map((i) => this.live[i].model));
  }

  /** The names of the two, or their letters where they have some. */
  titles() {
    return this.pair.map((i) => this.live[i].title.replace(/^([A-C]): .*$/, "$1"));
  }

  begin() {
    this.stop();
    const [one, other] = this.models();
    const pairing = pairingOf(one, other, this.together);
    this.pairing = pairing;
    const fails = typeof pairing === "string";
    this.content.hidden = fails;
    this.reason.hidden = !fails;
    const [first, second] = this.titles();
    setText(this.what, fails ? "" : whatText(first, second, pairing, one, other));
    setText(this.reason, fails ? pairing : "");
    this.what.hidden = fails;
    if (fails) return;
    for (const text of [this.equal, this.range, this.largestText]) setText(text, "");
    this.frame.querySelector("canvas")?.remove();
    this.run(subtract(one, other, pairing));
  }

  /** @param {Generator<number, Difference>} subtraction */
  run(subtraction) {
    const end = performance.now() + SLICE_MS;
    let step = subtraction.next();
    while (!step.done && performance.now() < end) step = subtraction.next();
    if (step.done) {
      this.difference = step.value;
      this.tell();
      this.draw();
    } else {
      setText(this.equal, `Subtracting: ${Math.floor(100 * step.value)} % done.`);
      this.work = window.setTimeout(() => this.run(subtraction));
    }
  }

  /** What holds of the whole difference. */
  tell() {
    const { difference, pairing } = this;
    if (!difference || typeof pairing === "string") return;
    const { least, most, largest } = difference;
    setText(this.equal, equalText(difference));
    const none = largest.value === 0;
    setText(this.range, none ? alikeText(difference) : `The differences go from ${formatNumber(least)} to ${formatNumber(most)}.`);
    this.largest.hidden = none;
    const [one, other] = this.models();
    setText(this.largestText, none ? "" : `The largest is at ${differenceText(one, other, pairing, largest.row, largest.col)}.`);
    const [first, second] = this.titles();
    this.frame.setAttribute("aria-label", `Map of ${first} minus ${second}. ${this.equal.textContent}`);
  }

  draw() {
    const { difference, palette } = this;
    if (!difference || !palette) return;
    const canvas = differencePicture(difference, palette);
    canvas.setAttribute("aria-hidden", "true");
    this.frame.querySelector("canvas")?.remove();
    const { rows, cols } = difference.pairing;
    this.frame.style.setProperty("--ratio", String(cols[0].length / rows[0].length));
    this.frame.prepend(canvas);
    const limit = Math.abs(difference.largest.value);
    const { from, to, colour } = scaleBar("raw", limit, 255, palette);
    const stops = Array.from({ length: BANDS }, (_, i) => {
      const rgb = limit ? colour(i / (BANDS - 1)) : diverging(0, palette);
      return `${css(rgb)} ${(100 * i) / BANDS}% ${(100 * (i + 1)) / BANDS}%`;
    });
    this.ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const texts = limit ? [formatNumber(from), "0", formatNumber(to)] : ["", "0", ""];
    [...this.ends.children].forEach((span, i) => setText(/** @type {HTMLElement} */ (span), texts[i]));
    this.mark();
  }

  /**
   * The stages are there now: say the difference at the cell.
   *
   * @param {Stand[]} stands
   * @returns {string} the sentence, empty where nothing is compared
   */
  point(stands) {
    this.stands = stands;
    const { pairing } = this;
    if (this.live.length < 2 || typeof pairing === "string") return "";
    const at = this.mark();
    const [first, second] = this.titles();
    const text = at
      ? `${first} − ${second} at ${differenceText(...this.models(), pairing, ...at)}.`
      : `${first} − ${second}: the cell of ${first} has no counterpart here.`;
    setText(this.here, capital(text));
    return capital(text);
  }

  /**
   * Outline the cell that is shown.
   *
   * @returns {[number, number] | null} its place in the pairing
   */
  mark() {
    const { pairing, stands, marker } = this;
    const stand = stands[this.pair[0]];
    if (!stand || typeof pairing === "string") return null;
    const [rows, cols] = [pairing.rows[0], pairing.cols[0]];
    const [row, col] = [placeIn(rows, stand.row), placeIn(cols, stand.col)];
    marker.hidden = row < 0 || col < 0;
    if (row < 0 || col < 0) return null;
    marker.style.left = `${(100 * col) / cols.length}%`;
    marker.style.top = `${(100 * row) / rows.length}%`;
    marker.style.width = `${100 / cols.length}%`;
    marker.style.height = `${100 / rows.length}%`;
    return [row, col];
  }

  /** @returns {[number, number]} the cell of the first map where the difference is the largest */
  largestCell() {
    const { difference } = this;
    if (!difference) return [0, 0];
    const { largest, pairing } = difference;
    return [pairing.rows[0][largest.row], pairing.cols[0][largest.col]];
  }

  /**
   * @param {MouseEvent} event
   * @returns {Cell | null}
   */
  cellUnder({ clientX, clientY }) {
    const { pairing } = this;
    if (typeof pairing === "string") return null;
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    const under = (/** @type {number[]} */ cells, /** @type {number} */ share) =>
      cells[Math.min(Math.max(Math.floor(share * cells.length), 0), cells.length - 1)];
    return { row: under(pairing.rows[0], (clientY - top) / height), col: under(pairing.cols[0], (clientX - left) / width) };
  }
}

/**
 * Where a number stands in a list that grows evenly; -1 where it does not.
 *
 * @param {number[]} list
 * @param {number} number
 */
function placeIn(list, number) {
  const gap = list.length > 1 ? list[1] - list[0] : 1;
  const at = (number - list[0]) / gap;
  return list[at] === number ? at : -1;
}

/**
 * What is subtracted from what.
 *
 * @param {string} first
 * @param {string} second
 * @param {Pairing} pairing
 * @param {Model} one
 * @param {Model} other
 */
function whatText(first, second, { rows, cols, by }, one, other) {
  const places = `${rows[0].length} × ${cols[0].length}`;
  const all = rows[0].length === one.outRows && cols[0].length === one.outCols
    && one.outRows === other.outRows && one.outCols === other.outCols;
  if (by === "places" && !all) {
    return `${capital(first)} minus ${second}, on the ${places} places where both have a window: the sizes of the maps differ, or their windows lie elsewhere.`;
  }
  return `${capital(first)} minus ${second}, cell by cell: both maps have ${places} cells.`;
}

/**
 * What it means that nothing differs.
 *
 * @param {Difference} difference
 */
function alikeText({ pairing }) {
  return pairing.by === "places"
    ? "Where both have a window, it gives the same value: only the number and the places of the windows can differ."
    : "The two maps are one and the same.";
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
