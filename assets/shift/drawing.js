/** The pictures: a grid in grey or in diverging colours, and what is marked on it. */

import { SIDE, levelColours } from "../stage/colour.js";
import { levelOf } from "../paint/pictures.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Cells, Grid, Peak } from "./scene.js" */

// Pixels of a canvas along its longer side, or somewhat more: cells are whole pixels.
const FINE = 480;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Grid} grid
 * @param {(value: number) => ArrayLike<number>} colour
 * @returns {{context: CanvasRenderingContext2D, px: number}} px: canvas pixels of a cell
 */
function drawGrid(canvas, { shape: [rows, cols], values }, colour) {
  const px = Math.ceil(FINE / Math.max(rows, cols));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (canvas.width !== cols * px || canvas.height !== rows * px) {
    canvas.width = cols * px;
    canvas.height = rows * px;
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) {
      const [r, g, b] = Array.from(colour(values[at]));
      context.fillStyle = `rgb(${r}, ${g}, ${b})`;
      context.fillRect(col * px, row * px, px, px);
    }
  }
  return { context, px };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Grid} scene from 0 to 255
 * @param {{place: Cells, start: Cells, shape: Cells}} object
 * @param {Palette} palette
 */
export function drawScene(canvas, scene, { place, start, shape }, palette) {
  const { context, px } = drawGrid(canvas, scene, (value) => [value, value, value]);
  const box = (/** @type {Cells} */ [row, col], /** @type {number[]} */ dash) => {
    context.setLineDash(dash);
    for (const [colour, width] of /** @type {const} */ ([[palette.halo, 7], [palette.accent, 3.5]])) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(col * px - 2, row * px - 2, shape[1] * px + 4, shape[0] * px + 4);
    }
  };
  if (place[0] !== start[0] || place[1] !== start[1]) box(start, [9, 7]);
  box(place, []);
  context.setLineDash([]);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Grid} map
 * @param {number} limit where the colours end
 * @param {Palette} palette
 * @param {{peak?: Peak, inside?: Uint8Array}} marks
 */
export function drawMap(canvas, map, limit, palette, { peak, inside }) {
  const colours = levelColours(palette);
  const { context, px } = drawGrid(canvas, map, (value) => colours[levelOf(value, limit, 0)] ?? colours[SIDE]);
  if (inside) hatch(context, map.shape, inside, px, palette);
  // Of one cell it is known which is the largest.
  if (peak && map.values.length > 1) ring(context, peak, px, palette);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Cells} shape
 * @param {Uint8Array} inside
 * @param {number} px
 * @param {Palette} palette
 */
function hatch(context, [rows, cols], inside, px, palette) {
  context.save();
  context.beginPath();
  inside.forEach((is, i) => {
    if (!is) context.rect((i % cols) * px, Math.floor(i / cols) * px, px, px);
  });
  context.clip();
  context.fillStyle = palette.veil;
  context.fillRect(0, 0, cols * px, rows * px);
  context.strokeStyle = palette.muted;
  context.lineWidth = 2;
  context.beginPath();
  for (let at = -rows * px; at < cols * px; at += 16) {
    context.moveTo(at, rows * px);
    context.lineTo(at + rows * px, 0);
  }
  context.stroke();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Peak} peak
 * @param {number} px
 * @param {Palette} palette
 */
function ring(context, { row, col }, px, palette) {
  const radius = Math.max(14, px * 0.7);
  for (const [colour, width] of /** @type {const} */ ([[palette.halo, 8], [palette.accent, 4]])) {
    context.beginPath();
    context.arc((col + 0.5) * px, (row + 0.5) * px, Math.min(radius, context.canvas.width / 2 - 6), 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
