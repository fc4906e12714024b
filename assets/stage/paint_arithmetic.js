/** The arithmetic: for each channel patch × kernel = products and their sum; under them the sum of all. */

import { PADDING_LINE, PADDING_SHARE, PADDING_VEIL, cellOf, largest, paintTitle } from "./brush.js";
import { channelColour, channelPixel, css, diverging, inkOn } from "./colour.js";
import { numberFont } from "./layout.js";
import { channelNames } from "./model.js";
import { formatNumber, formatWeight } from "./numbers.js";
import { isExactSum } from "./readout.js";
import { ADD, BIAS, MULTIPLY, PARTS, SUM, TAKE, WRITE } from "./scene.js";

/** @import { Brush } from "./brush.js" */
/** @import { Rgb } from "./colour.js" */
/** @import { Grid, Layout, Rect } from "./layout.js" */
/** @import { Cell, Model } from "./model.js" */
/** @import { Scene } from "./scene.js" */

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 */
export function paintArithmetic(brush, scene, layout) {
  const { palette } = brush;
  const { cell, model } = scene;
  const names = channelNames(model);
  const turned = model.payload.header.flip ? "kernel (turned over)" : "kernel";
  const title = layout.wide ? `Window × ${turned} = products` : `Window × ${turned} = products, and their sum`;
  const part = scene.moving?.into ?? scene.part;
  const doing = part === WRITE && !scene.moving ? "" : `part ${part + 1} of ${PARTS.length}: ${PARTS[part]}`;
  const second = doing || (layout.wide ? `for each channel, at row ${cell.row}, column ${cell.col} of the map` : "");
  paintTitle(brush, layout.arithmeticTitle, title, second, layout.font);

  const weightLimit = largest(cell.weights);
  const productLimit = 255 * weightLimit;
  const taps = model.kernelRows * model.kernelCols;
  const weightLength = Math.max(3, ...Array.from(cell.weights, (weight) => formatWeight(weight).length));
  const product = productFormat(cell.weights, layout.channelRows[0].products);
  const subtotals = cell.channelSums.map((sum) => formatNumber(sum));
  const subtotalSize = Math.min(
    ...subtotals.map((text, c) => brush.fittingSize(text, layout.font + 4, 700, layout.channelRows[c].subtotal.w - 8)),
  );
  layout.channelRows.forEach((row, c) => {
    const slice = (/** @type {Float64Array} */ a) => a.subarray(c * taps, (c + 1) * taps);
    const middle = row.patch.area.y + row.patch.area.h / 2;
    brush.text(names[c], row.patch.area.x - 5, middle, {
      size: layout.font, weight: 700, align: "right", colour: channelColour(names[c], palette),
    });
    paintGrid(brush, row.patch, slice(cell.patch), {
      kernelCols: model.kernelCols,
      colour: (value) => channelPixel(value, names[c]),
      format: (value) => formatNumber(value, 3),
      length: 3,
      padded: (i, j) => isPadding(model, cell, i, j),
    });
    paintGrid(brush, row.weights, slice(cell.weights), {
      kernelCols: model.kernelCols,
      colour: (value) => diverging(weightLimit ? value / weightLimit : 0, palette),
      format: formatWeight,
      length: weightLength,
    });
    paintGrid(brush, row.products, slice(cell.products), {
      kernelCols: model.kernelCols,
      colour: (value) => diverging(productLimit ? value / productLimit : 0, palette),
      format: product.format,
      length: product.length,
      strength: strengthOf(scene, MULTIPLY),
    });
    const marked = scene.sharing?.channel === c
      ? [scene.sharing.row * model.kernelCols + scene.sharing.col]
      : scene.scatter?.reach.map(({ tapRow, tapCol }) => tapRow * model.kernelCols + tapCol) ?? [];
    // Where all weights are on the way, outlines would say nothing.
    const few = new Set(marked);
    if (few.size < taps || taps === 1) for (const tap of few) brush.outline(cellOf(row.weights, model, tap));
    const sign = { size: layout.font + 3, colour: palette.muted, align: /** @type {const} */ ("center") };
    const between = (/** @type {Rect} */ left, /** @type {Rect} */ right) => (left.x + left.w + right.x) / 2;
    brush.text("×", between(row.patch.area, row.weights.area), middle, sign);
    brush.text("=", between(row.weights.area, row.products.area), middle, sign);
    brush.text("Σ", row.subtotal.x - 9, middle, sign);
    brush.faded(strengthOf(scene, SUM), () =>
      brush.text(subtotals[c], row.subtotal.x + 8, middle, {
        size: subtotalSize, weight: 700, colour: channelColour(names[c], palette),
      }),
    );
  });
}

/**
 * As many digits for the products as their cells can hold: fewer behind the decimal point where they are small.
 *
 * @param {Float64Array} weights
 * @param {Grid} grid
 */
function productFormat(weights, grid) {
  // 251 is a prime below 255: its products have as many digits as any pixel's.
  const products = Array.from(weights, (weight) => 251 * weight);
  let best = { format: formatNumber, length: Infinity };
  for (const digits of [4, 3, 2]) {
    const format = (/** @type {number} */ value) => formatNumber(value, digits);
    best = { format, length: Math.max(3, ...products.map((value) => format(value).length)) };
    if (numberFont(grid.cellW, grid.cellH, best.length)) break;
  }
  return best;
}

/**
 * @param {Model} model
 * @param {Cell} cell
 * @param {number} i
 * @param {number} j
 */
