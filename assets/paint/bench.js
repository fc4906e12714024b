/**
 * One bench in one element: the photo, the kernel that is painted, and the map that follows. It knows neither Python nor
 * Streamlit.
 */

import { Brush as Pen } from "../stage/brush.js";
import { LIGHT, css, diverging, inkOn, luminance, paletteFor, rgbOf } from "../stage/colour.js";
import { formatNumber, formatWeight } from "../stage/numbers.js";
import { element, setText } from "../stage/parts.js";
import { LEVELS } from "../stage/payload.js";
import { Follower, LARGEST_FOLLOWED, canFollow, difference, rangeOf } from "./follow.js";
import { kernelAction, photoAction } from "./keys.js";
import * as change from "./kernel.js";
import { CHANNELS, STEPS, buildParts } from "./parts.js";
import { movedPatch, patchAbout, patchBetween, resizedPatch } from "./patch.js";
import { MapPicture, bleedOf, fitted, gradientOf, photoRaster, show } from "./pictures.js";
import { followed } from "./strokes.js";
import { START, received, sending } from "./sync.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Image } from "../stage/payload.js" */
/** @import { Deed, KernelAction } from "./keys.js" */
/** @import { Cell, Kernel, Mode } from "./kernel.js" */
/** @import { PaintMessage } from "./message.js" */
/** @import { Patch, Pixel } from "./patch.js" */
/** @import { Fit } from "./pictures.js" */
/** @import { Stroke, Touch } from "./strokes.js" */
/** @import { Sync } from "./sync.js" */

/**
 * @typedef {{feature: number, base: number, number: number}} Stamp of a report: the kernel that was painted, the revision
 *   that this was based on, and a number that grows
 * @typedef {Stamp & {shape: number[], weights: number[]}} WeightsReport
 * @typedef {Stamp & Patch} LiftReport
 * @typedef {{onWeights: (report: WeightsReport) => void, onLift: (report: LiftReport) => void}} Listeners
 *
 * @typedef {object} Shown the map on the screen
 * @property {ArrayLike<number>} values or levels
 * @property {number[]} shape rows, columns
 * @property {number} limit of the values, where the colours end
 * @property {number} rounding what is smaller counts as 0
 * @property {number} low
 * @property {number} high
 */

// No picture and no kernel is taller than this: all three parts are seen at once.
const TALLEST = 330;
const TALLEST_NARROW = 240;
const NARROW = 760;
const LARGEST_CELL = 120;
// From here on, the channels' letters stand beside their weights.
const ROOMY = 84;
const SMALLEST_NUMBER = 9;
const LARGEST_NUMBER = 26;
const LOUPE = 120;
const LOUPE_NARROW = 72;
// A hand that is still moves as far as this, in CSS pixels.
const CLICK_SLACK = 4;
// The engine promises its values to so much of the largest magnitude.
const TOLERANCE = 1e-5;

export class Bench {
  /**
   * @param {HTMLElement} root an empty element
   * @param {Listeners} listeners
   */
  constructor(root, listeners) {
    this.root = root;
    this.listeners = listeners;
    /** @type {PaintMessage | null} */
    this.message = null;
    /** @type {PaintMessage | null} one that came while a stroke lasted */
    this.held = null;
    /** @type {Kernel} */
    this.kernel = { rows: 0, cols: 0, slices: 1, weights: new Float64Array(0) };
    /** @type {Sync} */
    this.sync = START;
    /** @type {Follower | null} */
    this.follower = null;
    this.followed = "";
    /** @type {Image | undefined} the one that is followed */
    this.image = undefined;
    /** @type {Shown | null} */
    this.shown = null;

    /** @type {Mode} */
    this.mode = "raise";
    this.step = STEPS[0];
    /** @type {number | null} */
    this.slice = null;
    /** @type {Cell} */
    this.cursor = { row: 0, col: 0 };
    /** @type {Stroke | null} */
    this.stroke = null;
    /** @type {string | null} a key that is held down and paints */
    this.painting = null;
    /** @type {Kernel | null} the kernel as it was when the stroke began */
    this.before = null;

    /** @type {Patch} */
    this.patch = { row: 0, col: 0, rows: 1, cols: 1 };
    /** @type {{pixel: Pixel, x: number, y: number, pointer: number, moved: boolean} | null} */
    this.drag = null;
    this.lifting = matchMedia("(pointer: fine)").matches;

    /** @type {HTMLCanvasElement | null} */
    this.photo = null;
    /** @type {Fit | null} */
    this.photoFit = null;
    this.mapPicture = new MapPicture();
    /** @type {Palette} */
    this.palette = LIGHT;
    this.family = "sans-serif";
    /** @type {{box: HTMLElement, name: HTMLElement, faces: HTMLElement[]}[]} */
    this.cells = [];
    this.frame = 0;
    this.width = 0;
    /** CSS pixels along a side of a weight's cell. */
    this.cellSize = 0;
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    /** Aborted when the bench is taken down. */
    this.ended = new AbortController();
    this.parts = buildParts(root);
    this.parts.contrast.checked = this.moreContrast.matches;
    this.listen();
    this.resizes = new ResizeObserver(() => this.relayout());
    this.resizes.observe(this.parts.box);
    window.addEventListener("resize", () => this.relayout(true), { signal: this.ended.signal });
  }

