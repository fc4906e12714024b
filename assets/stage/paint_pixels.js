/** Pixels with their numbers on them: of the input where it is zoomed into, and in a loupe where it is not. */

import { PADDING_LINE, PADDING_SHARE, PADDING_VEIL, veiled } from "./brush.js";
import { css, inkOn } from "./colour.js";
import { SMALLEST_TEXT } from "./layout.js";
import { inputAt, isBetween, isInside, sourceAt } from "./model.js";
import { formatNumber } from "./numbers.js";
import { inputColouring } from "./rasters.js";

/** @import { Brush } from "./brush.js" */
/** @import { Region } from "./camera.js" */
/** @import { Palette, Rgb } from "./colour.js" */
/** @import { Picture, Rect } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Scene } from "./scene.js" */

/** A pixel of this side holds the numbers of its channels. */
export const PIXEL_WITH_NUMBERS = 24;

// Of a window that is larger than this a loupe would show no more than the grids beside it do.
const WIDEST_LOUPE = 11;
const LOUPE_SHARE = 0.58;
// Where the input itself is small there is no room for modesty.
const SMALL_FRAME = 240;
const LARGE_SHARE = 0.75;
// The numbers of a smaller pixel could not be read.
const SMALLEST_SIDE = 22;
// Those of one like this are read with ease; a larger one would be no help.
const EASY_SIDE = 30;
const LARGEST_SIDE = 44;
// Between the loupe and the border of the input, or the window.
const LOUPE_AWAY = 9;

/**
 * What a place of the padded input holds: a number for each channel that is shown, and its colour.
 *
 * @param {Model} model
 * @param {number} row in the image's coordinates
 * @param {number} col
 * @param {number} channel the one that is shown where the input is not a photo in three colours
 * @param {(value: number, name: string) => Rgb} colouring
 * @returns {{values: number[], rgb: Rgb}}
 */
export function pixelAt(model, row, col, channel, colouring) {
  const [r, c] = [sourceAt(model, 0, row), sourceAt(model, 1, col)];
  const channels = model.photo ? [0, 1, 2] : [channel];
  const values = channels.map((k) => (r < 0 || c < 0 ? 0 : inputAt(model, (r * model.imageCols + c) * model.channels + k)));
  const unit = model.inputLimit || 1;
  const rgb = model.photo ? /** @type {Rgb} */ (values.map((value) => Math.round((255 * value) / unit))) : colouring(values[0], "");
  return { values, rgb };
}

/**
 * The colour of cells that hold nothing.
 *
 * @param {Palette} palette
 * @returns {Rgb}
 */
