/** One player in one element: a recorded run that is played, stepped and scrubbed without the server. */

import { LIGHT, css, inkOn, levelColours, luminance, paletteFor, rgbOf } from "../stage/colour.js";
import { makeClock, move, pause, play, positionOfSpeed, seek, speedAt, tick, withSpeed } from "../stage/clock.js";
import { actionOf } from "../stage/keys.js";
import { formatNumber } from "../stage/numbers.js";
import { disable, setButton, setText } from "../stage/parts.js";
import { MapPicture, levelOf } from "../paint/pictures.js";
import { curveOf } from "./curve.js";
import { CURVE, button, buildParts, drawn } from "./parts.js";
import { briefDigits, cellNumber, hiddenOf, largest, learntAt, lossAt, mapOf, minus, readoutOf, verdict, wantedOf } from "./run.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Clock } from "../stage/clock.js" */
/** @import { Curve } from "./curve.js" */
/** @import { Kind, Run } from "./run.js" */

const SPEED = 30;
const FASTER = 1.5;
// Where a kernel has more columns its numbers lose a digit, and beyond they do not fit.
const MOST_FULL = 3;
const MOST_NUMBERED = 5;

export class Player {
  /** @param {HTMLElement} root an empty element */
  constructor(root) {
    this.root = root;
    this.parts = buildParts(root);
    /** @type {Run | null} */
    this.run = null;
    /** @type {Clock} */
    this.clock = makeClock(1, 0, SPEED);
    this.kernel = 0;
    /** @type {Set<number>} the kernels that are revealed */
    this.revealed = new Set();
    /** @type {Map<number, Kind>} */
    this.guesses = new Map();
    /** @type {Palette} */
    this.palette = LIGHT;
    /** @type {Curve | null} */
    this.curve = null;
    /** @type {SVGElement | null} */
    this.dot = null;
    this.pictures = { photo: new MapPicture(), map: new MapPicture(), wanted: new MapPicture(), apart: new MapPicture() };
    this.frame = 0;
    this.last = 0;
    this.width = 0;
    this.resizes = new ResizeObserver(([{ contentRect }]) => this.resize(contentRect.width));
    this.resizes.observe(this.parts.plot);
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    this.ended = new AbortController();
    this.listen();
    this.restyle();
  }

  /** @param {Run} run */
  receive(run) {
    const before = this.run;
    this.run = run;
    if (before?.secret !== run.secret) {
      this.kernel = 0;
      this.revealed.clear();
      this.guesses.clear();
    }
    this.clock = makeClock(run.steps + 1, 0, this.clock.speed);
    this.halt();
    this.parts.timeline.max = String(run.steps);
    this.buildKernels(run);
    this.layTables(run);
    this.showKernel();
  }

  /** The theme's colours may have changed: read them again. */
  restyle() {
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    this.palette = paletteFor(dark, this.moreContrast.matches);
    this.parts.box.style.setProperty("--learning-accent", this.palette.accent);
    this.showKernel();
  }

  /** @param {number} width of the curve */
  resize(width) {
    if (width === this.width || width === 0) return;
    this.width = width;
    this.showKernel();
  }

  /** Take the player down: nothing of it runs on. */
  destroy() {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.ended.abort();
    this.parts.box.remove();
  }