  /**
   * Show a message of the engine, unless a newer kernel was painted here.
   *
   * @param {PaintMessage} message
   */
  receive(message) {
    const { sync, take } = received(this.sync, message.header, this.busy());
    this.held = take || !this.busy() ? null : message;
    if (!take) return;
    this.sync = sync;
    this.dropStroke();
    const before = this.message;
    this.message = message;
    const { header } = message;
    const rebuilt = !change.sameShape(this.kernel, message.kernel);
    this.kernel = message.kernel;
    if (rebuilt) this.rebuild();
    if (!before || String(before.header.imageShape) !== String(header.imageShape)) {
      const [rows, cols] = header.imageShape;
      this.patch = patchAbout({ row: rows >> 1, col: cols >> 1 }, this.kernel, this.photoSize());
    }
    if (before?.image !== message.image) this.photo = null;
    this.confirm(message);
    this.relayout(true);
    this.tellAll();
  }

  /**
   * Show the engine's map, and hold the one that is computed here against it.
   *
   * @param {PaintMessage} message
   */
  confirm({ header, map, levels, levelsShape }) {
    const limit = Math.max(Math.abs(header.low), Math.abs(header.high));
    const values = map ?? levels ?? new Float32Array(0);
    // Levels are shown as they are, and their range is that of the values.
    const unit = map ? limit : LEVELS;
    this.shown = { values, shape: levelsShape, limit: unit, rounding: 0, low: header.low, high: header.high };
    const { box } = this.parts;
    delete box.dataset.difference;
    let words = "This map is the engine’s.";
    const follower = map && this.follow();
    if (map && follower) {
      follower.sumUp(this.kernel);
      const apart = difference(follower.map, map);
      box.dataset.difference = String(apart);
      words = apart < TOLERANCE
        ? "This map is confirmed by the engine."
        : `This map is the engine’s; the one computed here differs by ${formatNumber(apart, 3)} of the largest magnitude.`;
    } else if (!canFollow(header)) {
      words = `This map is the engine’s. For pictures of more than ${LARGEST_FOLLOWED} rows or columns it follows when you let go.`;
    }
    this.state("confirmed", words);
  }

  /** What follows the kernel, null where the map can only come from the engine.
   * @returns {Follower | null}
   */
  follow() {
    const { message, kernel } = this;
    if (!message?.image || !canFollow(message.header) || !change.sameShape(kernel, message.kernel)) return null;
    const { imageShape, top, outputShape, pads, stride, dilation, boundary, flip, bias, frame, imageToken } = message.header;
    const made = JSON.stringify([imageToken, imageShape, top, outputShape, pads, stride, dilation, boundary, flip, bias, frame, kernel.slices]);
    if (!this.follower || made !== this.followed || this.image !== message.image) {
      this.follower = new Follower(message.header, message.image, kernel.slices);
      this.followed = made;
      this.image = message.image;
    }
    return this.follower;
  }

