/** What is drawn on the canvases: the photo, a map in honest colours, and over them what a cell sees. */

import { levelColours } from "../stage/colour.js";
import { LEVELS } from "../stage/payload.js";
import { levelOf } from "../paint/pictures.js";
import { canvasOf } from "../stage/rasters.js";
import { mapOf } from "./message.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Field } from "./field.js" */
/** @import { LayersMessage } from "./message.js" */

// A field of one cell is outlined by a box that can be seen.
const SMALLEST_BOX = 7;

/**
 * A map as a picture, by the scale of its layer: the same colour is the same value in all maps of a layer.
 *
 * @param {LayersMessage} message
 * @param {number} layer
 * @param {number} unit
 * @param {Palette} palette
 */
export function mapRaster(message, layer, unit, palette) {
  const { rows, cols } = message.maps[layer];
  const { exact, limit } = message.header.layers[layer];
  const values = mapOf(message, layer, unit);
  const colours = levelColours(palette);
  return canvasOf(rows, cols, (data) => {
    for (let i = 0; i < values.length; i++) {
      const colour = colours[levelOf(values[i], exact ? limit : LEVELS, 0)];
      data.set(colour, 4 * i);
      data[4 * i + 3] = 255;
    }
  });
}

/**
 * @param {LayersMessage} message
 */
export function photoRaster({ header, photo }) {
  const [rows, cols, channels] = header.photoShape;
  return canvasOf(rows, cols, (data) => {
    for (let i = 0; i < rows * cols; i++) {
      for (let c = 0; c < 3; c++) data[4 * i + c] = photo[i * channels + (channels === 3 ? c : 0)];
      data[4 * i + 3] = 255;
    }
  });
}

/**
 * @typedef {object} Over
 * @property {Field | null} field what is lit; the rest is dimmed. null: nothing is, and nothing is dimmed
 * @property {boolean} dimmed whether all of it is dimmed
 * @property {boolean} [cell] whether the field is the cell itself: nothing is dimmed then
 * @property {{row: number, col: number} | null} [mark] a cell to be marked
 */

/**
 * Draw a raster as large as its canvas is on the page, and what a cell sees over it.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} raster
 * @param {[number, number]} size rows and columns that the raster stands for
 * @param {Over} over
 * @param {Palette} palette
 * @param {number} ratio device pixels in one of CSS
 */
export function show(canvas, raster, [rows, cols], { field, dimmed, cell = false, mark = null }, palette, ratio) {
  const [wide, tall] = [canvas.clientWidth, canvas.clientHeight];
  if (wide === 0 || tall === 0) return;
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(tall * ratio)) {
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(tall * ratio);
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, wide, tall);
  const [cellWide, cellTall] = [wide / cols, tall / rows];
  context.imageSmoothingEnabled = cellWide * ratio < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(raster, 0, 0, wide, tall);
  if (dimmed) {
    context.fillStyle = veil(palette);
    context.fillRect(0, 0, wide, tall);
  }
  if (field) {
    const box = boxOf(field, cellWide, cellTall);
    if (!cell) {
      context.fillStyle = veil(palette);
      context.beginPath();
      context.rect(0, 0, wide, tall);
      context.rect(box.x, box.y, box.wide, box.tall);
      context.fill("evenodd");
    }
    outline(context, box, palette, wide, tall);
  }
  if (mark) dot(context, (mark.col + 0.5) * cellWide, (mark.row + 0.5) * cellTall, palette);
}

/**
 * @param {Palette} palette
 */
function veil({ dark }) {
  return dark ? "rgba(10, 14, 20, 0.68)" : "rgba(255, 255, 255, 0.66)";
}

/**
 * @param {Field} field
 * @param {number} cellWide
 * @param {number} cellTall
 */
export function boxOf({ rows, cols }, cellWide, cellTall) {
  const grown = (/** @type {[number, number]} */ [first, last], /** @type {number} */ cell) => {
    const length = (last - first + 1) * cell;
    const more = Math.max(0, SMALLEST_BOX - length);
    return { start: first * cell - more / 2, length: length + more };
  };
  const [down, across] = [grown(rows, cellTall), grown(cols, cellWide)];
  return { x: across.start, y: down.start, wide: across.length, tall: down.length };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, wide: number, tall: number}} box
 * @param {Palette} palette
 * @param {number} wide
 * @param {number} tall
 */
function outline(context, box, palette, wide, tall) {
  const inset = palette.outline / 2;
  const kept = (/** @type {number} */ at, /** @type {number} */ most) => Math.min(Math.max(at, inset), most - inset);
  const [left, top] = [kept(box.x, wide), kept(box.y, tall)];
  const [right, bottom] = [kept(box.x + box.wide, wide), kept(box.y + box.tall, tall)];
  for (const [colour, width] of /** @type {[string, number][]} */ ([[palette.halo, palette.outline + 2], [palette.accent, palette.outline]])) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(left, top, right - left, bottom - top);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Palette} palette
 */
function dot(context, x, y, palette) {
  for (const [colour, radius] of /** @type {[string, number][]} */ ([[palette.halo, 4.5], [palette.accent, 3]])) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