  listen() {
    const { box, buttons, timeline, speed, svg, guesses, reveal } = this.parts;
    const { signal } = this.ended;
    this.moreContrast.addEventListener("change", () => this.restyle(), { signal });
    buttons.Play.onclick = () => this.act("Play");
    for (const name of /** @type {const} */ (["To start", "Step back", "Step forward", "To end"])) buttons[name].onclick = () => this.act(name);
    timeline.oninput = () => this.set(seek(this.clock, timeline.valueAsNumber));
    speed.oninput = () => this.set(withSpeed(this.clock, speedAt(speed.valueAsNumber, this.clock.steps)));
    for (const guess of guesses) {
      guess.onclick = () => {
        this.guesses.set(this.kernel, /** @type {Kind} */ (guess.dataset.kind));
        this.showGuess();
      };
    }
    reveal.onclick = () => {
      if (this.revealed.has(this.kernel)) this.revealed.delete(this.kernel);
      else this.revealed.add(this.kernel);
      this.showKernel();
    };
    svg.addEventListener("pointerdown", (event) => this.seekAt(event), { signal });
    svg.addEventListener("pointermove", (event) => {
      if (event.buttons && event.pointerType === "mouse") this.seekAt(event);
    }, { signal });
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      const action = actionOf(event.key, event.shiftKey, target.tagName.toLowerCase());
      if (typeof action === "string" && this.act(action)) event.preventDefault();
    }, { signal });
  }

  /** @param {PointerEvent} event */
  seekAt(event) {
    if (!this.curve) return;
    this.set(seek(this.clock, this.curve.stepAt(event.clientX - this.parts.svg.getBoundingClientRect().left)));
  }

  /**
   * @param {string} action
   * @returns {boolean} whether there is such a one here
   */
  act(action) {
    const { clock } = this;
    const far = Math.max(1, Math.round(clock.steps / 10));
    /** @type {Record<string, () => Clock>} */
    const deeds = {
      Play: () => (clock.playing ? pause(clock) : play(clock)),
      "Step forward": () => move(clock, 1),
      "Step back": () => move(clock, -1),
      "Far forward": () => move(clock, far),
      "Far back": () => move(clock, -far),
      "To start": () => seek(clock, 0),
      "To end": () => seek(clock, clock.steps - 1),
      Faster: () => withSpeed(clock, clock.speed * FASTER),
      Slower: () => withSpeed(clock, clock.speed / FASTER),
    };
    if (!Object.hasOwn(deeds, action)) return false;
    this.set(deeds[action]());
    return true;
  }

  /** @param {Clock} clock */
  set(clock) {
    this.clock = clock;
    this.halt();
    if (clock.playing) {
      this.last = performance.now();
      this.frame = requestAnimationFrame((now) => this.go(now));
    }
    this.showStep();
  }

  halt() {
    cancelAnimationFrame(this.frame);
  }

  /** @param {number} now */
  go(now) {
    const { step, playing } = this.clock;
    this.clock = tick(this.clock, (now - this.last) / 1000);
    this.last = now;
    if (this.clock.playing) this.frame = requestAnimationFrame((next) => this.go(next));
    if (this.clock.step !== step || this.clock.playing !== playing) this.showStep();
  }

  /** @param {Run} run */
  buildKernels({ count }) {
    const choices = Array.from({ length: count > 1 ? count : 0 }, (_, kernel) => {
      const choice = button("button wordy", `Kernel ${kernel + 1}`);
      choice.onclick = () => {
        this.kernel = kernel;
        this.showKernel();
      };
      return choice;
    });
    this.parts.kernels.replaceChildren(...choices);
    this.parts.kernels.hidden = count < 2;
  }

  /** @param {Run} run */
  layTables({ kernelShape: [rows, cols] }) {
    for (const table of [this.parts.learnt, this.parts.hidden]) {
      table.style.aspectRatio = `${cols} / ${rows}`;
      table.classList.toggle("many", cols > MOST_FULL);
      const lines = Array.from({ length: rows }, () => {
        const line = document.createElement("tr");
        line.append(...Array.from({ length: cols }, () => document.createElement("td")));
        return line;
      });
      const body = document.createElement("tbody");
      body.append(...lines);
      table.replaceChildren(body);
    }
  }

  /** Show what stays the same from step to step, and then the step. */
  showKernel() {
    const { run, kernel, palette } = this;
    if (!run) return;
    const { parts } = this;
    const wanted = wantedOf(run, kernel);
    const limit = largest(wanted);
    const top = largest(hiddenOf(run, kernel));
    const least = run.picture.reduce((low, value) => Math.min(low, value), 0);
    this.paintPhoto(run, least < 0 ? -0.5 : 0);
    this.paint("wanted", wanted, limit);
    this.paintWeights(parts.hidden, hiddenOf(run, kernel), top, !this.revealed.has(kernel));
    // What stands in brackets behind a name is said below.
    const name = run.names[kernel].replace(/ \(.*\)$/, "");
    setText(parts.names.hidden, this.revealed.has(kernel) ? `Hidden: ${name}` : "Hidden kernel");
    const ends = this.revealed.has(kernel) ? `Colours of weights end at ±${formatNumber(top, 3)}, those of all maps` : "Colours of all maps end";
    setText(parts.names.range, `${ends} at ±${formatNumber(limit, 3)}: blue below 0, orange above.`);
    [...parts.kernels.children].forEach((choice, i) => choice.setAttribute("aria-pressed", String(i === kernel)));
    this.drawCurve(run, palette);
    this.showGuess();
    this.showStep();
  }

  showStep() {
    const { run, kernel, parts, clock } = this;
    if (!run) return;
    const { step } = clock;
    const learnt = learntAt(run, step, kernel);
    const wanted = wantedOf(run, kernel);
    const limit = largest(wanted);
    const map = mapOf(run, learnt);
    const apart = minus(map, wanted);
    this.paint("map", map, limit);
    this.paint("apart", apart, limit);
    this.paintWeights(parts.learnt, learnt, largest(hiddenOf(run, kernel)), false);
    parts.box.dataset.step = String(step);
    parts.box.dataset.weights = JSON.stringify([...learnt]);
    if (this.curve && this.dot) {
      this.dot.setAttribute("cx", this.curve.x(step).toFixed(1));
      this.dot.setAttribute("cy", this.curve.y(lossAt(run, step, kernel)).toFixed(1));
    }
    parts.timeline.value = String(step);
    parts.timeline.setAttribute("aria-valuetext", `step ${step} of ${run.steps}`);
    setText(parts.counter, `${step} / ${run.steps}`);
    setButton(parts.buttons.Play, clock.playing ? "Pause" : "Play");
    disable(parts.buttons["To start"], step === 0);
    disable(parts.buttons["Step back"], step === 0);
    disable(parts.buttons["Step forward"], step === run.steps);
    disable(parts.buttons["To end"], step === run.steps);
    const pace = clock.speed < 10 ? clock.speed.toFixed(1) : String(Math.round(clock.speed));
    parts.speed.value = String(positionOfSpeed(clock.speed, clock.steps));
    parts.speed.setAttribute("aria-valuetext", `${pace} steps a second`);
    setText(parts.pace, `${pace} steps/s`);
    // Thirty sentences a second are no help to who listens: the one where it comes to rest is.
    parts.readout.setAttribute("aria-live", clock.playing ? "off" : "polite");
    setText(parts.readout, readoutOf(run, step, kernel));
    parts.readout.classList.toggle("trouble", step === run.steps && run.trouble !== "");
  }

  showGuess() {
    const { run, kernel, parts } = this;
    if (!run) return;
    const revealed = this.revealed.has(kernel);
    const guess = this.guesses.get(kernel) ?? null;
    for (const choice of parts.guesses) {
      choice.setAttribute("aria-pressed", String(choice.dataset.kind === guess));
    }
    setText(parts.reveal, revealed ? "Cover" : "Reveal");
    setText(parts.said, revealed ? verdict(guess, hiddenOf(run, kernel), run.names[kernel]) : "");
  }

  /**
   * @param {Run} run
   * @param {Palette} palette
   */
  drawCurve(run, palette) {
    const { svg } = this.parts;
    const width = this.width || 600;
    const frame = { ...CURVE, right: width - CURVE.fromRight };
    svg.setAttribute("viewBox", `0 0 ${width} ${CURVE.height}`);
    const curve = curveOf(run, frame);
    this.curve = curve;
    const text = { fill: palette.muted, "font-size": 15 };
    const parts = [
      ...curve.powers.flatMap(([y, label]) => [
        drawn("line", { x1: frame.left, x2: frame.right, y1: y, y2: y, stroke: palette.faint }),
        drawn("text", { x: frame.left - 8, y: y + 5, "text-anchor": "end", ...text }, label),
      ]),
      ...curve.marks.map(([x, label], i) =>
        drawn("text", { x, y: frame.bottom + 22, "text-anchor": i === 0 ? "start" : i === curve.marks.length - 1 ? "end" : "middle", ...text },
          i === curve.marks.length - 1 ? `step ${label}` : label)),
      drawn("text", { x: 0, y: frame.top - 14, ...text, fill: palette.text, "font-weight": 600 }, "Loss"),
    ];
    curve.paths.forEach((d, i) => {
      if (i !== this.kernel) parts.push(drawn("path", { d, fill: "none", stroke: palette.muted, "stroke-width": 1.5, opacity: 0.6 }));
    });
    parts.push(drawn("path", { d: curve.paths[this.kernel], fill: "none", stroke: palette.text, "stroke-width": 2.5, "stroke-linejoin": "round" }));
    this.dot = /** @type {SVGElement} */ (drawn("circle", { r: 7, fill: palette.accent, stroke: palette.halo, "stroke-width": 2 }));
    svg.replaceChildren(...parts, this.dot);
  }

  /**
   * @param {"map" | "wanted" | "apart"} name
   * @param {ArrayLike<number>} values
   * @param {number} limit
   */
  paint(name, values, limit) {
    if (!this.run) return;
    copy(this.pictures[name].draw(this.run.mapShape, values, limit, 0, this.palette), this.parts[name]);
  }

  /**
   * @param {Run} run
   * @param {number} black the value of a black pixel
   */
  paintPhoto(run, black) {
    const [rows, cols] = run.pictureShape;
    const canvas = this.parts.photo;
    canvas.width = cols;
    canvas.height = rows;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const pixels = context.createImageData(cols, rows);
    run.picture.forEach((value, i) => pixels.data.set([255 * (value - black), 255 * (value - black), 255 * (value - black), 255], 4 * i));
    context.putImageData(pixels, 0, 0);
  }

  /**
   * @param {HTMLTableElement} table
   * @param {ArrayLike<number>} weights
   * @param {number} limit
   * @param {boolean} covered
   */
  paintWeights(table, weights, limit, covered) {
    const colours = levelColours(this.palette);
    const cols = this.run?.kernelShape[1] ?? 0;
    const brief = cols > MOST_FULL;
    const digits = brief ? briefDigits(limit) : 2;
    table.querySelectorAll("td").forEach((cell, i) => {
      const colour = colours[levelOf(weights[i], limit, 0)];
      setText(cell, covered ? "?" : cols <= MOST_NUMBERED ? cellNumber(weights[i], digits, brief) : "");
      cell.title = covered ? "" : formatNumber(weights[i], 6);
      cell.style.background = covered ? this.palette.empty : css(colour);
      cell.style.color = covered ? this.palette.muted : inkOn(colour);
    });
  }
}

/**
 * @param {HTMLCanvasElement} from
 * @param {HTMLCanvasElement} to
 */
function copy(from, to) {
  if (to.width !== from.width || to.height !== from.height) {
    to.width = from.width;
    to.height = from.height;
  }
  /** @type {CanvasRenderingContext2D} */ (to.getContext("2d")).drawImage(from, 0, 0);
}