  /** The theme's colours and font may have changed: read them again. */
  restyle() {
    const { box, contrast, weightScale, mapScale } = this.parts;
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    box.classList.toggle("dark", dark);
    box.classList.toggle("high", contrast.checked);
    const style = getComputedStyle(box);
    const palette = { ...paletteFor(dark, contrast.checked), ground: style.backgroundColor };
    if (style.fontFamily === this.family && JSON.stringify(palette) === JSON.stringify(this.palette)) return;
    this.family = style.fontFamily || "sans-serif";
    this.palette = palette;
    this.photo = null;
    box.style.setProperty("--paint-accent", palette.accent);
    box.style.setProperty("--paint-halo", palette.halo);
    box.style.setProperty("--paint-outline", `${palette.outline}px`);
    for (const { bar } of [weightScale, mapScale]) bar.style.background = gradientOf(palette);
    this.relayout(true);
  }

  /** Take the bench down: nothing of it runs on. */
  destroy() {
    cancelAnimationFrame(this.frame);
    this.ended.abort();
    this.resizes.disconnect();
    this.parts.box.remove();
  }

  listen() {
    const { parts } = this;
    const { grid, photo, contrast, lift } = parts;
    const prefer = () => {
      contrast.checked = this.moreContrast.matches;
      this.restyle();
    };
    this.moreContrast.addEventListener("change", prefer, { signal: this.ended.signal });
    contrast.onchange = () => this.restyle();
    for (const button of parts.modes.buttons) button.onclick = () => this.choose({ mode: /** @type {Mode} */ (button.dataset.value) });
    for (const button of parts.steps.buttons) button.onclick = () => this.choose({ step: Number(button.dataset.value) });
    for (const button of parts.channels.buttons) {
      button.onclick = () => this.choose({ slice: button.dataset.value === "all" ? null : Number(button.dataset.value) });
    }
    for (const [deed, button] of Object.entries(parts.deeds)) button.onclick = () => this.do(/** @type {Deed} */ (deed));
    lift.onclick = () => {
      this.lifting = !this.lifting;
      this.tellPhoto();
    };

    grid.onpointerdown = (event) => {
      const other = event.button === 2 || event.shiftKey || event.ctrlKey;
      if (event.button === 1) return;
      this.endKey();
      this.touch({ kind: "down", pointer: event.pointerId, cell: this.cellAt(event), other });
      if (event.isTrusted && this.stroke) grid.setPointerCapture(event.pointerId);
    };
    grid.onpointermove = (event) => {
      const ways = event.getCoalescedEvents?.() ?? [];
      for (const way of ways.length > 0 ? ways : [event]) {
        this.touch({ kind: "move", pointer: event.pointerId, cell: this.cellAt(way) });
      }
      if (!this.stroke && event.pointerType === "mouse") this.point(this.cellAt(event));
    };
    grid.onpointerup = (event) => this.touch({ kind: "up", pointer: event.pointerId, cell: this.cellAt(event) });
    grid.onpointercancel = (event) => this.touch({ kind: "cancel", pointer: event.pointerId, cell: null });
    grid.oncontextmenu = (event) => event.preventDefault();
    grid.onkeydown = (event) => this.gridKey(event);
    grid.onkeyup = (event) => {
      if (event.key === this.painting) this.endKey();
    };
    grid.onblur = () => this.endKey();

    photo.onpointerdown = (event) => {
      const pixel = this.pixelAt(event);
      if (!this.lifting || event.button !== 0 || !pixel || this.drag) return;
      this.drag = { pixel, x: event.clientX, y: event.clientY, pointer: event.pointerId, moved: false };
      if (event.isTrusted) photo.setPointerCapture(event.pointerId);
      this.mark(patchAbout(pixel, this.kernel, this.photoSize()));
    };
    photo.onpointermove = (event) => {
      const pixel = this.pixelAt(event, this.drag !== null);
      const { drag } = this;
      if (!this.lifting || !pixel || (drag && drag.pointer !== event.pointerId)) return;
      if (!drag) {
        if (event.pointerType === "mouse") this.mark(patchAbout(pixel, this.kernel, this.photoSize()));
        return;
      }
      drag.moved ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > CLICK_SLACK;
      if (drag.moved) this.mark(patchBetween(drag.pixel, pixel, this.photoSize()));
    };
    photo.onpointerup = (event) => {
      if (this.drag?.pointer !== event.pointerId) return;
      this.drag = null;
      this.lift();
    };
    photo.onpointercancel = () => {
      this.drag = null;
    };
    photo.onkeydown = (event) => this.photoKey(event);
  }

