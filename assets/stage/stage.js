/**
 * One stage in one element: its controls, its canvas, its clock. It knows neither Python nor Streamlit.
 */

import * as time from "./clock.js";
import { LIGHT, luminance, paletteFor } from "./colour.js";
import { hitTest, layoutStage } from "./layout.js";
import { buildModel, cellOfStep, clamp, stepOfCell } from "./model.js";
import { paint } from "./painter.js";
import { BUTTON_ORDER, buildParts, disable, element, setButton, setText } from "./parts.js";
import { decodePayload } from "./payload.js";
import { makeRasters } from "./rasters.js";
import { formulaLines, readoutText, shapeText } from "./readout.js";
import { actionOf } from "./keys.js";
import { PARTS, REST, makeScene } from "./scene.js";

/** @import { Clock } from "./clock.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { PlaceHeader } from "./payload.js" */
/** @import { Rasters } from "./rasters.js" */
/** @import { Palette } from "./colour.js" */

/**
 * @typedef {{row: number, col: number, feature: number}} Place
 * @typedef {(place: Place) => void} PlaceListener told when the stage has come to rest at another place
 */

// The outline of a window at the border reaches this far beyond the pictures.
const BLEED = 5;
// A rest shorter than this is a step on the way: nobody needs to hear of it.
const SETTLED_MS = 250;
// How long a movement takes that a person has asked for by a step.
const GLIDE_SECONDS = 0.45;
// Speeds that one can follow, to begin with: cells a second, and parts of a cell a second.
const FIRST_SPEEDS = { cells: 8, parts: 1.5 };
// Longer than this the page stood still: playing goes on from there, and does not catch up.
const LONGEST_FRAME_SECONDS = 0.25;

export class Stage {
  /**
   * @param {HTMLElement} root an empty element
   * @param {PlaceListener} [onPlace]
   */
  constructor(root, onPlace = () => {}) {
    this.onPlace = onPlace;
    /** @type {Model | null} */
    this.model = null;
    /** @type {Clock} */
    this.clock = time.makeClock(1);
    this.feature = 0;
    /** @type {{row: number, col: number} | null} */
    this.pointed = null;
    /** @type {import("./scene.js").Focus | null} a pixel or a weight that is pointed at */
    this.focus = null;
    /** @type {import("./scene.js").Focus | null} or one that a click holds */
    this.pinned = null;
    /** @type {PlaceHeader | null} */
    this.imposed = null;
    /** @type {Rasters | null} */
    this.rasters = null;
    /** @type {Layout | null} */
    this.layout = null;
    /** @type {Palette} */
    this.palette = LIGHT;
    this.family = "sans-serif";
    /** @type {import("./views.js").View} */
    this.view = "raw";
    /** @type {import("./views.js").Scale} */
    this.scale = "own";
    this.speeds = { ...FIRST_SPEEDS };
    /** How far a movement that a person asked for has come: from 0 to 1, where it is over. */
    this.glide = 1;
    this.frame = 0;
    this.lastTime = 0;
    this.settling = 0;
    this.reported = "";
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    /** Aborted when the stage is taken down. */
    this.ended = new AbortController();
    this.root = root;
    this.parts = buildParts(root);
    this.parts.contrast.checked = this.moreContrast.matches;
    this.listen();
    this.resizes = new ResizeObserver(() => this.relayout());
    this.resizes.observe(this.parts.box);
    // The height of the window counts, too, and a change of the device's pixel ratio comes as one of the window.
    this.onResize = () => this.relayout();
    window.addEventListener("resize", this.onResize);
  }

