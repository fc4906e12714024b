/**
 * One stage in one element: its controls, its canvas, its clock. It knows neither Python nor Streamlit.
 */

import { WHOLE, aimed, following, mostZoom, panned, seenBy, zoomedBy } from "./camera.js";
import * as time from "./clock.js";
import { LIGHT, luminance, paletteFor, rgbOf } from "./colour.js";
import { listenToGestures } from "./gestures.js";
import { hitTest, layoutStage } from "./layout.js";
import { axisPositions, buildModel, cellOfStep, channelNames, clamp, stepOfCell } from "./model.js";
import { paint } from "./painter.js";
import { MistakePanel, WhyPanel } from "./panels.js";
import { BUTTON_ORDER, buildParts, disable, element, setText, showClock, showPace } from "./parts.js";
import { RasterStore } from "./rasters.js";
import { formulaLines, kindText, readoutText, shapeText, unusedText } from "./readout.js";
import { ARROWS, actionOf } from "./keys.js";
import { PARTS, REST, makeScene, movedFocus, nextFocus } from "./scene.js";

/** @import { Camera } from "./camera.js" */
/** @import { Clock } from "./clock.js" */
/** @import { Palette } from "./colour.js" */
/** @import { Action } from "./keys.js" */
/** @import { Hit, Layout, Rect } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Payload, PlaceHeader } from "./payload.js" */
/** @import { Focus, Scene } from "./scene.js" */
/** @import { Scale, View } from "./views.js" */

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
// How long the kernels take to turn over.
const TURN_SECONDS = 1.1;
// How far the arrow of a key moves the view, in its own width.
const NUDGE = 0.2;
// Speeds that one can follow, to begin with: cells a second, and parts of a cell a second.
const FIRST_SPEEDS = { cells: 8, parts: 1.5 };
// Faster than this, in parts a second, nothing travels: it would only flicker.
const FASTEST_TRAVEL = 12;
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
    /** @type {Focus | null} a pixel or a weight that is pointed at */
    this.focus = null;
    /** @type {Focus | null} or one that a click holds */
    this.pinned = null;
    /** Whether the arrow keys move what is pinned. */
    this.roving = false;
    /** @type {PlaceHeader | null} */
    this.imposed = null;
    /** @type {RasterStore | null} */
    this.rasters = null;
    /** @type {Layout | null} made for the camera's zoom */
    this.layout = null;
    this.width = 0;
    /** @type {Camera} */
    this.camera = WHOLE;
    /** @type {boolean | null} null where nobody has said: then where there is room for it */
    this.loupe = null;
    /** The channel that is unfolded, and shown of an input that is no photo. */
    this.channel = 0;
    /** @type {Palette} */
    this.palette = LIGHT;
    this.family = "sans-serif";
    /** @type {View} */
    this.view = "raw";
    /** @type {Scale} */
    this.scale = "own";
    this.speeds = { ...FIRST_SPEEDS };
    /** How far a movement that a person asked for has come: from 0 to 1, where it is over. */
    this.glide = 1;
    /** How far the kernels have come in being turned over. */
    this.turning = 1;
    this.frame = 0;
    this.lastTime = 0;
    this.settling = 0;
    this.reported = "";
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    /** Aborted when the stage is taken down. */
    this.ended = new AbortController();
    this.root = root;
    this.why = new WhyPanel((row, col) => this.visit(row, col));
    this.mistake = new MistakePanel();
    this.parts = buildParts(root, [this.why, this.mistake]);
    this.parts.contrast.checked = this.moreContrast.matches;
    this.listen();
    this.resizes = new ResizeObserver(() => this.relayout());
    this.resizes.observe(this.parts.box);
    // The height of the window counts, too, and a change of the device's pixel ratio comes as one of the window.
    window.addEventListener("resize", () => this.relayout(), { signal: this.ended.signal });
  }

  /**
   * Show another experiment, or the same one again. The place is kept, unless the message asks for one.
   *
   * @param {Payload} payload
   */
  receive(payload) {
    const before = this.model;
    const { place } = payload.header;
    const at = before ? cellOfStep(before, this.clock.step) : place;
    this.model = buildModel(payload);
    const asked = this.imposed?.cellToken !== place.cellToken;
    const { row, col } = asked ? place : at;
    const playing = this.clock.playing && !asked;
    const { steps } = this.model;
    const { parts, speed } = this.clock;
    const step = stepOfCell(this.model, row, col);
    const part = before && !asked && step === this.clock.step ? this.clock.part : parts - 1;
    this.clock = time.withSpeed({ ...time.makeClock(steps, step, speed, parts), part, playing }, speed);
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
    this.rasters = new RasterStore(this.model, this.rasters);
    if (before?.channels !== this.model.channels) this.channel = 0;
    const turned = before && before.payload.header.flip !== payload.header.flip && sameBank(before, this.model);
    this.turning = turned && !this.reducedMotion.matches ? 0 : 1;
    this.lastTime = 0;
    this.parts.timeline.max = String(this.model.steps - 1);
    this.parts.shape.textContent = shapeText(this.model);
    this.parts.formula.replaceChildren(...formulaLines(this.model).map((line) => element("span", {}, line)));
    this.parts.unread.textContent = unusedText(this.model);
    this.parts.kind.textContent = kindText(this.model);
    const names = channelNames(this.model);
    this.parts.channels.replaceChildren(...names.map((name, c) => element("option", { value: String(c) }, name)));
    // A photo is seen in its colours, and its three channels stand side by side.
    this.parts.channelChoice.hidden = this.model.channels === 1 || this.model.photo;
    this.parts.clampedOption.textContent = `clamped to 0…${this.model.top}`;
    this.showSpeed();
    this.relayout();
    this.readOut();
    this.invalidate();
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
    this.parts.box.style.setProperty("--stage-accent", palette.accent);
    this.parts.box.style.setProperty("--stage-halo", palette.halo);
    this.readOut();
    this.invalidate();
  }

  /** Take the stage down: nothing of it runs on. */
  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    this.ended.abort();
    this.resizes.disconnect();
    this.parts.box.remove();
  }

  /** @returns {Place} */
  place() {
    const cell = this.model ? cellOfStep(this.model, this.clock.step) : { row: 0, col: 0 };
    return { ...cell, feature: this.feature };
  }

  listen() {
    const { box, buttons, views, scales, contrast, channels, substeps, help, timeline, speed, canvas } = this.parts;
    const { zoomIn, zoomOut, whole, loupe } = this.parts;
    for (const name of BUTTON_ORDER) buttons[name].onclick = () => this.act(name);
    views.onchange = () => this.show(/** @type {View} */ (views.value), this.scale);
    scales.onchange = () => this.show(this.view, /** @type {Scale} */ (scales.value));
    contrast.onchange = () => this.restyle();
    const prefer = () => {
      contrast.checked = this.moreContrast.matches;
      this.restyle();
    };
    this.moreContrast.addEventListener("change", prefer, { signal: this.ended.signal });
    channels.onchange = () => this.chooseChannel(Number(channels.value));
    zoomIn.onclick = () => this.act("Zoom in");
    zoomOut.onclick = () => this.act("Zoom out");
    whole.onclick = () => this.act("Whole picture");
    loupe.onclick = () => this.act("Loupe");
    substeps.onclick = () => this.act("Sub-steps");
    help.onclick = () => this.act("Help");
    box.onkeydown = (event) => this.key(event);
    timeline.oninput = () => this.go(time.seek(this.clock, Number(timeline.value)));
    speed.oninput = () => {
      this.setSpeed(time.speedAt(Number(speed.value), this.clock.steps * this.clock.parts));
    };
    for (const panel of [this.why, this.mistake]) panel.box.ontoggle = () => this.readOut();
    canvas.onpointermove = (event) => this.point(event);
    canvas.onpointerleave = () => this.unpoint();
    const gestures = listenToGestures(canvas, {
      onPicture: (x, y) => this.pictureAt(x, y) !== null,
      zoomed: () => this.camera.zoom > 1,
      zoom: (factor, x, y) => this.zoom(factor, x, y),
      drag: (x, y, dx, dy) => this.drag(x, y, dx, dy),
    });
    canvas.onclick = (event) => {
      if (!gestures.dragged()) this.click(event);
    };
  }

  /**
   * Do what a button or a key asks for.
   *
   * @param {Action} action
   */
  act(action) {
    const { clock, model } = this;
    if (!model) return;
    const moved = time.after(action, clock, model.outCols);
    if (moved) return this.go(moved, action === "Step forward" && clock.parts > 1);
    switch (action) {
      case "Faster":
        return this.setSpeed(clock.speed * 1.5);
      case "Slower":
        return this.setSpeed(clock.speed / 1.5);
      case "Sub-steps":
        return this.toggleParts();
      case "Zoom in":
        return this.zoom(1.5);
      case "Zoom out":
        return this.zoom(1 / 1.5);
      case "Whole picture":
        return this.look(WHOLE);
      case "Look left":
        return this.look(panned(this.camera, 0, -NUDGE));
      case "Look right":
        return this.look(panned(this.camera, 0, NUDGE));
      case "Look up":
        return this.look(panned(this.camera, -NUDGE, 0));
      case "Look down":
        return this.look(panned(this.camera, NUDGE, 0));
      case "Loupe":
        return this.toggleLoupe();
      case "Why":
        return this.openPanel(this.why.box);
      case "Mistake":
        return this.openPanel(this.mistake.box);
      case "Next channel":
        return this.chooseChannel(this.channel + 1);
      case "Previous channel":
        return this.chooseChannel(this.channel - 1);
      case "Point":
        return this.rove(nextFocus(model, this.roving ? this.pinned : null, cellOfStep(model, clock.step), this.channel));
      case "Next feature":
        return this.chooseFeature(this.feature + 1);
      case "Previous feature":
        return this.chooseFeature(this.feature - 1);
      case "Let go":
        return this.pin(null);
      case "Help":
        return this.parts.sheet.open ? this.parts.sheet.close() : this.parts.sheet.showModal();
      default:
        return typeof action === "object" ? this.chooseFeature(action.feature) : undefined;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.parts.sheet.open && event.key === "?") return this.parts.sheet.close();
    if (this.parts.sheet.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    // Like a button, a checkbox is used by the space bar.
    const kind = target === this.parts.contrast ? "button" : target.localName;
    const action = actionOf(event.key, event.shiftKey, kind);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    const arrow = typeof action === "string" ? ARROWS[action] : undefined;
    if (this.roving && this.pinned && this.model && arrow) this.rove(movedFocus(this.model, this.pinned, ...arrow));
    else this.act(action);
  }

  /** @param {number} feature */
  chooseFeature(feature) {
    if (!this.model || feature < 0 || feature >= this.model.features) return;
    this.feature = feature;
    // At once, even while playing: controls elsewhere are about the chosen feature.
    this.report();
    this.readOut();
    this.invalidate();
  }

  /**
   * Look at the maps in another way.
   *
   * @param {View} view
   * @param {Scale} scale
   */
  show(view, scale) {
    this.view = view;
    this.scale = scale;
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
    this.clock = time.withSpeed(this.clock, speed);
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
    this.follow();
    this.settle();
    this.readOut();
    this.invalidate();
  }

  /** @param {MouseEvent} event */
  hit(event) {
    if (!this.layout) return null;
    const { x, y } = this.onCanvas(event.clientX, event.clientY);
    return hitTest(seenBy(this.layout, this.camera), x, y);
  }

  /**
   * A place of the window, in the layout's coordinates.
   *
   * @param {number} clientX
   * @param {number} clientY
   */
  onCanvas(clientX, clientY) {
    const bounds = this.parts.canvas.getBoundingClientRect();
    return { x: clientX - bounds.left - BLEED, y: clientY - bounds.top };
  }

  /**
   * The picture at a place of the window.
   *
   * @param {number} clientX
   * @param {number} clientY
   * @returns {"input" | "output" | null}
   */
  pictureAt(clientX, clientY) {
    const { x, y } = this.onCanvas(clientX, clientY);
    for (const part of /** @type {const} */ (["output", "input"])) {
      const frame = this.layout?.[part].frame;
      if (frame && x >= frame.x && x < frame.x + frame.w && y >= frame.y && y < frame.y + frame.h) return part;
    }
    return null;
  }

  /**
   * Zoom both pictures, about a place of one, or about the window of the step.
   *
   * @param {number} factor
   * @param {number} [clientX]
   * @param {number} [clientY]
   */
  zoom(factor, clientX, clientY) {
    const { camera, layout } = this;
    if (!layout) return;
    const part = clientX === undefined || clientY === undefined ? null : this.pictureAt(clientX, clientY);
    if (part === null) {
      const { row, col } = this.windowMiddle();
      this.look(zoomedBy(camera, factor, mostZoom(layout), row, col));
      this.follow();
      return;
    }
    const point = this.onCanvas(Number(clientX), Number(clientY));
    const { area } = seenBy(layout, camera)[part];
    const place = { row: (point.y - area.y) / area.h, col: (point.x - area.x) / area.w };
    const { zoom } = zoomedBy(camera, factor, mostZoom(layout));
    this.look({ ...camera, zoom });
    // The frames may have grown with it.
    if (this.layout) this.look(aimed(this.layout[part], zoom, place, point));
  }

  /**
   * @param {number} clientX
   * @param {number} clientY
   * @param {number} dx
   * @param {number} dy
   */
  drag(clientX, clientY, dx, dy) {
    if (!this.layout) return;
    const { area } = this.layout[this.pictureAt(clientX, clientY) ?? "input"];
    this.look(panned(this.camera, -dy / area.h, -dx / area.w));
  }

  /** @param {Camera} camera */
  look(camera) {
    this.camera = camera;
    this.arrange();
    this.showLooks();
    this.invalidate();
  }

  /** The window of the step, in shares of the padded input. */
  windowShare() {
    const model = /** @type {Model} */ (this.model);
    const { row, col } = cellOfStep(model, this.clock.step);
    const along = (/** @type {0 | 1} */ axis, /** @type {number} */ index, /** @type {number} */ pixels) => {
      const [before, after] = model.payload.header.pads[axis];
      const positions = axisPositions(model, axis, index);
      const length = before + pixels + after;
      return { start: (positions[0] + before) / length, size: (positions[positions.length - 1] - positions[0] + 1) / length };
    };
    const [r, c] = [along(0, row, model.rows), along(1, col, model.cols)];
    return { row: r.start, col: c.start, rows: r.size, cols: c.size };
  }

  windowMiddle() {
    const { row, col, rows, cols } = this.windowShare();
    return { row: row + rows / 2, col: col + cols / 2 };
  }

  /** Keep the window of the step, and its cell, in sight. */
  follow() {
    const { model } = this;
    if (!model || this.camera.zoom === 1) return;
    const { row, col } = cellOfStep(model, this.clock.step);
    const cell = { row: row / model.outRows, col: col / model.outCols, rows: 1 / model.outRows, cols: 1 / model.outCols };
    this.camera = following(following(this.camera, cell), this.windowShare());
    this.publish();
  }

  showsLoupe() {
    return this.loupe ?? this.layout?.wide ?? false;
  }

  toggleLoupe() {
    this.loupe = !this.showsLoupe();
    this.showLooks();
    this.invalidate();
  }

  /** @param {number} channel */
  chooseChannel(channel) {
    if (!this.model || channel < 0 || channel >= this.model.channels) return;
    this.channel = channel;
    this.relayout();
  }

  /** Open a panel, or close it.
   * @param {HTMLDetailsElement} box
   */
  openPanel(box) {
    box.open = !box.open && !box.hidden;
    if (box.open) box.scrollIntoView({ block: "nearest" });
  }

  /** What the controls beside the maps stand at. */
  showLooks() {
    const { zoomOut, whole, loupe, zoomText, channels } = this.parts;
    const { zoom } = this.camera;
    disable(zoomOut, zoom === 1);
    disable(whole, zoom === 1);
    setText(zoomText, zoom === 1 ? "" : `${zoom.toFixed(zoom < 10 ? 1 : 0)}×`);
    loupe.setAttribute("aria-pressed", String(this.showsLoupe()));
    channels.value = String(this.channel);
  }

  /** @param {PointerEvent} event */
  point(event) {
    const hit = this.hit(event);
    this.parts.canvas.style.cursor = hit ? "pointer" : "default";
    this.attend(hit?.part === "output" ? { row: hit.row, col: hit.col } : null, this.focusOf(hit));
  }

  unpoint() {
    this.attend(null, null);
  }

  /**
   * @param {{row: number, col: number} | null} pointed
   * @param {Focus | null} focus
   */
  attend(pointed, focus) {
    if (sameThing(pointed, this.pointed) && sameThing(focus, this.focus)) return;
    this.pointed = pointed;
    this.focus = focus;
    this.readOut();
    this.invalidate();
  }

  /**
   * @param {Hit} hit
   * @returns {Focus | null}
   */
  focusOf(hit) {
    if (!this.model || !hit) return null;
    if (hit.part === "weight" || hit.part === "tap") return hit;
    if (hit.part !== "input") return null;
    const [[top], [left]] = this.model.payload.header.pads;
    return { part: "input", row: hit.row - top, col: hit.col - left };
  }

  /** @param {MouseEvent} event */
  click(event) {
    const hit = this.hit(event);
    if (!this.model) return;
    if (hit?.part === "output") this.visit(hit.row, hit.col);
    if (hit?.part === "thumb") this.chooseFeature(hit.feature);
    if (hit?.part === "channel") this.chooseChannel(hit.channel);
    const focus = this.focusOf(hit);
    this.pin(sameThing(focus, this.pinned) ? null : focus);
  }

  /** Point with keys.
   * @param {Focus | null} focus
   */
  rove(focus) {
    // The mouse lies where it was left, and points at nothing any more.
    this.attend(null, null);
    this.pin(focus);
    this.roving = focus !== null;
    if (focus?.part === "weight") this.chooseChannel(focus.channel);
    if (focus?.part === "input") this.followPlace(focus.row, focus.col);
    this.invalidate();
  }

  /**
   * Keep a place of the input in sight.
   *
   * @param {number} row
   * @param {number} col
   */
  followPlace(row, col) {
    const { model, camera, layout } = this;
    if (!model || !layout || camera.zoom === 1) return;
    const { rows, cols } = layout.input;
    const [[top], [left]] = model.payload.header.pads;
    const place = { row: (row + top) / rows, col: (col + left) / cols, rows: 1 / rows, cols: 1 / cols };
    this.camera = following(camera, place);
    this.publish();
  }

  /**
   * Go to a cell.
   *
   * @param {number} row
   * @param {number} col
   */
  visit(row, col) {
    if (this.model) this.go(time.seek(this.clock, stepOfCell(this.model, row, col)));
  }

  /** Hold a pixel or a weight, or let go of it.
   * @param {Focus | null} focus
   */
  pin(focus) {
    this.pinned = focus;
    this.roving = false;
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
    this.width = width;
    this.arrange();
    this.showLooks();
    this.draw();
    this.snap();
  }

  /** Find everything its place. */
  arrange() {
    if (!this.model) return;
    // At a small height the pictures give way, so that the timeline stays on the screen.
    const room = clamp(window.innerHeight - 360, 330, 640);
    const arranged = (/** @type {number} */ zoom) => layoutStage(/** @type {Model} */ (this.model), this.width, room, this.channel, zoom);
    this.camera = zoomedBy(this.camera, 1, mostZoom(arranged(1)));
    this.layout = arranged(this.camera.zoom);
    this.publish();
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

  /** For tests and tools that point at things as a person would: where they are on the canvas. */
  publish() {
    if (!this.layout) return;
    const { input, output, thumbs, channelRows, foldedRows } = seenBy(this.layout, this.camera);
    const shifted = (/** @type {Rect} */ area) => ({ ...area, x: area.x + BLEED });
    const places = {
      output: { ...shifted(output.area), px: output.px, frame: shifted(output.frame) },
      input: { ...shifted(input.area), px: input.px, frame: shifted(input.frame) },
      weights: channelRows.map(({ weights }) => ({ ...weights, area: shifted(weights.area) })),
      products: channelRows.map(({ products }) => ({ ...products, area: shifted(products.area) })),
      folded: foldedRows.map(({ area }) => shifted(area)),
      thumbs: thumbs.map(({ picture }) => shifted(picture.area)),
    };
    this.parts.canvas.dataset.places = JSON.stringify(places);
  }

  invalidate() {
    if (!this.frame) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.frame = 0;
    const seconds = this.lastTime ? Math.min((now - this.lastTime) / 1000, LONGEST_FRAME_SECONDS) : 0;
    if (this.clock.playing) {
      const before = time.position(this.clock);
      this.clock = time.tick(this.clock, seconds);
      if (!this.clock.playing) this.settle();
      if (time.position(this.clock) !== before || !this.clock.playing) {
        this.follow();
        this.readOut();
      }
    }
    this.glide = Math.min(1, this.glide + seconds / GLIDE_SECONDS);
    this.turning = Math.min(1, this.turning + seconds / TURN_SECONDS);
    const moving = this.clock.playing || this.glide < 1 || this.turning < 1;
    this.lastTime = moving ? now : 0;
    this.draw();
    if (moving) this.invalidate();
  }

  /**
   * What is on the screen: while a step glides, the part before it on its way to this one.
   *
   * @returns {Scene}
   */
  scene() {
    if (this.glide === 1) return this.sceneAt(this.clock, this.clock.speed > FASTEST_TRAVEL);
    return this.sceneAt({ ...time.move(this.clock, -1), fraction: REST + (1 - REST) * this.glide }, false);
  }

  /**
   * @param {Clock} clock
   * @param {boolean} still
   */
  sceneAt({ step, part, parts, fraction }, still) {
    const { feature, pointed, channel, turning } = this;
    const view = {
      step, fraction, feature, pointed, channel, turning,
      still: still || this.reducedMotion.matches,
      // What is pointed at goes before what is pinned.
      focus: pointed ? null : this.focus ?? this.pinned,
      held: !this.focus && this.pinned !== null,
    };
    return makeScene(/** @type {Model} */ (this.model), parts > 1 ? { ...view, part } : view);
  }

  readOut() {
    if (!this.model) return;
    const scene = this.sceneAt({ ...this.clock, fraction: 0 }, true);
    const text = readoutText(scene, this.view);
    for (const panel of [this.why, this.mistake]) panel.update(scene, this.palette);
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
    showPace(this.parts, this.clock);
  }

  draw() {
    const { model, rasters, camera } = this;
    if (!model || !rasters || !this.layout) return;
    const layout = seenBy(this.layout, camera);
    const { canvas } = this.parts;
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
    const { palette, family, view, scale, channel, feature } = this;
    const pictures = rasters.rasters({ palette, view, scale, channel }, layout, feature, ratio);
    paint(context, this.scene(), layout, pictures, { palette, family, view, scale, loupe: this.showsLoupe() });

    showClock(this.parts, this.clock);
  }
}

/**
 * Whether two experiments have the same kernels, as they were given.
 *
 * @param {Model} one
 * @param {Model} other
 */
function sameBank({ payload: { bank } }, { payload: { bank: other } }) {
  return bank.length === other.length && bank.every((weight, i) => weight === other[i]);
}

/**
 * What a pinned pixel or weight depends on.
 *
 * @param {Model} model
 */
function shapeOf({ payload: { header, kernelShape } }) {
  return [header.imageShape, header.pads, kernelShape, header.stretch];
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function sameThing(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @param {Place} place */
function placeKey({ row, col, feature }) {
  return `${row} ${col} ${feature}`;
}