  // The kernel

  /** Whether a stroke lasts. */
  busy() {
    return this.before !== null;
  }

  /** @param {Touch} touch */
  touch(touch) {
    const { stroke, cells, end } = followed(this.stroke, touch);
    this.stroke = stroke;
    if (cells.length > 0) this.dab(cells, change.modeOf(this.mode, stroke?.other ?? false));
    if (end === "finish") this.finish();
    if (end === "revert") this.revert();
  }

  /**
   * Lead the brush over cells.
   *
   * @param {Cell[]} cells
   * @param {Mode} mode
   */
  dab(cells, mode) {
    this.before ??= this.kernel;
    const follower = this.follow();
    // The map on the screen may be the engine's; from here on it is the one that was summed up with it.
    for (const cell of cells) {
      const { kernel, changes } = change.dabbed(this.kernel, cell, { mode, step: this.step, slice: this.slice });
      this.kernel = kernel;
      for (const one of changes) follower?.add(one);
    }
    this.cursor = cells[cells.length - 1];
    this.tellKernel();
    this.invalidate();
    if (follower) this.state("computed", "This map is computed here, while you paint.");
    else this.wait("The map follows when you let go.");
  }

  /** A stroke has ended: it is one change. */
  finish() {
    const { before } = this;
    this.before = null;
    this.stroke = null;
    this.painting = null;
    if (before && !change.sameKernel(before, this.kernel)) this.send();
    else if (before) this.settle();
  }

  /** A stroke was not meant: as if it had not been. */
  revert() {
    if (!this.before) return;
    this.kernel = this.before;
    this.dropStroke();
    this.settle();
  }

  dropStroke() {
    this.before = null;
    this.stroke = null;
    this.painting = null;
  }

  /** Nothing was changed: what came meanwhile is shown, or what was there before. */
  settle() {
    const { held, message } = this;
    this.held = null;
    if (held) this.receive(held);
    // Of a kernel that is on its way the map is computed here; else it is the engine's again.
    if (message && !held && change.sameKernel(this.kernel, message.kernel)) this.confirm(message);
    else if (!held) this.follow()?.sumUp(this.kernel);
    this.tellKernel();
    this.invalidate();
  }

  /** Report the kernel, and show its map, summed up anew. */
  send() {
    this.held = null;
    const follower = this.follow();
    follower?.sumUp(this.kernel);
    const { rows, cols, slices, weights } = this.kernel;
    this.listeners.onWeights({ ...this.stamp(), shape: [rows, cols, slices], weights: [...weights] });
    this.tellKernel();
    this.invalidate();
    if (follower) this.state("computed", "This map is computed here; the engine is asked to confirm it.");
    else this.wait("The engine is asked for the map of this kernel.");
  }

  /** @returns {Stamp} */
  stamp() {
    const { sync, number, base } = sending(this.sync);
    this.sync = sync;
    return { feature: this.message?.header.feature ?? 0, base, number };
  }

  /** @param {Deed} deed */
  do(deed) {
    if (!this.message) return;
    this.endKey();
    this.revert();
    const { kernel } = this;
    const { kernel: made, said } = deedDone(kernel, deed);
    setText(this.parts.said, said);
    if (change.sameKernel(kernel, made)) return;
    this.kernel = made;
    if (!change.sameShape(kernel, made)) {
      this.rebuild();
      this.relayout(true);
    }
    this.send();
  }

  /** @param {{mode?: Mode, step?: number, slice?: number | null}} chosen */
  choose({ mode = this.mode, step = this.step, slice = this.slice }) {
    this.mode = mode;
    this.step = step;
    this.slice = slice;
    this.tellKernel();
  }

