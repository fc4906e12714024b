/**
 * The picture of a stack in one element: the photo, every map of every layer, and what a cell sees of all that is before
 * it. It knows neither Python nor Streamlit.
 */

import { LIGHT, luminance, paletteFor, rgbOf } from "../stage/colour.js";
import { element } from "../stage/parts.js";
import { gradientOf } from "../paint/pictures.js";
import { inside, moved, seenBy, winner } from "./field.js";
import { actionOf } from "./keys.js";
import { mapOf, strongestCell, valueAt } from "./message.js";
import { buildLayers, buildParts } from "./parts.js";
import { mapRaster, photoRaster, show } from "./pictures.js";
import { fieldText, inLines, readout, sidesText, sizeText } from "./words.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Cell, Seen } from "./field.js" */
/** @import { LayersMessage } from "./message.js" */
/** @import { LayerParts } from "./parts.js" */

export class LayersView {
  /**
   * @param {HTMLElement} root an empty element
   * @param {(cell: Cell) => void} onPin
   */
  constructor(root, onPin) {
    this.root = root;
    this.onPin = onPin;
    /** @type {LayersMessage | null} */
    this.message = null;
    /** @type {string | null} of the last request that was followed */
    this.token = null;
    /** @type {Cell} */
    this.pinned = { layer: 0, unit: 0, row: 0, col: 0 };
    /** @type {Cell | null} the cell that the mouse or a key points at */
    this.pointed = null;
    /** @type {LayerParts[]} */
    this.layers = [];
    /** @type {HTMLCanvasElement | null} */
    this.photo = null;
    /** @type {HTMLCanvasElement[][]} */
    this.rasters = [];
    /** @type {Palette} */
    this.palette = LIGHT;
    this.frame = 0;
    this.kind = "";
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    /** Aborted when the picture is taken down. */
    this.ended = new AbortController();
    this.parts = buildParts(root);
    const { signal } = this.ended;
    this.moreContrast.addEventListener("change", () => this.restyle(), { signal });
    window.addEventListener("resize", () => this.draw(), { signal });
    this.parts.strongest.addEventListener("click", () => {
      if (!this.message) return;
      const { layer, unit } = this.pinned;
      this.pin(strongestCell(this.message, layer, unit));
    }, { signal });
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.parts.box);
  }

  /** @param {LayersMessage} message */
  receive(message) {
    this.message = message;
    const { header } = message;
    this.pointed = null;
    if (header.pinToken !== this.token || !this.has(this.pinned)) this.pinned = message.pin;
    this.token = header.pinToken;
    // The elements stay where the layers are the same kind of layers: a focus on a map is kept.
    const kind = JSON.stringify(header.layers.map(({ title, names, size, lows, highs }) => [title, names, size, lows, highs]));
    if (kind !== this.kind) {
      this.kind = kind;
      this.build(message);
    }
    const [height, width, channels] = header.photoShape;
    this.parts.photoSize.textContent = `${height} × ${width} × ${channels}`;
    shape(this.parts.photo, height, width);
    this.photo = photoRaster(message);
    this.colour();
  }

  /** @param {Cell} cell */
  has({ layer, unit, row, col }) {
    const there = this.message?.header.layers[layer];
    return there !== undefined && unit < there.names.length && row < there.size[0] && col < there.size[1];
  }

  /** @param {LayersMessage} message */
  build(message) {
    const focused = /** @type {HTMLElement | null} */ (this.focused());
    const testId = focused?.dataset.testid ?? "";
    this.layers = buildLayers(message);
    this.parts.rows.replaceChildren(...this.layers.map(({ box }) => box));
    this.layers.forEach(({ maps }, layer) => maps.forEach((canvas, unit) => {
      const [rows, cols] = message.header.layers[layer].size;
      shape(canvas, rows, cols);
      this.listen(canvas, layer, unit);
      if (canvas.dataset.testid === testId) canvas.focus({ preventScroll: true });
    }));
  }

  focused() {
    const tree = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    const active = tree.activeElement;
    return active && this.root.contains(active) ? active : null;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} layer
   * @param {number} unit
   */
  listen(canvas, layer, unit) {
    const { signal } = this.ended;
    const at = (/** @type {PointerEvent | MouseEvent} */ event) => {
      const [rows, cols] = /** @type {LayersMessage} */ (this.message).header.layers[layer].size;
      const box = canvas.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      const col = Math.floor(((event.clientX - box.left) / box.width) * cols);
      return moved({ layer, unit, row, col }, 0, 0, [rows, cols]);
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") this.point(at(event), false);
    }, { signal });
    canvas.addEventListener("pointerleave", () => this.point(null, false), { signal });
    canvas.addEventListener("click", (event) => this.pin(at(event)), { signal });
    canvas.addEventListener("focus", () => {
      // A focus that the mouse has brought needs no cell: the click will say which.
      if (canvas.matches(":focus-visible") && !this.isOn(layer, unit)) {
        this.point(strongestCell(/** @type {LayersMessage} */ (this.message), layer, unit), true);
      }
    }, { signal });
    canvas.addEventListener("blur", () => this.point(null, false), { signal });
    canvas.addEventListener("keydown", (event) => {
      const action = event.altKey || event.ctrlKey || event.metaKey ? null : actionOf(event.key, event.shiftKey);
      const { message } = this;
      if (!action || !message) return;
      event.preventDefault();
      const cell = this.isOn(layer, unit) ? this.pointed ?? this.pinned : strongestCell(message, layer, unit);
      if (action.kind === "pin") this.pin(cell);
      else if (action.kind === "back") this.point(null, true);
      else if (action.kind === "strongest") this.point(strongestCell(message, layer, unit), true);
      else this.point(moved(cell, action.rows, action.cols, message.header.layers[layer].size), true);
    }, { signal });
  }

  /**
   * @param {number} layer
   * @param {number} unit
   */
  isOn(layer, unit) {
    const cell = this.pointed ?? this.pinned;
    return cell.layer === layer && cell.unit === unit;
  }

  /**
   * @param {Cell | null} cell null for the pinned one
   * @param {boolean} aloud whether it is said to who hears the page: a moving mouse would never let it finish
   */
  point(cell, aloud) {
    this.parts.readout.setAttribute("aria-live", aloud ? "polite" : "off");
    this.pointed = cell;
    this.draw();
  }

  /** @param {Cell} cell */
  pin(cell) {
    this.parts.readout.setAttribute("aria-live", "polite");
    this.pointed = null;
    const same = JSON.stringify(cell) === JSON.stringify(this.pinned);
    this.pinned = cell;
    if (!same) this.onPin(cell);
    this.draw();
  }

  /** Take over the theme. */
  restyle() {
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    const palette = paletteFor(dark, this.moreContrast.matches);
    if (palette === this.palette && this.rasters.length > 0) return;
    this.palette = palette;
    this.parts.box.style.setProperty("--layers-accent", palette.accent);
    if (this.message) this.colour();
  }

  /** Make the pictures of all maps anew. */
  colour() {
    const message = /** @type {LayersMessage} */ (this.message);
    this.rasters = this.layers.map(({ maps }, layer) => maps.map((_, unit) => mapRaster(message, layer, unit, this.palette)));
    for (const { bar } of this.layers) bar.style.backgroundImage = gradientOf(this.palette);
    this.draw();
  }

  /** Draw at the next frame. */
  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { message, palette, photo, parts } = this;
    if (!message || !photo) return;
    const { layers, photoShape } = message.header;
    const [height, width] = photoShape;
    const cell = this.pointed ?? this.pinned;
    const seen = seenBy(layers, cell);
    const won = this.won(cell, seen);
    const ratio = window.devicePixelRatio || 1;
    const lit = inside(seen.photo, height, width);
    show(parts.photo, photo, [height, width], { field: lit, dimmed: !lit }, palette, ratio);
    parts.photoField.textContent = `${inLines(fieldText(seen.photo))}: ${sizeText(seen.photo, height, width)}`;
    this.layers.forEach(({ maps, field, box }, layer) => {
      const { size } = layers[layer];
      const here = seen.layers[layer];
      const isLater = layer > cell.layer;
      box.classList.toggle("later", isLater);
      box.classList.toggle("own", layer === cell.layer);
      field.textContent = this.fieldWords(layer, cell, seen);
      maps.forEach((canvas, unit) => {
        const isOwn = layer === cell.layer && unit === cell.unit;
        /** @type {import("./pictures.js").Over} */
        let over = { field: null, dimmed: !isLater };
        if (isOwn) over = { field: { rows: [cell.row, cell.row], cols: [cell.col, cell.col] }, dimmed: false, cell: true };
        else if (here?.units.includes(unit)) {
          const lit = inside(here, size[0], size[1]);
          over = { field: lit, dimmed: !lit, mark: layer === cell.layer - 1 ? won : null };
        }
        show(canvas, this.rasters[layer][unit], size, over, palette, ratio);
      });
    });
    this.tell(readout(message, cell, valueAt(message, cell), seen, won), cell, seen);
  }

  /**
   * @param {number} layer
   * @param {Cell} cell
   * @param {Seen} seen
   */
  fieldWords(layer, cell, seen) {
    const { names } = /** @type {LayersMessage} */ (this.message).header.layers[layer];
    if (layer > cell.layer) return "";
    if (layer === cell.layer) return `the cell: row ${cell.row}, column ${cell.col}`;
    const { units, ...field } = seen.layers[layer];
    const which = units.length === names.length ? "all maps" : `${units.length} of ${names.length} maps`;
    return `sees ${inLines(fieldText(field))}\nof ${names.length === 1 ? "the map" : which}: ${sidesText(field)}`;
  }

  /**
   * The cell that a max pooling has handed on, where the values before it are known.
   *
   * @param {Cell} cell
   * @param {Seen} seen
   */
  won(cell, seen) {
    const message = /** @type {LayersMessage} */ (this.message);
    const before = message.header.layers[cell.layer - 1];
    if (message.header.layers[cell.layer].kind !== "max" || !before?.exact) return null;
    return winner(mapOf(message, cell.layer - 1, cell.unit), before.size[1], seen.layers[cell.layer - 1]);
  }

  /**
   * @param {string[]} lines
   * @param {Cell} cell
   * @param {Seen} seen
   */
  tell(lines, cell, seen) {
    const { readout, box } = this.parts;
    const text = lines.join("\n");
    if (readout.dataset.text !== text) {
      readout.dataset.text = text;
      readout.replaceChildren(...lines.map((line) => element("p", {}, line)));
    }
    box.classList.toggle("pinned", this.pointed === null);
    box.dataset.cell = [cell.layer, cell.unit, cell.row, cell.col].join(" ");
    box.dataset.field = [...seen.photo.rows, ...seen.photo.cols].join(" ");
  }

  /** Take the picture down: nothing of it runs on. */
  destroy() {
    cancelAnimationFrame(this.frame);
    this.ended.abort();
    this.resizes.disconnect();
    this.parts.box.remove();
  }
}

/**
 * Give a canvas the shape of what it shows; the style sheet says how tall it may become.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} rows
 * @param {number} cols
 */
function shape({ style }, rows, cols) {
  style.aspectRatio = `${cols} / ${rows}`;
  style.setProperty("--ratio", String(cols / rows));
}
