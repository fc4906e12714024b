/** Two signals in one element: drawn, slid, multiplied and summed. It knows neither Python nor Streamlit. */

import { START, received, sending } from "../paint/sync.js";
import { makeClock, move, pause, play, seek, tick, withSpeed } from "../stage/clock.js";
import { luminance, rgbOf } from "../stage/colour.js";
import { actionOf } from "../stage/keys.js";
import { setButton, setText } from "../stage/parts.js";
import { sumsOf } from "./arithmetic.js";
import {
  drawnAt, editorFrame, editorPlot, editorRange, frameOf, nudgeOf, outputPlot, placeOfX, productPlot, signalsPlot,
  snapped,
} from "./drawing.js";
import { buildParts, disable } from "./parts.js";
import { placeText, sampleText, sumText } from "./words.js";

/** @import { Action } from "../stage/keys.js" */
/** @import { Clock } from "../stage/clock.js" */
/** @import { Setting, Signal, Sums } from "./arithmetic.js" */
/** @import { Range } from "./drawing.js" */
/** @import { SignalsMessage } from "./message.js" */

/**
 * @typedef {"f" | "g"} Name
 * @typedef {{number: number, place: number, drawn: Partial<Record<Name, Signal>>}} Report
 */

const MOST_SAMPLES = 64;
const EDITOR_HEIGHT = 92;
const HEIGHTS = { signals: 120, product: 70, output: 128 };
// All places in so many seconds, but not faster than eyes follow nor slower than they wait.
const WHOLE = 8;
const [SLOW, FAST] = [2, 12];
const PACE = 1.3;
// Milliseconds without a key until it counts as rest.
const REST = 350;

const NAMES = /** @type {const} */ (["f", "g"]);

export class Signals {
  /**
   * @param {HTMLElement} root
   * @param {(report: Report) => void} report
   */
  constructor(root, report) {
    this.root = root;
    this.report = report;
    this.parts = buildParts(root);
    this.ended = new AbortController();
    this.sync = START;
    /** @type {Setting | null} */
    this.setting = null;
    /** @type {Sums | null} */
    this.sums = null;
    this.names = { f: "f", g: "g" };
    /** @type {Partial<Record<Name, true>>} which signals were drawn since the last message */
    this.drawn = {};
    /** @type {Clock} */
    this.clock = makeClock(1);
    this.pace = 1;
    /** @type {Record<Name, number>} the sample that the keys change */
    this.chosen = { f: 0, g: 0 };
    /** @type {Record<Name, Range | null>} while a hand draws its scale stays */
    this.scales = { f: null, g: null };
    /** @type {number | null} of the pointer that drags or draws */
    this.pointer = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.frame = 0;
    this.last = 0;
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(root);
    this.listen();
  }

  destroy() {
    this.ended.abort();
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
  }

  /** Follow the theme of the host. */
  restyle() {
    const ground = rgbOf(getComputedStyle(this.parts.box).backgroundColor);
    this.parts.box.classList.toggle("dark", luminance(ground) < 0.18);
  }

  /** @param {SignalsMessage} message */
  receive({ header, setting }) {
    const busy = this.pointer !== null || this.timer !== undefined || this.clock.playing;
    const stamp = { feature: header.picks, revision: 0, answered: header.answered };
    const course = received(this.sync, stamp, busy);
    const picked = this.sync.seen?.feature !== header.picks;
    this.sync = course.sync;
    if (!course.take) return;
    if (picked) this.letGo();
    this.names = { f: header.names[0], g: header.names[1] };
    this.drawn = {};
    this.take(setting, header.place);
  }