  /** @param {KeyboardEvent} event */
  gridKey(event) {
    const action = event.ctrlKey || event.metaKey || event.altKey ? null : kernelAction(event.key, event.shiftKey);
    if (!action || !this.message) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(action, event.key);
  }

  /**
   * @param {KernelAction} action
   * @param {string} key
   */
  act(action, key) {
    const { rows, cols, slices } = this.kernel;
    switch (action.kind) {
      case "move":
        return this.point({
          row: Math.min(rows - 1, Math.max(0, this.cursor.row + action.rows)),
          col: Math.min(cols - 1, Math.max(0, this.cursor.col + action.cols)),
        }, true);
      case "paint":
        if (this.stroke) return undefined;
        if (this.painting !== null && this.painting !== key) this.endKey();
        this.painting = key;
        this.dab([this.cursor], action.mode === "brush" ? this.mode : action.mode);
        return setText(this.parts.ears, this.cellText(this.cursor));
      case "do":
        return this.do(action.deed);
      case "next step":
        this.choose({ step: STEPS[(STEPS.indexOf(this.step) + 1) % STEPS.length] });
        return setText(this.parts.ears, `Step ${this.step}`);
      case "next channel":
        if (slices === 1) return undefined;
        this.choose({ slice: this.slice === null ? 0 : this.slice === slices - 1 ? null : this.slice + 1 });
        return setText(this.parts.ears, this.slice === null ? "Paint all channels" : `Paint ${CHANNELS[this.slice]} only`);
      default:
        return this.revert();
    }
  }

  /** A key that paints was let go: its stroke ends. */
  endKey() {
    if (this.painting !== null) this.finish();
  }

  /**
   * Say what a cell holds.
   *
   * @param {Cell | null} cell
   * @param {boolean} [aloud]
   */
  point(cell, aloud = false) {
    if (!cell) return;
    this.cursor = cell;
    this.tellCell();
    if (aloud) setText(this.parts.ears, this.cellText(cell));
  }

  /**
   * @param {{clientX: number, clientY: number}} event
   * @returns {Cell | null}
   */
  cellAt({ clientX, clientY }) {
    const first = this.cells[0]?.box.getBoundingClientRect();
    const last = this.cells[this.cells.length - 1]?.box.getBoundingClientRect();
    if (!first) return null;
    const row = Math.floor(((clientY - first.top) / (last.bottom - first.top)) * this.kernel.rows);
    const col = Math.floor(((clientX - first.left) / (last.right - first.left)) * this.kernel.cols);
    const inside = row >= 0 && row < this.kernel.rows && col >= 0 && col < this.kernel.cols;
    return inside ? { row, col } : null;
  }

  /** Make the elements of the grid for a kernel of another shape. */
  rebuild() {
    const { rows, cols, slices } = this.kernel;
    const { grid, id } = this.parts;
    if (slices === 1) this.slice = null;
    this.cursor = { row: Math.min(this.cursor.row, rows - 1), col: Math.min(this.cursor.col, cols - 1) };
    this.cells = Array.from({ length: rows * cols }, (_, i) => {
      const faces = Array.from({ length: slices }, (_, slice) => {
        const face = element("span", { class: "face", "aria-hidden": "true" });
        if (slices > 1) face.dataset.channel = CHANNELS[slice];
        return face;
      });
      const name = element("span", { class: "for-ears" });
      return { box: element("div", { class: "cell", role: "gridcell", id: `${id}-cell-${i}` }, name, ...faces), name, faces };
    });
    grid.replaceChildren(...Array.from({ length: rows }, (_, row) =>
      element("div", { class: "row", role: "row" }, ...this.cells.slice(row * cols, (row + 1) * cols).map(({ box }) => box))));
  }

  // The photo

  photoSize() {
    const [rows, cols] = this.message?.header.imageShape ?? [1, 1];
    return { rows, cols };
  }

