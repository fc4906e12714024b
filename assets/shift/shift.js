/** The scene in one element: an object that is moved, and at once its map, without the server. */

import { LIGHT, luminance, paletteFor, rgbOf } from "../stage/colour.js";
import { formatNumber } from "../stage/numbers.js";
import { setText } from "../stage/parts.js";
import { drawMap, drawScene } from "./drawing.js";
import { buildParts } from "./parts.js";
import { compare, count, mapOf, peakOf, placeIn, rangeOf, stepOf, withThing } from "./scene.js";
import { drawStrip } from "./strip.js";
import { stepOfKey, visited, walked } from "./walk.js";
import { differenceWords, placeWords, rangeWords, stepsWords, visitsWords } from "./words.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Message } from "./message.js" */
/** @import { Cells, Grid } from "./scene.js" */
/** @import { Visit } from "./walk.js" */

// Milliseconds from step to step of a walk, and until keys that were pressed have come to rest.
const PACE = 110;
const CALM_PACE = 400;
const REST = 350;

export class Shift {
  /**
   * @param {HTMLElement} root an empty element
   * @param {(place: {row: number, col: number}) => void} onRest takes the place where the object comes to rest
   */
  constructor(root, onRest) {
    this.root = root;
    this.onRest = onRest;
    this.parts = buildParts(root);
    /** @type {Message | null} */
    this.message = null;
    /** @type {{scene: Grid, map: Grid, limit: number} | null} the scene before it is moved */
    this.start = null;
    /** @type {Cells} */
    this.place = [0, 0];
    /** @type {Cells[]} places that were reported and have not come back yet */
    this.reported = [];
    /** @type {Visit[]} */
    this.visits = [];
    /** @type {Palette} */
    this.palette = LIGHT;
    /** @type {Cells | null} where the object is held, from its corner */
    this.held = null;
    /** @type {Cells} */
    this.going = [1, 1];
    this.walkCount = 0;
    this.walking = 0;
    this.resting = 0;
    this.width = 0;
    this.resizes = new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.showVisits();
    });
    this.resizes.observe(this.parts.plot);
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    this.lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.ended = new AbortController();
    this.listen();
    this.restyle();
  }

  /** @param {Message} message */
  receive(message) {
    const before = this.message;
    this.message = message;
    const scene = withThing(message.ground, message.thing, message.start);
    const map = mapOf(scene, message.way);
    this.start = { scene, map, limit: rangeOf(map).limit };
    const echo = this.reported.findIndex(([row, col]) => row === message.place[0] && col === message.place[1]);
    if (echo >= 0) this.reported.splice(0, echo + 1);
    const asked = !before || before.place[0] !== message.place[0] || before.place[1] !== message.place[1];
    // What the server has from here is no request; least of all an older one, while the object is on its way.
    if (asked && echo < 0 && !this.held) {
      this.halt();
      this.place = message.place;
    }
    this.place = placeIn(this.place, message.thing.pixels.shape, message.ground.shape);
    if (!before || !isAlike(before, message)) this.visits = [];
    this.show();
  }

  /** The theme's colours may have changed: read them again. */
  restyle() {
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    this.palette = paletteFor(dark, this.moreContrast.matches);
    this.parts.box.style.setProperty("--shift-accent", this.palette.accent);
    this.show();
  }

  /** Take it down: nothing of it runs on. */
  destroy() {
    this.resizes.disconnect();
    clearInterval(this.walking);
    clearTimeout(this.resting);
    this.ended.abort();
    this.parts.box.remove();
  }

  listen() {
    const { scene, walk, reset } = this.parts;
    const { signal } = this.ended;
    this.moreContrast.addEventListener("change", () => this.restyle(), { signal });
    scene.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = stepOfKey(event.key, event.shiftKey);
      if (!step) return;
      event.preventDefault();
      this.halt();
      this.moveTo([this.place[0] + step[0], this.place[1] + step[1]]);
      this.restSoon();
    }, { signal });
    scene.addEventListener("pointerdown", (event) => this.grip(event), { signal });
    scene.addEventListener("pointermove", (event) => {
      if (!this.held) return;
      const [row, col] = this.cellAt(event);
      this.moveTo([row - this.held[0], col - this.held[1]]);
    }, { signal });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      scene.addEventListener(end, () => {
        if (!this.held) return;
        this.held = null;
        this.rest();
      }, { signal });
    }
    walk.onclick = () => (this.walking ? this.halt(true) : this.go());
    reset.onclick = () => {
      if (!this.message) return;
      this.halt();
      this.moveTo(this.message.start);
      this.rest();
    };
  }

  /** @param {PointerEvent} event */
  cellAt(event) {
    const { scene } = this.parts;
    const box = scene.getBoundingClientRect();
    const [rows, cols] = this.message?.ground.shape ?? [1, 1];
    return [Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * cols)];
  }

  /** @param {PointerEvent} event */
  grip(event) {
    if (!this.message || !event.isPrimary || event.button !== 0) return;
    this.halt();
    const [rows, cols] = this.message.thing.pixels.shape;
    const [row, col] = this.cellAt(event);
    const within = [row - this.place[0], col - this.place[1]];
    const hit = within[0] >= 0 && within[0] < rows && within[1] >= 0 && within[1] < cols;
    this.held = hit ? [within[0], within[1]] : [rows >> 1, cols >> 1];
    this.parts.scene.setPointerCapture(event.pointerId);
    this.moveTo([row - this.held[0], col - this.held[1]]);
  }

  /** Let the object walk. */
  go() {
    const { message } = this;
    if (!message) return;
    const { pixels } = message.thing;
    const { kernel } = message.way;
    const room = /** @type {Cells} */ ([0, 1].map((axis) => message.ground.shape[axis] - pixels.shape[axis]));
    // So far from the borders each window on the object is whole.
    const margin = /** @type {Cells} */ (kernel.shape.map((side) => side + 1));
    setText(this.parts.walk, "Pause");
    this.setLive(false);
    this.walking = window.setInterval(() => {
      const walk = walked({ place: this.place, going: this.going, count: this.walkCount }, room, margin);
      this.going = walk.going;
      this.walkCount = walk.count;
      this.moveTo(walk.place);
    }, this.lessMotion.matches ? CALM_PACE : PACE);
  }

  /** @param {boolean} [rests] whether this is where the object stays */
  halt(rests = false) {
    if (!this.walking) return;
    clearInterval(this.walking);
    this.walking = 0;
    setText(this.parts.walk, "Walk");
    this.setLive(true);
    if (rests) this.rest();
  }

  /** Nine sentences a second are no help to who listens.
   * @param {boolean} live
   */
  setLive(live) {
    for (const said of [this.parts.readout, this.parts.verdict]) said.setAttribute("aria-live", live ? "polite" : "off");
  }

  /** @param {Cells} place */
  moveTo(place) {
    if (!this.message) return;
    const next = placeIn(place, this.message.thing.pixels.shape, this.message.ground.shape);
    if (next[0] === this.place[0] && next[1] === this.place[1]) return;
    this.place = next;
    this.show();
  }

  restSoon() {
    clearTimeout(this.resting);
    this.resting = window.setTimeout(() => this.rest(), REST);
  }

  rest() {
    clearTimeout(this.resting);
    const [row, col] = this.place;
    const last = this.reported.at(-1) ?? this.message?.place;
    if (last && last[0] === row && last[1] === col) return;
    this.reported.push([row, col]);
    this.onRest({ row, col });
  }

  show() {
    const { message, start, place, parts, palette } = this;
    if (!message || !start) return;
    const { way, thing, ground } = message;
    const by = /** @type {Cells} */ ([place[0] - message.start[0], place[1] - message.start[1]]);
    const scene = withThing(ground, thing, place);
    const map = mapOf(scene, way);
    const peak = peakOf(map);
    const range = rangeOf(map);
    const compared = compare(start.scene, way, by, start.map);
    drawScene(parts.scene, scene, { place, start: message.start, shape: thing.pixels.shape }, palette);
    drawMap(parts.map, map, start.limit, palette, { peak });
    drawMap(parts.first, compared.shiftedFirst, start.limit, palette, {});
    drawMap(parts.second, compared.convolvedFirst, start.limit, palette, {});
    drawMap(parts.difference, compared.difference, start.limit, palette, { inside: compared.inside });
    const [rows, cols] = map.shape;
    setText(parts.captions.map, `Map: ${message.kernel}, ${rows} × ${cols}`);
    setText(parts.captions.range, `${rangeWords(range)} Colours end at ±${formatNumber(start.limit)} in all maps: blue below 0, orange above.`);
    const [inside, outside] = [count(compared, true), count(compared, false)];
    setText(parts.readout, placeWords(place, by, peak, map.shape));
    setText(parts.verdict, differenceWords(inside, outside));
    parts.verdict.classList.toggle("zero", inside.largest === 0 && inside.cells > 0);
    setText(parts.steps, stepsWords(way, by, compared));
    this.visits = visited(this.visits, { by, peak, whole: compared.exact });
    parts.box.dataset.state = JSON.stringify({ place, by, peak, shape: map.shape, inside, outside, steps: compared.steps });
    this.showVisits();
  }

  showVisits() {
    const { message, start, parts, visits, width } = this;
    if (!message || !start || visits.length === 0) return;
    if (width > 0) drawStrip(parts.svg, width, visits, start.map.shape);
    setText(parts.visits, visitsWords(visits, stepOf(message.way)));
  }
}

/**
 * Whether two messages tell of the same scene and the same way to its map.
 *
 * @param {Message} one
 * @param {Message} other
 */
function isAlike(one, other) {
  const parts = (/** @type {Message} */ { ground, thing, way }) => {
    const { kernel, ...numbers } = way;
    const grids = [ground, thing.pixels, { shape: [], values: thing.mask }, kernel];
    return JSON.stringify([numbers, grids.map(({ shape, values }) => [shape, Array.from(values)])]);
  };
  return parts(one) === parts(other);
}
