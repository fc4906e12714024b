/** The numbers on their way from one place of the stage to the next. */

import { cellOf, middleOf } from "./brush.js";
import { channelColour, css } from "./colour.js";
import { MOST_UNFOLDED, numberFont } from "./layout.js";
import { channelNames, isBetween } from "./model.js";
import { formatNumber, formatTerm, formatWeight } from "./numbers.js";
import { emptyRgb } from "./paint_pixels.js";
import { inputColouring } from "./rasters.js";
import { ADD, BIAS, MULTIPLY, SUM, TAKE, WRITE } from "./scene.js";

/** @import { Brush } from "./brush.js" */
/** @import { Rgb } from "./colour.js" */
/** @import { Layout, Picture, Rect } from "./layout.js" */
/** @import { Cell, Model } from "./model.js" */
/** @import { Slot } from "./paint_arithmetic.js" */
/** @import { Scene } from "./scene.js" */

// The last of many numbers sets out when the first has come so far.
const STAGGER = 1.2;

/**
 * The numbers on their way from where they are to where they are needed.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {NonNullable<Scene["moving"]>} moving
 * @param {Layout} layout
 * @param {Slot[]} slots of the sum line
 */
export function paintFlights(brush, scene, moving, layout, slots) {
  const { palette } = brush;
  const { cell, model } = scene;
  const { into, share } = moving;
  const names = channelNames(model);
  const taps = model.kernelRows * model.kernelCols;
  const colouring = inputColouring(model, palette);
  if (into === ADD) {
    for (const { channel, subtotal } of [...layout.channelRows, ...layout.foldedRows]) {
      const from = { x: subtotal.x + 8, y: subtotal.y + subtotal.h / 2 };
      // Many channels come together in one number.
      const slot = slots[model.channels > MOST_UNFOLDED ? 0 : channel];
      const text = formatNumber(cell.channelSums[channel]);
      fly(brush, from, slot, share, text, channelColour(names[channel], palette), slot.size);
    }
  }
  for (const row of into > SUM ? [] : layout.channelRows) {
    const c = row.channel;
    const tint = channelColour(names[c], palette);
    const middle = { x: row.subtotal.x + 8, y: row.patch.area.y + row.patch.area.h / 2 };
    for (let tap = 0; tap < taps; tap++) {
      const at = c * taps + tap;
      // Row by row, and the rightmost first: all go to the right, and none overtakes another.
      const turn = tap - (tap % model.kernelCols) + (model.kernelCols - 1 - (tap % model.kernelCols));
      const share = staggered(moving.share, turn / taps);
      if (into === TAKE && moving.coming) {
        const from = pixelOf(layout.input, model, moving.coming, tap);
        const { rowPositions, colPositions, patch } = moving.coming;
        const hollow = isBetween(model, rowPositions[Math.floor(tap / model.kernelCols)], colPositions[tap % model.kernelCols]);
        flyPixel(brush, from, cellOf(row.patch, model, tap), share, hollow ? emptyRgb(palette) : colouring(patch[at], names[c]));
      } else if (into === MULTIPLY) {
        const to = middleOf(cellOf(row.products, model, tap));
        const { cellW, cellH } = row.patch;
        const sizeOf = (/** @type {string} */ text) => numberFont(cellW, cellH, Math.max(3, text.length));
        const [pixel, weight] = [formatNumber(cell.patch[at], 3), formatWeight(cell.weights[at])];
        // The pixel flies over the weights, and comes down on its own one's product.
        fly(brush, middleOf(cellOf(row.patch, model, tap)), to, share, pixel, tint, sizeOf(pixel), 0.45 * cellH);
        fly(brush, middleOf(cellOf(row.weights, model, tap)), to, share, weight, palette.text, sizeOf(weight));
      } else if (into === SUM) {
        const size = numberFont(row.products.cellW, row.products.cellH, 4);
        const from = middleOf(cellOf(row.products, model, tap));
        fly(brush, from, middle, share, formatNumber(cell.products[at], 4), palette.text, size);
      }
    }
  }
  if (into === BIAS) {
    // The bias belongs to the kernel, and comes from there.
    const { area } = layout.channelRows[layout.channelRows.length - 1].weights;
    const to = slots[slots.length - 2];
    const from = { x: area.x + area.w / 2, y: area.y + area.h };
    fly(brush, from, to, share, formatTerm(cell.bias, 1), palette.text, to.size);
  }
  if (into === WRITE) {
    const { area, px } = layout.output;
    const to = { x: area.x + (cell.col + 0.5) * px, y: area.y + (cell.row + 0.5) * px };
    const from = slots[slots.length - 1];
    fly(brush, from, to, share, formatNumber(cell.value), palette.text, from.size);
  }
}

/**
 * How far one of many has come that set out one after the other and arrive so.
 *
 * @param {number} share of all of them
 * @param {number} turn of this one, from 0 to 1
 */
function staggered(share, turn) {
  return Math.min(1, Math.max(0, share * (1 + STAGGER) - STAGGER * turn));
}

/**
 * A number between two places, fading as it arrives: what it turns into appears there.
 *
 * @param {Brush} brush
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {number} share
 * @param {string} text
 * @param {string} colour
 * @param {number} size
 * @param {number} [lift] how high above the straight way it flies
 */
function fly(brush, from, to, share, text, colour, size, lift = 0) {
  if (!size || share === 0 || share === 1) return;
  const x = from.x + (to.x - from.x) * share;
  const y = from.y + (to.y - from.y) * share - lift * Math.sin(Math.PI * share);
  brush.faded(1 - share ** 4, () => {
    // A halo, because a number on its way crosses other colours.
    const { ctx, palette } = brush;
    ctx.font = `700 ${size}px ${brush.family}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 4;
    ctx.lineJoin = "round";
    ctx.strokeText(text, x, y);
    brush.text(text, x, y, { size, weight: 700, align: "center", colour });
  });
}

/**
 * @param {Brush} brush
 * @param {Rect} from
 * @param {Rect} to
 * @param {number} share
 * @param {Rgb} rgb
 */
function flyPixel(brush, from, to, share, rgb) {
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * share;
  brush.ctx.fillStyle = css(rgb);
  brush.ctx.fillRect(mix(from.x, to.x), mix(from.y, to.y), mix(from.w, to.w), mix(from.h, to.h));
}

/**
 * @param {Picture} input
 * @param {Model} model
 * @param {Cell} cell
 * @param {number} tap
 * @returns {Rect}
 */
function pixelOf({ area, px }, model, cell, tap) {
  const [[top], [left]] = model.payload.header.pads;
  const row = cell.rowPositions[Math.floor(tap / model.kernelCols)] + top;
  const col = cell.colPositions[tap % model.kernelCols] + left;
  return { x: area.x + col * px, y: area.y + row * px, w: px, h: px };
}