  /** Nothing that was begun on other signals is ended on these. */
  letGo() {
    this.pointer = null;
    this.scales = { f: null, g: null };
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /**
   * @param {Setting} setting
   * @param {number} place
   */
  take(setting, place) {
    this.setting = setting;
    this.sums = sumsOf(setting);
    const steps = this.sums.values.length;
    const speed = Math.min(Math.max(steps / WHOLE, SLOW), FAST) * this.pace;
    this.clock = { ...makeClock(steps, place - this.sums.first, speed), playing: this.clock.playing && steps > 1 };
    for (const name of NAMES) this.chosen[name] = Math.min(this.chosen[name], setting[name].samples.length - 1);
    this.draw();
  }

  /** n, where g is. */
  get place() {
    return (this.sums?.first ?? 0) + this.clock.step;
  }

  // --- What a person does ----------------------------------------------------------------------------

  listen() {
    const { box, buttons, timeline, reveal, plots, editors } = this.parts;
    const { signal } = this.ended;
    buttons["To start"].addEventListener("click", () => this.act("To start"));
    buttons["Step back"].addEventListener("click", () => this.act("Step back"));
    buttons.Play.addEventListener("click", () => this.act("Play"));
    buttons["Step forward"].addEventListener("click", () => this.act("Step forward"));
    buttons["To end"].addEventListener("click", () => this.act("To end"));
    timeline.addEventListener("input", () => this.go(seek(this.clock, timeline.valueAsNumber)));
    timeline.addEventListener("change", () => this.rest());
    reveal.addEventListener("change", () => this.draw());
    box.addEventListener("keydown", (event) => this.key(event), { signal });
    this.slides(plots.signals.picture, false);
    this.slides(plots.product.picture, false);
    this.slides(plots.output.picture, true);
    for (const name of NAMES) {
      this.draws(name);
      editors[name].fewer.addEventListener("click", () => this.resize(name, -1));
      editors[name].more.addEventListener("click", () => this.resize(name, 1));
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const action = actionOf(event.key, false, target.tagName.toLowerCase());
    if (action === null || typeof action === "object" || !this.act(action)) return;
    event.preventDefault();
  }

  /**
   * @param {Exclude<Action, object>} action
   * @returns {boolean} whether it was for the signals
   */
  act(action) {
    const far = Math.max(1, Math.round(this.clock.steps / 10));
    const last = this.clock.steps - 1;
    if (action === "Play") this.go(this.clock.playing ? pause(this.clock) : play(this.clock));
    else if (action === "Step forward") this.go(move(this.clock, 1));
    else if (action === "Step back") this.go(move(this.clock, -1));
    else if (action === "Far forward") this.go(move(this.clock, far));
    else if (action === "Far back") this.go(move(this.clock, -far));
    else if (action === "To start") this.go(seek(this.clock, 0));
    else if (action === "To end") this.go(seek(this.clock, last));
    else if (action === "Faster" || action === "Slower") {
      const ratio = action === "Faster" ? PACE : 1 / PACE;
      this.pace *= ratio;
      this.clock = withSpeed(this.clock, this.clock.speed * ratio);
      return true;
    } else return false;
    this.rest();
    return true;
  }

  /** @param {Clock} clock */
  go(clock) {
    this.clock = clock;
    this.draw();
    if (clock.playing && this.frame === 0) {
      this.last = performance.now();
      this.frame = requestAnimationFrame((now) => this.run(now));
    }
  }

  /** @param {number} now */
  run(now) {
    this.frame = 0;
    const before = this.clock;
    this.clock = tick(before, (now - this.last) / 1000);
    this.last = now;
    if (this.clock.step !== before.step || !this.clock.playing) this.draw();
    if (this.clock.playing) this.frame = requestAnimationFrame((next) => this.run(next));
    else if (before.playing) this.rest();
  }

  /**
   * @param {SVGSVGElement} picture
   * @param {boolean} absolute whether g goes to the pointer, or is dragged by it
   */
  slides(picture, absolute) {
    let [x, from] = [0, 0];
    picture.addEventListener("pointerdown", (event) => {
      if (!this.setting || !this.begin(picture, event)) return;
      [x, from] = [event.offsetX, this.place];
      if (absolute) this.slideTo(placeOfX(this.setting, picture.clientWidth, event.offsetX));
      else this.go(pause(this.clock));
    });
    picture.addEventListener("pointermove", (event) => {
      if (!this.setting || this.pointer !== event.pointerId) return;
      const along = xIn(picture, event);
      const { unit } = frameOf(this.setting, picture.clientWidth, 0, { low: 0, high: 1 });
      this.slideTo(absolute ? placeOfX(this.setting, picture.clientWidth, along) : from + Math.round((along - x) / unit));
    });
    this.ends(picture, () => this.rest(0));
  }

  /** @param {number} place */
  slideTo(place) {
    this.go(seek(this.clock, place - (this.sums?.first ?? 0)));
  }

  /** @param {Name} name */
  draws(name) {
    const { picture } = this.parts.editors[name];
    /** @type {{index: number, value: number} | null} */
    let before = null;
    const touch = (/** @type {PointerEvent} */ event) => {
      const signal = this.setting?.[name];
      const range = this.scales[name];
      if (!signal || !range) return;
      const box = picture.getBoundingClientRect();
      const frame = editorFrame(signal, picture.clientWidth, EDITOR_HEIGHT, range);
      const now = drawnAt(signal, frame, event.clientX - box.left, event.clientY - box.top);
      this.chosen[name] = now.index;
      this.change(name, between(before ?? now, now, range));
      before = now;
    };
    picture.addEventListener("pointerdown", (event) => {
      if (!this.setting || !this.begin(picture, event)) return;
      this.scales[name] = editorRange(this.setting[name].samples);
      before = null;
      touch(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (this.pointer === event.pointerId) touch(event);
    });
    this.ends(picture, () => {
      this.scales[name] = null;
      this.draw();
      this.rest(0);
    });
    picture.addEventListener("keydown", (event) => {
      const signal = this.setting?.[name];
      if (!signal || event.ctrlKey || event.metaKey || event.altKey) return;
      const last = signal.samples.length - 1;
      const range = editorRange(signal.samples);
      const nudge = nudgeOf(range) * (event.shiftKey ? 10 : 1);
      const at = this.chosen[name];
      const value = signal.samples[at];
      if (event.key === "ArrowLeft") this.chosen[name] = Math.max(0, at - 1);
      else if (event.key === "ArrowRight") this.chosen[name] = Math.min(last, at + 1);
      else if (event.key === "Home") this.chosen[name] = 0;
      else if (event.key === "End") this.chosen[name] = last;
      else if (event.key === "ArrowUp") this.change(name, [[at, nudged(value, nudge)]]);
      else if (event.key === "ArrowDown") this.change(name, [[at, nudged(value, -nudge)]]);
      else if (event.key === "0" || event.key === "Delete") this.change(name, [[at, 0]]);
      else return;
      event.preventDefault();
      this.draw();
      if (this.drawn[name]) this.rest();
    });
    for (const kind of ["focus", "blur"]) picture.addEventListener(kind, () => this.draw());
  }

  /**
   * @param {SVGSVGElement} picture
   * @param {PointerEvent} event
   */
  begin(picture, event) {
    if (event.button !== 0 || this.pointer !== null) return false;
    this.pointer = event.pointerId;
    picture.setPointerCapture(event.pointerId);
    return true;
  }

  /**
   * @param {SVGSVGElement} picture
   * @param {() => void} end
   */
  ends(picture, end) {
    for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) {
      picture.addEventListener(kind, (event) => {
        if (this.pointer !== event.pointerId) return;
        this.pointer = null;
        end();
      });
    }
  }

  /**
   * @param {Name} name
   * @param {[index: number, value: number][]} changes
   */
  change(name, changes) {
    if (!this.setting) return;
    const samples = [...this.setting[name].samples];
    for (const [index, value] of changes) samples[index] = value;
    this.replace(name, samples);
  }

  /**
   * @param {Name} name
   * @param {number} by
   */
  resize(name, by) {
    if (!this.setting) return;
    const { samples } = this.setting[name];
    const count = samples.length + by;
    if (count < 1 || count > MOST_SAMPLES) return;
    this.replace(name, by < 0 ? samples.slice(0, count) : [...samples, 0]);
    this.rest();
  }

  /**
   * @param {Name} name
   * @param {number[]} samples
   */
  replace(name, samples) {
    if (!this.setting) return;
    this.drawn[name] = true;
    this.names[name] = "drawn";
    this.take({ ...this.setting, [name]: { ...this.setting[name], samples } }, this.place);
  }

  /** Report where all has come to rest, at once or when no key has followed.
   * @param {number} [wait]
   */
  rest(wait = REST) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.clock.playing || this.pointer !== null || !this.setting) return;
      const { sync, number } = sending(this.sync);
      this.sync = sync;
      /** @type {Report["drawn"]} */
      const drawn = {};
      for (const name of NAMES) if (this.drawn[name]) drawn[name] = this.setting[name];
      this.report({ number, place: this.place, drawn });
    }, wait);
  }

  // --- What is seen ----------------------------------------------------------------------------------

  draw() {
    const { setting, place, parts, clock } = this;
    if (!setting || parts.box.clientWidth === 0) return;
    const { box, buttons, timeline, counter, readout, plots } = parts;
    for (const name of NAMES) this.drawEditor(name, setting);
    const width = plots.signals.picture.clientWidth;
    show(plots.signals.picture, HEIGHTS.signals, signalsPlot(setting, place, width, HEIGHTS.signals));
    show(plots.product.picture, HEIGHTS.product, productPlot(setting, place, width, HEIGHTS.product));
    show(plots.output.picture, HEIGHTS.output, outputPlot(setting, place, width, HEIGHTS.output, parts.reveal.checked));
    const where = placeText(setting, place);
    setText(plots.signals.title, `f, and g ${setting.flip ? "flipped and " : ""}moved to ${where}`);
    setText(plots.output.title, setting.step === null ? "The output y: each sum is one of its samples" : "The output y: each area is one of its values");
    const sum = sumText(setting, place);
    // Nobody can hear that many sums.
    readout.setAttribute("aria-live", clock.playing ? "off" : "polite");
    setText(readout, sum);
    setText(counter, where);
    timeline.max = String(clock.steps - 1);
    timeline.value = String(clock.step);
    timeline.setAttribute("aria-valuetext", where);
    setButton(buttons.Play, clock.playing ? "Pause" : "Play");
    for (const name of /** @type {const} */ (["To start", "Step back"])) disable(buttons[name], clock.step === 0);
    for (const name of /** @type {const} */ (["To end", "Step forward"])) disable(buttons[name], clock.step === clock.steps - 1);
    box.dataset.place = String(place);
    box.dataset.values = JSON.stringify(this.sums?.values);
    box.dataset.first = String(this.sums?.first);
  }

  /**
   * @param {Name} name
   * @param {Setting} setting
   */
  drawEditor(name, setting) {
    const { picture, title, sample, fewer, more } = this.parts.editors[name];
    const signal = setting[name];
    const range = this.scales[name] ?? editorRange(signal.samples);
    const focused = /** @type {Document | ShadowRoot} */ (picture.getRootNode()).activeElement === picture;
    const chosen = focused || this.scales[name] ? this.chosen[name] : -1;
    show(picture, EDITOR_HEIGHT, editorPlot(signal, name, setting.step, chosen, picture.clientWidth, EDITOR_HEIGHT, range));
    const text = sampleText(name, signal, this.chosen[name]);
    setText(title, `${name}: ${this.names[name]}`);
    setText(sample, chosen >= 0 ? text : "");
    picture.setAttribute("aria-valuenow", String(signal.samples[this.chosen[name]]));
    picture.setAttribute("aria-valuemin", String(range.low));
    picture.setAttribute("aria-valuemax", String(range.high));
    picture.setAttribute("aria-valuetext", text);
    disable(fewer, signal.samples.length === 1);
    disable(more, signal.samples.length === MOST_SAMPLES);
  }
}

/**
 * The samples that a hand has passed between two points, none left out.
 *
 * @param {{index: number, value: number}} from
 * @param {{index: number, value: number}} to
 * @param {Range} range
 * @returns {[number, number][]}
 */
export function between(from, to, range) {
  const steps = Math.abs(to.index - from.index);
  if (steps === 0) return [[to.index, to.value]];
  return Array.from({ length: steps }, (_, i) => {
    const part = (i + 1) / steps;
    const index = from.index + Math.sign(to.index - from.index) * (i + 1);
    return [index, snapped(from.value + (to.value - from.value) * part, range)];
  });
}

/**
 * @param {number} value
 * @param {number} by
 */
function nudged(value, by) {
  const limit = 1000;
  return Math.min(Math.max(Number((value + by).toFixed(5)) + 0, -limit), limit);
}

/**
 * @param {SVGSVGElement} picture
 * @param {number} height
 * @param {string} marks
 */
function show(picture, height, marks) {
  picture.setAttribute("height", String(height));
  picture.innerHTML = marks;
}

/**
 * @param {SVGSVGElement} picture
 * @param {PointerEvent} event
 */
function xIn(picture, event) {
  return event.clientX - picture.getBoundingClientRect().left;
}