  /**
   * @param {{clientX: number, clientY: number}} event
   * @param {boolean} [beyond] whether a place beyond the photo counts, too
   * @returns {Pixel | null}
   */
  pixelAt({ clientX, clientY }, beyond = false) {
    if (!this.photoFit) return null;
    const { rows, cols } = this.photoSize();
    const bounds = this.parts.photo.getBoundingClientRect();
    const bleed = bleedOf(this.photoFit.ratio);
    const row = Math.floor((clientY - bounds.top - bleed) / this.photoFit.px);
    const col = Math.floor((clientX - bounds.left - bleed) / this.photoFit.px);
    return beyond || (row >= 0 && row < rows && col >= 0 && col < cols) ? { row, col } : null;
  }

  /** @param {Patch} patch */
  mark(patch) {
    this.patch = patch;
    this.invalidate();
  }

  lift() {
    if (!this.message) return;
    this.finish();
    this.listeners.onLift({ ...this.stamp(), ...this.patch });
    setText(this.parts.said, `Lifted: ${this.patchText()}.`);
    this.wait("The engine is asked for the map of the lifted patch.");
  }

  /** @param {KeyboardEvent} event */
  photoKey(event) {
    const action = event.ctrlKey || event.metaKey || event.altKey ? null : photoAction(event.key, event.shiftKey);
    if (!action || !this.message) return;
    event.preventDefault();
    event.stopPropagation();
    if (action.kind === "lift") {
      if (!event.repeat) this.lift();
      return;
    }
    const moved = action.kind === "move" ? movedPatch : resizedPatch;
    this.mark(moved(this.patch, action.rows, action.cols, this.photoSize()));
    setText(this.parts.ears, this.patchText());
  }

  patchText() {
    const { row, col, rows, cols } = this.patch;
    return `${rows} × ${cols} pixels at row ${row}, column ${col}`;
  }

  // What is said

  tellAll() {
    const { header } = /** @type {PaintMessage} */ (this.message);
    const { photoSize, mapSize, map, photo } = this.parts;
    setText(photoSize, header.imageShape.join(" × "));
    setText(mapSize, header.outputShape.join(" × "));
    map.setAttribute("aria-label", `Feature map of ${header.name}`);
    photo.dataset.matches = String(header.matches.length);
    this.tellPhoto();
    this.tellKernel();
    this.invalidate();
  }

  tellPhoto() {
    const { lift, liftNote, photo } = this.parts;
    const matches = this.message?.header.matches.length ?? 0;
    lift.setAttribute("aria-pressed", String(this.lifting));
    photo.classList.toggle("lifting-on", this.lifting);
    const found = matches === 0 ? "" : `${matches} ${matches === 1 ? "match is" : "matches are"} marked.`;
    setText(liftNote, this.lifting ? `Click or drag on the photo: what is outlined becomes the kernel. ${found}` : `Press it, then click or drag. ${found}`);
  }

  tellKernel() {
    const { kernel, cells, palette, parts } = this;
    const { rows, cols, slices, weights } = kernel;
    setText(parts.kernelSize, slices === 1 ? `${rows} × ${cols}` : `${rows} × ${cols} × ${slices}`);
    setText(parts.sum, `sum ${formatNumber(change.sumOf(kernel), 4)}`);
    parts.box.dataset.weights = JSON.stringify([...weights]);
    const limit = change.limitOf(kernel);
    cells.forEach(({ name, faces }, i) => {
      faces.forEach((face, slice) => {
        const weight = weights[i * slices + slice];
        const rgb = diverging(limit === 0 ? 0 : weight / limit, palette);
        setText(face, formatWeight(weight));
        face.style.background = css(rgb);
        face.style.color = inkOn(rgb);
        face.classList.toggle("idle", slices > 1 && this.slice !== null && this.slice !== slice);
      });
      setText(name, this.cellText({ row: Math.floor(i / cols), col: i % cols }));
    });
    setRange(parts.weightScale, -limit, limit);
    parts.channels.box.hidden = slices === 1;
    press(parts.modes.buttons, this.mode);
    press(parts.steps.buttons, String(this.step));
    press(parts.channels.buttons, this.slice === null ? "all" : String(this.slice));
    this.sizeNumbers();
    this.tellCell();
  }

