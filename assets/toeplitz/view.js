/** The matrix in one element: what is pointed at lights up in all its pictures. It knows neither Python nor Streamlit. */

import { LIGHT, luminance, paletteFor, rgbOf } from "../stage/colour.js";
import { formatNumber, formatWeight } from "../stage/numbers.js";
import { grouped, setText } from "../stage/parts.js";
import { drawGrid, drawMatrix, foldedCells, foldedColumn, mapCells, pictureCells } from "./drawing.js";
import { hitAt, layOut } from "./geometry.js";
import { pixelByKey, placeAt, placeByKey, placeIn, rowCount } from "./matrix.js";
import { buildParts } from "./parts.js";
import { weightWords, words } from "./words.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Matrix, Place } from "./matrix.js" */
/** @import { Cell } from "./drawing.js" */

// Milliseconds from row to row while it plays.
const PACE = 700;
const CALM_PACE = 1500;

export class MatrixView {
  /** @param {HTMLElement} root an empty element */
  constructor(root) {
    this.root = root;
    this.parts = buildParts(root);
    /** @type {Matrix | null} */
    this.matrix = null;
    /** @type {Place} */
    this.place = { kind: "row", row: 0, tap: null };
    /** @type {Palette} */
    this.palette = LIGHT;
    this.playing = 0;
    this.moreContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
    this.lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.ended = new AbortController();
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.parts.box);
    this.listen();
    this.restyle();
  }

  /** @param {Matrix} matrix */
  receive(matrix) {
    this.matrix = matrix;
    this.place = placeIn(matrix, this.place);
    this.parts.slider.max = String(rowCount(matrix) - 1);
    this.show();
  }

  /** The theme's colours may have changed: read them again. */
  restyle() {
    const dark = luminance(rgbOf(getComputedStyle(this.root).backgroundColor)) < 0.2;
    this.palette = paletteFor(dark, this.moreContrast.matches);
    this.parts.box.style.setProperty("--toeplitz-accent", this.palette.accent);
    this.draw();
  }

  /** Take it down: nothing of it runs on. */
  destroy() {
    this.halt();
    this.resizes.disconnect();
    this.ended.abort();
    this.parts.box.remove();
  }

  listen() {
    const { matrix, picture, map, back, play, on, slider } = this.parts;
    const { signal } = this.ended;
    this.moreContrast.addEventListener("change", () => this.restyle(), { signal });
    this.point(matrix, (event, shown) => {
      const box = matrix.getBoundingClientRect();
      const [rows, columns] = [rowCount(shown), shown.image.length];
      const hit = hitAt(this.geometry(shown, box.width), event.clientX - box.left, event.clientY - box.top, rows, columns);
      if (hit.part === "picture") return { kind: "column", column: hit.column };
      return hit.part === "map" ? { kind: "row", row: hit.row, tap: null } : placeAt(shown, hit.row, hit.column);
    });
    this.point(picture, (event, shown) => ({ kind: "column", column: cellOf(picture, event, shown.imageShape) }));
    this.point(map, (event, shown) => ({ kind: "row", row: cellOf(map, event, shown.mapShape), tap: null }));
    matrix.addEventListener("keydown", (event) => this.press(event, (shown) => placeByKey(shown, this.place, event.key)), { signal });
    picture.addEventListener("keydown", (event) => this.press(event, (shown) =>
      pixelByKey(shown, this.place.kind === "column" ? this.place.column : 0, event.key)), { signal });
    const step = (/** @type {number} */ by) => {
      const row = this.place.kind === "row" ? this.place.row + by : 0;
      this.go({ kind: "row", row, tap: this.place.kind === "row" ? this.place.tap : null });
    };
    back.onclick = () => step(-1);
    on.onclick = () => step(1);
    play.onclick = () => (this.playing ? this.halt() : this.start());
    slider.oninput = () => this.go({ kind: "row", row: Number(slider.value), tap: null });
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(event: PointerEvent, matrix: Matrix) => Place} find
   */
  point(canvas, find) {
    const take = (/** @type {PointerEvent} */ event) => {
      if (this.matrix) this.go(find(event, this.matrix));
    };
    const { signal } = this.ended;
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") take(event);
    }, { signal });
    canvas.addEventListener("click", (event) => take(/** @type {PointerEvent} */ (event)), { signal });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {(matrix: Matrix) => Place | null} find
   */
  press(event, find) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.matrix) return;
    const place = find(this.matrix);
    if (!place) return;
    event.preventDefault();
    this.go(place);
  }

  /** Step down the rows, from the first again after the last. */
  start() {
    setText(this.parts.play, "Pause");
    // A sentence for each row is no help to who listens.
    this.setLive("off");
    const step = () => {
      if (!this.matrix) return;
      const row = this.place.kind === "row" ? (this.place.row + 1) % rowCount(this.matrix) : 0;
      this.place = placeIn(this.matrix, { kind: "row", row, tap: this.place.kind === "row" ? this.place.tap : null });
      this.show();
    };
    this.playing = window.setInterval(step, this.lessMotion.matches ? CALM_PACE : PACE);
  }

  halt() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = 0;
    setText(this.parts.play, "Play");
    this.setLive("polite");
  }

  /** @param {string} live */
  setLive(live) {
    for (const said of [this.parts.readout, this.parts.weight]) said.setAttribute("aria-live", live);
  }

  /** @param {Place} place that somebody has asked for */
  go(place) {
    if (!this.matrix) return;
    this.halt();
    const next = placeIn(this.matrix, place);
    if (JSON.stringify(next) === JSON.stringify(this.place)) return;
    this.place = next;
    this.show();
  }

  show() {
    const { matrix, place, parts } = this;
    if (!matrix) return;
    const [rows, cols] = matrix.mapShape;
    setText(parts.readout, words(matrix, place));
    setText(parts.weight, weightWords(matrix, place));
    setText(parts.mapTitle, `Map, ${rows} × ${cols}`);
    setText(parts.foldedTitle, place.kind === "row" ? `Row ${place.row}, folded` : `Column ${place.column}, folded`);
    const { length } = matrix.image;
    const limit = Math.max(...Array.from(matrix.kernel, Math.abs));
    setText(parts.scale, `${matrix.title}. ${grouped(rowCount(matrix))} rows, one for each cell; ${grouped(length)} columns, one for each pixel. Weights: blue below 0, orange above, colours end at ±${formatWeight(limit)}; a dot is a weight of 0. Where there is no weight, the matrix is 0. Map: values from ${formatNumber(Math.min(...matrix.product))} to ${formatNumber(Math.max(...matrix.product))}. Lines part the rows of the picture and of the map.`);
    if (place.kind === "row") parts.slider.value = String(place.row);
    parts.slider.setAttribute("aria-valuetext", place.kind === "row" ? `row ${place.row}` : `column ${place.column}`);
    parts.box.dataset.state = JSON.stringify({ place, image: Array.from(matrix.image), imageShape: matrix.imageShape, map: Array.from(matrix.product), mapShape: matrix.mapShape });
    this.draw();
  }

  /**
   * @param {Matrix} matrix
   * @param {number} width
   */
  geometry(matrix, width) {
    return layOut(width, rowCount(matrix), matrix.image.length);
  }

  draw() {
    const { matrix, place, parts, palette } = this;
    if (!matrix) return;
    const room = /** @type {HTMLElement} */ (parts.matrix.parentElement).clientWidth;
    if (room === 0) return;
    const geometry = this.geometry(matrix, room);
    drawMatrix(ready(parts.matrix, room, geometry.height), matrix, geometry, place, palette);
    const isRow = place.kind === "row";
    this.drawSmall(parts.picture, pictureCells(matrix, place), matrix.imageShape);
    if (isRow) this.drawSmall(parts.folded, foldedCells(matrix, place, palette), matrix.imageShape);
    else this.drawSmall(parts.folded, foldedColumn(matrix, place.column, palette), matrix.mapShape);
    this.drawSmall(parts.map, mapCells(matrix, place, palette), matrix.mapShape);
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Cell[]} cells
   * @param {[number, number]} shape
   */
  drawSmall(canvas, cells, shape) {
    const size = /** @type {HTMLElement} */ (canvas.parentElement).clientWidth / Math.max(...shape);
    drawGrid(ready(canvas, shape[1] * size, shape[0] * size), cells, shape, size, this.palette);
  }
}

/**
 * An empty context of this size in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function ready(canvas, width, height) {
  const sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(sharp, sharp);
  return context;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 * @param {[number, number]} shape
 */
function cellOf(canvas, event, [rows, cols]) {
  const box = canvas.getBoundingClientRect();
  const row = Math.min(rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows)));
  const col = Math.min(cols - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * cols)));
  return row * cols + col;
}