  /**
   * Show another experiment, or the same one again. The place is kept, unless the message asks for one.
   *
   * @param {Uint8Array} bytes a message of `ui/stage.py`
   */
  receive(bytes) {
    const payload = decodePayload(bytes);
    const before = this.model;
    const { place } = payload.header;
    const at = before ? cellOfStep(before, this.clock.step) : place;
    this.model = buildModel(payload);
    const asked = this.imposed?.cellToken !== place.cellToken;
    const { row, col } = asked ? place : at;
    const playing = this.clock.playing && !asked;
    const { steps } = this.model;
    const { parts } = this.clock;
    const speed = time.speedAt(time.positionOfSpeed(this.clock.speed, steps * parts), steps * parts);
    const step = stepOfCell(this.model, row, col);
    const part = before && !asked && step === this.clock.step ? this.clock.part : parts - 1;
    this.clock = { ...time.makeClock(steps, step, speed, parts), part, playing };
    this.glide = 1;
    const chosen = this.imposed?.featureToken !== place.featureToken;
    if (chosen) this.feature = place.feature;
    this.feature = clamp(this.feature, 0, this.model.features - 1);
    this.imposed = place;
    // Where it was asked to be is known; where a smaller map has put it is not.
    if (asked || chosen) this.reported = placeKey(this.place());
    this.settle();
    this.pointed = null;
    this.focus = null;
    if (!before || !sameThing(shapeOf(before), shapeOf(this.model))) this.pinned = null;
    this.rasters = null;
    this.parts.timeline.max = String(this.model.steps - 1);
    this.parts.shape.textContent = shapeText(this.model);
    this.parts.formula.replaceChildren(...formulaLines(this.model).map((line) => element("span", {}, line)));
    this.parts.kind.textContent = payload.header.flip
      ? "convolution: the kernel is flipped"
      : "cross-correlation: the kernel is not flipped";
    this.showSpeed();
    this.relayout();
    this.readOut();
  }

  /** The theme's colours and font may have changed: read them again. */
  restyle() {
    const { box, contrast } = this.parts;
    // The root's ground is the theme's; that of the box may be the one of high contrast.
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    box.classList.toggle("dark", dark);
    box.classList.toggle("high", contrast.checked);
    const style = getComputedStyle(box);
    const palette = { ...paletteFor(dark, contrast.checked), ground: style.backgroundColor };
    const family = style.fontFamily || "sans-serif";
    // A host calls at every change of anything: pictures are drawn anew only where their colours are others.
    if (family === this.family && sameThing(palette, this.palette)) return;
    this.palette = palette;
    this.family = family;
    this.rasters = null;
    this.invalidate();
  }