function isPadding(model, cell, i, j) {
  const row = cell.rowPositions[i];
  const col = cell.colPositions[j];
  return row < 0 || row >= model.rows || col < 0 || col >= model.cols;
}

/**
 * @param {Rgb} rgb
 * @returns {Rgb}
 */
function veiled(rgb) {
  const mix = (/** @type {number} */ i) => Math.round(rgb[i] * (1 - PADDING_SHARE) + PADDING_VEIL[i] * PADDING_SHARE);
  return [mix(0), mix(1), mix(2)];
}

/**
 * @param {Brush} brush
 * @param {Grid} grid
 * @param {Float64Array} values
 * @param {object} options
 * @param {number} options.kernelCols
 * @param {(value: number) => Rgb} options.colour
 * @param {(value: number) => string} options.format
 * @param {number} options.length of the longest number to be expected
 * @param {(i: number, j: number) => boolean} [options.padded]
 * @param {number} [options.strength] from 0, where the grid is empty yet, to 1
 */
function paintGrid(brush, grid, values, { kernelCols, colour, format, length, padded, strength = 1 }) {
  const { ctx, palette } = brush;
  const { area, cellW, cellH } = grid;
  const font = numberFont(cellW, cellH, length);
  const seam = cellW > 8 ? 1 : 0;
  ctx.fillStyle = palette.faint;
  ctx.fillRect(area.x - seam, area.y - seam, area.w + seam, area.h + seam);
  if (strength < 1) {
    ctx.fillStyle = palette.empty;
    ctx.fillRect(area.x, area.y, area.w - seam, area.h - seam);
  }
  brush.faded(strength, () => values.forEach((value, at) => {
    const i = Math.floor(at / kernelCols);
    const j = at % kernelCols;
    const cell = { x: area.x + j * cellW, y: area.y + i * cellH, w: cellW - seam, h: cellH - seam };
    const rgb = colour(value);
    ctx.fillStyle = css(rgb);
    ctx.fillRect(cell.x, cell.y, cell.w, cell.h);
    const onPadding = padded?.(i, j) ?? false;
    if (onPadding) brush.hatch(cell, css([...PADDING_VEIL, PADDING_SHARE]), PADDING_LINE);
    if (!font) return;
    const text = format(value);
    const size = brush.fittingSize(text, font, 500, cellW - 4);
    brush.text(text, cell.x + cell.w / 2, cell.y + cell.h / 2 + 0.5, {
      size, weight: 500, align: "center",
      colour: inkOn(onPadding ? veiled(rgb) : rgb),
    });
  }));
}

/**
 * How far a part of the step is on the screen: 0 before it is done, growing while it is, then 1.
 *
 * @param {Scene} scene
 * @param {number} part an index of PARTS, TAKE excepted
 */
function strengthOf(scene, part) {
  const { moving } = scene;
  if (moving?.into === TAKE) return 1 - moving.share;
  if (moving?.into === part) return moving.share ** 2;
  return scene.part >= part ? 1 : 0;
}

/**
 * @typedef {{x: number, y: number, size: number}} Slot where a number of the sum line stands: its middle
 *
 * `R + G + B + bias = value`, the numbers above their names, each from the part on in which it comes about.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @returns {Slot[]}
 */
export function paintSum(brush, scene, layout) {
  const { ctx, palette } = brush;
  const { cell, model } = scene;
  const sums = channelNames(model).map((name, c) => ({
    name, value: cell.channelSums[c], colour: channelColour(name, palette), since: ADD,
  }));
  const parts = [
    ...sums,
    { name: "bias", value: cell.bias, colour: palette.text, since: BIAS },
    { name: "value", value: cell.value, colour: palette.text, since: BIAS },
  ];
  const exact = isExactSum(cell);
  const texts = parts.map(({ value }, i) => {
    const text = formatNumber(value);
    return i > 0 && i < parts.length - 1 && value < 0 ? `(${text})` : text;
  });
  const signs = parts.map((_, i) => (i === 0 ? "" : i === parts.length - 1 ? (exact ? "=" : "≈") : "+"));
  const { x, y, w, h } = layout.sum;
  ctx.fillStyle = palette.empty;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 8);
  ctx.fill();

  const whole = texts.map((text, i) => (i ? ` ${signs[i]} ${text}` : text)).join("");
  const size = Math.min(brush.fittingSize(whole, layout.font + 7, 700, w - 28), h * 0.42);
  ctx.font = `700 ${size}px ${brush.family}`;
  const space = ctx.measureText(" + ").width;
  const widths = texts.map((text) => ctx.measureText(text).width);
  const total = widths.reduce((sum, width) => sum + width, 0) + space * (texts.length - 1);
  let left = x + Math.max(12, (w - total) / 2);
  return parts.map((part, i) => {
    if (i) left += space;
    const start = left;
    const slot = { x: start + widths[i] / 2, y: y + h * 0.38, size };
    left += widths[i];
    brush.faded(strengthOf(scene, part.since), () => {
      if (i) brush.text(signs[i], start - space / 2, slot.y, { size, align: "center", colour: palette.muted });
      brush.text(texts[i], slot.x, slot.y, { size, weight: 700, align: "center", colour: part.colour });
      brush.text(part.name, slot.x, y + h * 0.78, {
        size: layout.font - 2, align: "center", colour: part.colour === palette.text ? palette.muted : part.colour,
      });
    });
    return slot;
  });
}