  tellCell() {
    const { cols } = this.kernel;
    const at = this.cursor.row * cols + this.cursor.col;
    this.cells.forEach(({ box }, i) => box.classList.toggle("at", i === at));
    const cell = this.cells[at];
    if (!cell) return;
    this.parts.grid.setAttribute("aria-activedescendant", cell.box.id);
    setText(this.parts.cell, this.cellText(this.cursor));
  }

  /** @param {Cell} cell */
  cellText({ row, col }) {
    const { kernel } = this;
    const at = change.indexOf(kernel, row, col, 0);
    const texts = [...kernel.weights.subarray(at, at + kernel.slices)].map((weight) => formatWeight(weight));
    const weights = texts.length === 1 ? texts[0] : texts.map((text, c) => `${CHANNELS[c]} ${text}`).join(", ");
    return `Row ${row}, column ${col}: ${weights}`;
  }

  /**
   * @param {"computed" | "confirmed" | "waiting"} state
   * @param {string} words
   */
  state(state, words) {
    const { box, state: place, map } = this.parts;
    box.dataset.state = state;
    if (state !== "confirmed") delete box.dataset.difference;
    map.classList.toggle("stale", state === "waiting");
    setText(place, words);
  }

  /** @param {string} words */
  wait(words) {
    this.state("waiting", words);
  }

  // What is drawn

  /** @param {boolean} [anyhow] even if the width is the one of before */
  relayout(anyhow = false) {
    const width = this.parts.box.clientWidth;
    if (!this.message || width === 0 || (width === this.width && !anyhow)) return;
    this.width = width;
    const ratio = window.devicePixelRatio || 1;
    const { rows, cols } = this.kernel;
    const room = this.parts.grid.parentElement?.clientWidth ?? width;
    const fit = fitted(rows, cols, room - 2, this.tallest() + 40, ratio);
    const cell = Math.min(LARGEST_CELL, fit.px);
    this.cellSize = cell;
    this.parts.grid.style.setProperty("--cell", `${cell}px`);
    this.tellKernel();
    this.invalidate();
  }

  tallest() {
    return this.width < NARROW ? TALLEST_NARROW : TALLEST;
  }

  /** Numbers as large as the longest of them allows; where they could not be read, the line under the grid says them. */
  sizeNumbers() {
    const size = this.cellSize;
    const { slices } = this.kernel;
    const longest = this.cells.reduce((most, { faces }) => faces.reduce((m, face) => Math.max(m, face.textContent?.length ?? 0), most), 1);
    const font = Math.min(LARGEST_NUMBER, (size * 0.62) / (slices === 1 ? 1.3 : slices * 0.78), (size - 4) / (0.6 * longest));
    this.parts.grid.style.setProperty("--number", `${font.toFixed(1)}px`);
    this.parts.grid.classList.toggle("wordless", font < SMALLEST_NUMBER);
    this.parts.grid.classList.toggle("roomy", size >= ROOMY);
  }