export function emptyRgb({ empty }) {
  const part = (/** @type {number} */ at) => parseInt(empty.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/**
 * The ink of a number on a place of the input.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 * @param {Rgb} rgb of what the place holds
 * @param {Palette} palette
 */
function inkAt(model, row, col, rgb, palette) {
  if (isInside(model, row, col)) return inkOn(rgb);
  return isBetween(model, row, col) ? palette.muted : inkOn(veiled(rgb));
}

/**
 * The numbers on the pixels of a region.
 *
 * @param {Brush} brush
 * @param {Model} model
 * @param {Picture} picture
 * @param {Region} region of the padded input
 * @param {number} channel
 */
export function paintPixelNumbers(brush, model, { area, px, rows, cols }, region, channel) {
  const [[top], [left]] = model.payload.header.pads;
  const colouring = inputColouring(model, brush.palette);
  for (let row = Math.floor(region.row); row < Math.min(rows, region.row + region.rows); row++) {
    for (let col = Math.floor(region.col); col < Math.min(cols, region.col + region.cols); col++) {
      const { values, rgb } = pixelAt(model, row - top, col - left, channel, colouring);
      const ink = inkAt(model, row - top, col - left, rgb, brush.palette);
      paintNumbers(brush, { x: area.x + col * px, y: area.y + row * px, w: px, h: px }, values, ink);
    }
  }
}

/**
 * The values of one pixel, one under the other.
 *
 * @param {Brush} brush
 * @param {Rect} cell
 * @param {number[]} values
 * @param {string} colour
 */
function paintNumbers(brush, cell, values, colour) {
  const line = Math.min(cell.h / (values.length + 0.15), 17);
  const texts = values.map((value) => formatNumber(value, 3));
  const size = Math.min(line, ...texts.map((text) => brush.fittingSize(text, 14, 500, cell.w - 4)));
  if (size < SMALLEST_TEXT) return;
  texts.forEach((text, i) => {
    const y = cell.y + cell.h / 2 + (i - (values.length - 1) / 2) * line;
    brush.text(text, cell.x + cell.w / 2, y + 0.5, { size, weight: 500, align: "center", colour });
  });
}

/**
 * The neighbourhood of the window, or of the pixel that is pointed at, with its numbers: under the input where there
 * is room, else in the corner of it that is farthest from what is enlarged.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Picture} picture
 * @param {Rect} window where the window stands
 * @param {Rect} below the room under the input
 */
export function paintLoupe(brush, scene, { frame, px }, window, below) {
  const { ctx, palette } = brush;
  const { model, cell, scatter } = scene;
  const [[top, bottom], [left, right]] = model.payload.header.pads;
  const { rowPositions, colPositions } = scatter ? { rowPositions: [scatter.row], colPositions: [scatter.col] } : cell;
  // One pixel around it, as far as there is one.
  const around = (/** @type {number[]} */ positions, /** @type {number} */ first, /** @type {number} */ end) => {
    const start = Math.max(first, positions[0] - 1);
    return { start, before: positions[0] - start, count: Math.min(end, positions[positions.length - 1] + 2) - start };
  };
  const [alongRows, alongCols] = [around(rowPositions, -top, model.rows + bottom), around(colPositions, -left, model.cols + right)];
  const [rows, cols] = [alongRows.count, alongCols.count];
  if (Math.max(rows, cols) > WIDEST_LOUPE) return;
  const portion = frame.w < SMALL_FRAME ? LARGE_SHARE : LOUPE_SHARE;
  const free = freeBeside(frame, window);
  const under = Math.min(LARGEST_SIDE, (below.w - 6) / cols, (below.h - 6) / rows);
  const largest = Math.min(LARGEST_SIDE, (frame.w * portion) / cols, (frame.h * portion) / rows);
  // Clear of the window along one of the axes is clear of it; on a phone it may have to cover what it enlarges.
  const over = largest < SMALLEST_SIDE ? 0 : Math.min(largest, Math.max(free.w / cols, free.h / rows, SMALLEST_SIDE));
  const isUnder = under >= Math.min(over, EASY_SIDE) && under >= SMALLEST_SIDE;
  const side = isUnder ? under : over;
  if (side === 0 || side <= px) return;
  const [w, h] = [cols * side, rows * side];
  const loupe = isUnder ? { x: below.x + 3, y: below.y + 3, w, h } : farCorner(frame, window, w, h);
  const [firstRow, firstCol] = [alongRows.start, alongCols.start];
  const colouring = inputColouring(model, palette);
  ctx.fillStyle = palette.ground;
  ctx.fillRect(loupe.x - 3, loupe.y - 3, loupe.w + 6, loupe.h + 6);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const [row, col] = [firstRow + i, firstCol + j];
      const at = { x: loupe.x + j * side, y: loupe.y + i * side, w: side - 1, h: side - 1 };
      const { values, rgb } = pixelAt(model, row, col, scene.channel, colouring);
      ctx.fillStyle = css(rgb);
      ctx.fillRect(at.x, at.y, at.w, at.h);
      if (isBetween(model, row, col)) brush.hollow(at);
      else if (!isInside(model, row, col)) brush.hatch(at, css([...PADDING_VEIL, PADDING_SHARE]), PADDING_LINE);
      paintNumbers(brush, at, values, inkAt(model, row, col, rgb, palette));
    }
  }
  ctx.strokeStyle = palette.text;
  ctx.lineWidth = 1;
  ctx.strokeRect(loupe.x - 3, loupe.y - 3, loupe.w + 6, loupe.h + 6);
  const spanOf = (/** @type {number[]} */ positions) => positions[positions.length - 1] - positions[0] + 1;
  brush.outline({
    x: loupe.x + alongCols.before * side, y: loupe.y + alongRows.before * side,
    w: spanOf(colPositions) * side - 1, h: spanOf(rowPositions) * side - 1,
  });
}

/**
 * How much room there is beside the window, and above or below it.
 *
 * @param {Rect} frame
 * @param {Rect} window
 */
function freeBeside(frame, window) {
  return {
    w: Math.max(window.x - frame.x, frame.x + frame.w - window.x - window.w) - 2 * LOUPE_AWAY,
    h: Math.max(window.y - frame.y, frame.y + frame.h - window.y - window.h) - 2 * LOUPE_AWAY,
  };
}

/**
 * @param {Rect} frame
 * @param {Rect} from
 * @param {number} w
 * @param {number} h
 * @returns {Rect}
 */
function farCorner(frame, from, w, h) {
  const isLeft = from.x + from.w / 2 < frame.x + frame.w / 2;
  const isAbove = from.y + from.h / 2 < frame.y + frame.h / 2;
  return {
    x: isLeft ? frame.x + frame.w - w - LOUPE_AWAY : frame.x + LOUPE_AWAY,
    y: isAbove ? frame.y + frame.h - h - LOUPE_AWAY : frame.y + LOUPE_AWAY,
    w, h,
  };
}