  /** Take the stage down: nothing of it runs on. */
  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    this.ended.abort();
    this.resizes.disconnect();
    window.removeEventListener("resize", this.onResize);
    this.parts.box.remove();
  }

  /** @returns {Place} */
  place() {
    const cell = this.model ? cellOfStep(this.model, this.clock.step) : { row: 0, col: 0 };
    return { ...cell, feature: this.feature };
  }

  listen() {
    const { box, buttons, views, scales, contrast, substeps, help, timeline, speed, canvas } = this.parts;
    for (const name of BUTTON_ORDER) buttons[name].onclick = () => this.act(name);
    views.onchange = () => this.show(/** @type {import("./views.js").View} */ (views.value), this.scale);
    scales.onchange = () => this.show(this.view, /** @type {import("./views.js").Scale} */ (scales.value));
    contrast.onchange = () => this.restyle();
    const prefer = () => {
      contrast.checked = this.moreContrast.matches;
      this.restyle();
    };
    this.moreContrast.addEventListener("change", prefer, { signal: this.ended.signal });
    substeps.onclick = () => this.act("Sub-steps");
    help.onclick = () => this.act("Help");
    box.onkeydown = (event) => this.key(event);
    timeline.oninput = () => this.go(time.seek(this.clock, Number(timeline.value)));
    speed.oninput = () => {
      this.setSpeed(time.speedAt(Number(speed.value), this.clock.steps * this.clock.parts));
    };
    canvas.onpointermove = (event) => this.point(event);
    canvas.onpointerleave = () => this.unpoint();
    canvas.onclick = (event) => this.click(event);
  }

  /**
   * Do what a button or a key asks for.
   *
   * @param {import("./keys.js").Action} action
   */
  act(action) {
    const { clock, model } = this;
    if (!model) return;
    switch (action) {
      case "Play":
        return this.go(clock.playing ? time.pause(clock) : time.play(clock));
      case "Step forward":
        return this.go(time.move(clock, 1), clock.parts > 1);
      case "Step back":
        return this.go(time.move(clock, -1));
      case "Cell forward":
        return this.go(time.seek(clock, clock.step + 1));
      case "Cell back":
        return this.go(time.seek(clock, clock.step - 1));
      case "Next row":
        return this.go(time.seek(clock, clock.step + model.outCols));
      case "Previous row":
        return this.go(time.seek(clock, clock.step - model.outCols));
      case "Far forward":
        return this.go(time.seek(clock, clock.step + Math.ceil(clock.steps / 10)));
      case "Far back":
        return this.go(time.seek(clock, clock.step - Math.ceil(clock.steps / 10)));
      case "To start":
        return this.go(time.move(clock, -time.position(clock)));
      case "To end":
        return this.go(time.seek(clock, clock.steps - 1));
      case "Faster":
        return this.setSpeed(clock.speed * 1.5);
      case "Slower":
        return this.setSpeed(clock.speed / 1.5);
      case "Sub-steps":
        return this.toggleParts();
      case "Let go":
        return this.pin(null);
      case "Help":
        return this.parts.sheet.open ? this.parts.sheet.close() : this.parts.sheet.showModal();
      default:
        return this.chooseFeature(action.feature);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.parts.sheet.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    // Like a button, a checkbox is used by the space bar.
    const kind = target === this.parts.contrast ? "button" : target.localName;
    const action = actionOf(event.key, event.shiftKey, kind);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(action);
  }

  /** @param {number} feature */
  chooseFeature(feature) {
    if (!this.model || feature >= this.model.features) return;
    this.feature = feature;
    // At once, even while playing: controls elsewhere are about the chosen feature.
    this.report();
    this.readOut();
    this.invalidate();
  }

  /**
   * Look at the maps in another way.
   *
   * @param {import("./views.js").View} view
   * @param {import("./views.js").Scale} scale
   */
  show(view, scale) {
    this.view = view;
    this.scale = scale;
    this.rasters = null;
    this.readOut();
    this.invalidate();
  }

  toggleParts() {
    const whole = this.clock.parts === 1;
    this.speeds[whole ? "cells" : "parts"] = this.clock.speed;
    const speed = this.speeds[whole ? "parts" : "cells"];
    this.go(time.withParts(this.clock, whole ? PARTS.length : 1, speed));
    this.parts.substeps.setAttribute("aria-pressed", String(whole));
    this.setSpeed(speed);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    const { steps, parts } = this.clock;
    const count = steps * parts;
    this.clock = time.withSpeed(this.clock, time.speedAt(time.positionOfSpeed(speed, count), count));
    this.showSpeed();
  }

  /**
   * @param {Clock} clock
   * @param {boolean} [gliding] whether what leads there shall be seen
   */
  go(clock, gliding = false) {
    const moves = time.position(clock) !== time.position(this.clock);
    this.clock = clock;
    this.pointed = null;
    this.lastTime = 0;
    this.glide = gliding && moves && !this.reducedMotion.matches ? 0 : 1;
    this.settle();
    this.readOut();
    this.invalidate();
  }

  /** @param {MouseEvent} event */
  hit(event) {
    if (!this.layout) return null;
    const bounds = this.parts.canvas.getBoundingClientRect();
    return hitTest(this.layout, event.clientX - bounds.left - BLEED, event.clientY - bounds.top);
  }

  /** @param {PointerEvent} event */
  point(event) {
    const hit = this.hit(event);
    this.parts.canvas.style.cursor = hit ? "pointer" : "default";
    this.look(hit?.part === "output" ? { row: hit.row, col: hit.col } : null, this.focusOf(hit));
  }

  unpoint() {
    this.look(null, null);
  }

  /**
   * @param {{row: number, col: number} | null} pointed
   * @param {import("./scene.js").Focus | null} focus
   */
  look(pointed, focus) {
    if (sameThing(pointed, this.pointed) && sameThing(focus, this.focus)) return;
    this.pointed = pointed;
    this.focus = focus;
    this.readOut();
    this.invalidate();
  }

  /**
   * @param {import("./layout.js").Hit} hit
   * @returns {import("./scene.js").Focus | null}
   */
  focusOf(hit) {
    if (!this.model || (hit?.part !== "input" && hit?.part !== "weight")) return null;
    if (hit.part === "weight") return hit;
    const [[top], [left]] = this.model.payload.header.pads;
    return { part: "input", row: hit.row - top, col: hit.col - left };
  }

  /** @param {MouseEvent} event */
  click(event) {
    const hit = this.hit(event);
    if (!this.model) return;
    if (hit?.part === "output") this.go(time.seek(this.clock, stepOfCell(this.model, hit.row, hit.col)));
    if (hit?.part === "thumb") this.chooseFeature(hit.feature);
    const focus = this.focusOf(hit);
    this.pin(sameThing(focus, this.pinned) ? null : focus);
  }

  /** Hold a pixel or a weight, or let go of it.
   * @param {import("./scene.js").Focus | null} focus
   */
  pin(focus) {
    this.pinned = focus;
    this.readOut();
    this.invalidate();
  }

  /** Tell the listener where the stage is, once it has stayed there. */
  settle() {
    clearTimeout(this.settling);
    if (this.clock.playing) return;
    this.settling = window.setTimeout(() => this.report(), SETTLED_MS);
  }

  report() {
    const key = placeKey(this.place());
    if (key === this.reported) return;
    this.reported = key;
    this.onPlace(this.place());
  }

  relayout() {
    if (!this.model) return;
    // Whole pixels: a canvas stretched by a fraction of one is a blurred canvas.
    const width = Math.floor(this.parts.box.getBoundingClientRect().width) - 2 * BLEED;
    if (width <= 0) return;
    // At a small height the pictures give way, so that the timeline stays on the screen.
    const room = clamp(window.innerHeight - 360, 330, 640);
    this.layout = layoutStage(this.model, width, room);
    // For tests and tools that point at things as a person would: where they are.
    const { input, output, thumbs, channelRows } = this.layout;
    const shifted = (/** @type {import("./layout.js").Rect} */ area) => ({ ...area, x: area.x + BLEED });
    this.parts.canvas.dataset.output = JSON.stringify({ ...shifted(output.area), px: output.px });
    this.parts.canvas.dataset.input = JSON.stringify({ ...shifted(input.area), px: input.px });
    const grids = channelRows.map(({ weights }) => ({ ...weights, area: shifted(weights.area) }));
    this.parts.canvas.dataset.weights = JSON.stringify(grids);
    this.parts.canvas.dataset.thumbs = JSON.stringify(thumbs.map(({ picture }) => shifted(picture.area)));
    this.draw();
    this.snap();
  }

  /** Put the canvas on whole pixels of the device: between two of them it would be stretched by one, and blurred. */
  snap() {
    const { canvas } = this.parts;
    const ratio = window.devicePixelRatio || 1;
    const bounds = canvas.getBoundingClientRect();
    for (const side of /** @type {const} */ (["left", "top"])) {
      const at = bounds[side] - (parseFloat(canvas.style[side]) || 0);
      canvas.style[side] = `${Math.round(at * ratio) / ratio - at}px`;
    }
  }

  invalidate() {
    if (!this.frame) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.frame = 0;
    if (this.clock.playing) {
      const seconds = this.lastTime ? Math.min((now - this.lastTime) / 1000, LONGEST_FRAME_SECONDS) : 0;
      this.clock = time.tick(this.clock, seconds);
      this.lastTime = this.clock.playing ? now : 0;
      if (!this.clock.playing) {
        this.settle();
        this.readOut();
      } else {
        this.readOut();
      }
    }
    if (this.glide < 1) {
      this.glide = this.lastTime ? Math.min(1, this.glide + (now - this.lastTime) / 1000 / GLIDE_SECONDS) : this.glide;
      this.lastTime = this.glide < 1 ? now : 0;
    }
    this.draw();
    if (this.clock.playing || this.glide < 1) this.invalidate();
  }

  /** What is on the screen: while a step glides, the part before it on its way to this one. */
  scene() {
    const model = /** @type {Model} */ (this.model);
    const gliding = this.glide < 1;
    const { step, part, parts, fraction } = gliding
      ? { ...time.move(this.clock, -1), fraction: REST + (1 - REST) * this.glide }
      : this.clock;
    const still = this.reducedMotion.matches || (!gliding && this.clock.speed > 12);
    const view = { step, fraction, feature: this.feature, pointed: this.pointed, still, focus: this.focusNow() };
    return makeScene(model, parts > 1 ? { ...view, part } : view);
  }

  /** What is pointed at goes before what is pinned. */
  focusNow() {
    return this.pointed ? null : this.focus ?? this.pinned;
  }

  readOut() {
    if (!this.model) return;
    const { step, part, parts } = this.clock;
    const focus = this.focusNow();
    const view = { step, fraction: 0, feature: this.feature, pointed: this.pointed, still: true, focus };
    const text = readoutText(makeScene(this.model, parts > 1 ? { ...view, part } : view), this.view);
    const { readout } = this.parts;
    // A listener could not follow every step of a play: it is read out where it stops.
    const live = this.clock.playing ? "off" : "polite";
    if (readout.getAttribute("aria-live") !== live) {
      readout.setAttribute("aria-live", live);
      setText(readout, "");
    }
    setText(readout, text);
  }

  showSpeed() {
    const { speed, steps, parts } = this.clock;
    const rate = speed < 10 ? speed.toFixed(1) : grouped(Math.round(speed));
    const unit = parts > 1 ? "sub-steps" : "cells";
    this.parts.speed.value = String(time.positionOfSpeed(speed, steps * parts));
    this.parts.speed.setAttribute("aria-valuetext", `${rate} ${unit} a second`);
    setText(this.parts.speedText, `${rate} ${unit}/s`);
  }

  draw() {
    const { model, layout } = this;
    if (!model || !layout) return;
    this.rasters ??= makeRasters(model, this.palette, this.view, this.scale);
    const { canvas, timeline, buttons, counter } = this.parts;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round((layout.width + 2 * BLEED) * ratio);
    const height = Math.round(layout.height * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / ratio}px`;
      canvas.style.height = `${height / ratio}px`;
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.translate(BLEED, 0);
    const { palette, family, view, scale } = this;
    paint(context, this.scene(), layout, this.rasters, { palette, family, view, scale });

    const { step, steps, playing } = this.clock;
    timeline.value = String(step);
    timeline.setAttribute("aria-valuetext", `step ${step + 1} of ${steps}`);
    setText(counter, `${grouped(step + 1)} / ${grouped(steps)}`);
    setButton(buttons.Play, playing ? "Pause" : "Play");
    const at = time.position(this.clock);
    disable(buttons.Play, steps === 1 && this.clock.parts === 1);
    disable(buttons["To start"], at === 0);
    disable(buttons["Previous row"], step === 0);
    disable(buttons["Step back"], at === 0);
    disable(buttons["Step forward"], at === steps * this.clock.parts - 1);
    disable(buttons["Next row"], step === steps - 1);
    disable(buttons["To end"], at === steps * this.clock.parts - 1);
  }
}

/**
 * What a pinned pixel or weight depends on.
 *
 * @param {Model} model
 */
function shapeOf({ payload: { header, kernelShape } }) {
  return [header.imageShape, header.pads, kernelShape];
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function sameThing(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @param {number} count */
function grouped(count) {
  return count.toLocaleString("en-US");
}

/** @param {Place} place */
function placeKey({ row, col, feature }) {
  return `${row} ${col} ${feature}`;
}

/**
 * @param {string} colour as a browser or a theme writes it
 * @returns {[number, number, number]}
 */
function rgbOf(colour) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return [255, 255, 255];
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}