  invalidate() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    if (!this.message) return;
    const ratio = window.devicePixelRatio || 1;
    this.drawPhoto(ratio);
    this.drawMap(ratio);
  }

  /** @param {number} ratio */
  drawPhoto(ratio) {
    const { header, image } = /** @type {PaintMessage} */ (this.message);
    if (!image) return;
    const { photo: canvas, loupe, patchText } = this.parts;
    const { imageShape } = header;
    this.photo ??= photoRaster(image, imageShape, this.palette);
    const fit = fitted(imageShape[0], imageShape[1], roomOf(canvas), this.tallest(), ratio);
    this.photoFit = fit;
    const context = show(canvas, this.photo, fit);
    const { px } = fit;
    const [rows, cols] = [
      (this.kernel.rows - 1) * header.dilation[0] + 1, (this.kernel.cols - 1) * header.dilation[1] + 1,
    ];
    const pen = new Pen(context, { palette: this.palette, family: this.family });
    for (const [row, col] of header.matches) {
      for (const [colour, width] of /** @type {[string, number][]} */ ([[this.palette.halo, 4], [this.palette.text, 2]])) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.strokeRect(col * px, row * px, cols * px, rows * px);
      }
    }
    const { patch } = this;
    pen.outline({ x: patch.col * px, y: patch.row * px, w: patch.cols * px, h: patch.rows * px });
    canvas.dataset.px = String(px);
    canvas.dataset.bleed = String(bleedOf(ratio));
    setText(patchText, this.patchText());

    const loupeSize = this.width < NARROW ? LOUPE_NARROW : LOUPE;
    const raster = patchRaster(this.photo, patch, imageShape);
    show(loupe, raster, fitted(patch.rows, patch.cols, loupeSize, loupeSize, ratio));
  }

  /** @param {number} ratio */
  drawMap(ratio) {
    const { header } = /** @type {PaintMessage} */ (this.message);
    const { map: canvas, box, mapScale } = this.parts;
    const computed = box.dataset.state === "computed" ? this.follow() : null;
    if (computed) {
      const { low, high } = rangeOf(computed.map, computed.rounding);
      const limit = Math.max(Math.abs(low), Math.abs(high));
      this.shown = { values: computed.map, shape: header.outputShape, limit, rounding: computed.rounding, low, high };
    }
    const { shown } = this;
    if (!shown) return;
    const raster = this.mapPicture.draw(shown.shape, shown.values, shown.limit, shown.rounding, this.palette);
    const [rows, cols] = shown.shape;
    show(canvas, raster, fitted(rows, cols, roomOf(canvas), this.tallest(), ratio));
    const limit = Math.max(Math.abs(shown.low), Math.abs(shown.high));
    setRange(mapScale, -limit, limit);
  }
}

/**
 * @param {Kernel} kernel
 * @param {Deed} deed
 * @returns {{kernel: Kernel, said: string}}
 */
function deedDone(kernel, deed) {
  switch (deed) {
    case "mirror":
      return { kernel: change.mirrored(kernel), said: "Mirrored: left is right." };
    case "flip":
      return { kernel: change.flipped(kernel), said: "Flipped: top is bottom." };
    case "rotate":
      return { kernel: change.turned(kernel), said: "Turned by 90° clockwise." };
    case "normalise":
      return change.normalised(kernel);
    case "zero-sum":
      return change.zeroSummed(kernel);
    case "clear":
      return { kernel: change.cleared(kernel), said: "All weights are 0." };
    case "shift up":
      return { kernel: change.shifted(kernel, -1, 0), said: "Shifted up: zeros came in below." };
    case "shift down":
      return { kernel: change.shifted(kernel, 1, 0), said: "Shifted down: zeros came in above." };
    case "shift left":
      return { kernel: change.shifted(kernel, 0, -1), said: "Shifted left: zeros came in at the right." };
    default:
      return { kernel: change.shifted(kernel, 0, 1), said: "Shifted right: zeros came in at the left." };
  }
}

/**
 * The patch cut out of the photo's raster, whose pixels may stand for several.
 *
 * @param {HTMLCanvasElement} photo
 * @param {Patch} patch
 * @param {number[]} shape of the photo
 */
function patchRaster(photo, { row, col, rows, cols }, [tall, wide]) {
  const cut = document.createElement("canvas");
  cut.width = cols;
  cut.height = rows;
  const context = /** @type {CanvasRenderingContext2D} */ (cut.getContext("2d"));
  const [perRow, perCol] = [photo.height / tall, photo.width / wide];
  context.imageSmoothingEnabled = false;
  context.drawImage(photo, col * perCol, row * perRow, cols * perCol, rows * perRow, 0, 0, cols, rows);
  return cut;
}

/** @param {HTMLCanvasElement} canvas */
function roomOf(canvas) {
  const part = /** @type {HTMLElement} */ (canvas.parentElement);
  return Math.max(40, part.clientWidth - 2);
}

/**
 * @param {{low: HTMLElement, high: HTMLElement}} scale
 * @param {number} low
 * @param {number} high
 */
function setRange(scale, low, high) {
  setText(scale.low, formatNumber(low, 4));
  setText(scale.high, formatNumber(high, 4));
}

/**
 * @param {HTMLButtonElement[]} buttons
 * @param {string} value
 */
function press(buttons, value) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value));
}
