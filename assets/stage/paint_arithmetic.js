/** The arithmetic: for each channel patch × kernel = products and their sum; under them the sum of all. */

import { PADDING_LINE, PADDING_SHARE, PADDING_VEIL, cellOf, largest, paintTitle, veiled } from "./brush.js";
import { channelColour, css, diverging, inkOn } from "./colour.js";
import { MOST_UNFOLDED, SMALLEST_TEXT, numberFont } from "./layout.js";
import { channelNames, isBetween, isInside } from "./model.js";
import { equals, formatNumber, formatTerm, formatWeight } from "./numbers.js";
import { inputColouring } from "./rasters.js";
import { isExactSum, productText } from "./readout.js";
import { ADD, BIAS, MULTIPLY, PARTS, SUM, TAKE, WRITE, painted } from "./scene.js";

/** @import { Brush } from "./brush.js" */
/** @import { Rgb } from "./colour.js" */
/** @import { Grid, Layout, Rect } from "./layout.js" */
/** @import { Scene } from "./scene.js" */

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 */
export function paintArithmetic(brush, scene, layout) {
  const { ctx, palette } = brush;
  const { cell, model } = scene;
  const names = channelNames(model);
  const turned = model.payload.header.flip ? "kernel (turned over)" : "kernel";
  const title = layout.wide ? `Window × ${turned} = products` : `Window × ${turned} = products, and their sum`;
  const part = scene.moving?.into ?? scene.part;
  const doing = part === WRITE && !scene.moving ? "" : `part ${part + 1} of ${PARTS.length}: ${PARTS[part]}`;
  const second = doing || (layout.wide ? `for each channel, at row ${cell.row}, column ${cell.col} of the map` : "");
  paintTitle(brush, layout.arithmeticTitle, title, second, layout.font);

  const patchLength = Math.max(3, ...Array.from(cell.patch, (value) => formatNumber(value, 3).length));
  const weightLimit = largest(cell.weights);
  const productLimit = model.inputLimit * weightLimit;
  const inputColour = inputColouring(model, palette);
  const productColour = (/** @type {number} */ value) => diverging(productLimit ? value / productLimit : 0, palette);
  const taps = model.kernelRows * model.kernelCols;
  const weightLength = Math.max(3, ...Array.from(cell.weights, (weight) => formatWeight(weight).length));
  const product = productFormat(cell.weights, model.inputLimit, layout.channelRows[0].products);
  const subtotals = cell.channelSums.map((sum) => formatNumber(sum));
  const subtotalSize = Math.min(
    ...subtotals.map((text) => brush.fittingSize(text, layout.font + 4, 700, layout.channelRows[0].subtotal.w - 8)),
  );
  for (const row of layout.channelRows) {
    const c = row.channel;
    const slice = (/** @type {Float64Array} */ a) => a.subarray(c * taps, (c + 1) * taps);
    const middle = row.patch.area.y + row.patch.area.h / 2;
    brush.text(names[c], row.patch.area.x - 5, middle, {
      size: layout.font, weight: 700, align: "right", colour: channelColour(names[c], palette),
    });
    paintGrid(brush, row.patch, slice(cell.patch), {
      kernelCols: model.kernelCols,
      colour: (value) => inputColour(value, names[c]),
      format: (value) => formatNumber(value, 3),
      length: patchLength,
      padded: (i, j) => !isInside(model, cell.rowPositions[i], cell.colPositions[j]),
      hollow: (i, j) => isBetween(model, cell.rowPositions[i], cell.colPositions[j]),
    });
    paintGrid(brush, row.weights, slice(cell.weights), {
      kernelCols: model.kernelCols,
      colour: (value) => diverging(weightLimit ? value / weightLimit : 0, palette),
      format: formatWeight,
      length: weightLength,
      turned: 1 - scene.turning,
    });
    paintGrid(brush, row.products, slice(cell.products), {
      kernelCols: model.kernelCols,
      colour: productColour,
      format: product.format,
      length: product.length,
      strength: strengthOf(scene, MULTIPLY),
    });
    const marked = scene.sharing?.channel === c
      ? [scene.sharing.row * model.kernelCols + scene.sharing.col]
      : painted(scene)?.reach.map(({ tapRow, tapCol }) => tapRow * model.kernelCols + tapCol) ?? [];
    // Where all weights are on the way, outlines would say nothing.
    const few = new Set(marked);
    if (few.size < taps || taps === 1) for (const tap of few) brush.outline(cellOf(row.weights, model, tap));
    if (scene.tap?.channel === c) {
      const tap = scene.tap.row * model.kernelCols + scene.tap.col;
      for (const grid of [row.patch, row.weights, row.products]) brush.outline(cellOf(grid, model, tap));
    }
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
  }
  for (const { channel, area, strip, subtotal } of layout.foldedRows) {
    const middle = area.y + area.h / 2;
    brush.text("▸", area.x, middle, { size: 11, colour: palette.muted });
    brush.text(names[channel], strip.x - 5, middle, { size: layout.font - 2, weight: 600, align: "right" });
    brush.faded(strengthOf(scene, MULTIPLY), () => {
      for (let tap = 0; tap < taps; tap++) {
        ctx.fillStyle = css(productColour(cell.products[channel * taps + tap]));
        ctx.fillRect(strip.x + (tap * strip.w) / taps, strip.y, strip.w / taps - (taps > 60 ? 0 : 1), strip.h);
      }
    });
    brush.faded(strengthOf(scene, SUM), () =>
      brush.text(subtotals[channel], subtotal.x + 8, middle, {
        size: Math.min(subtotalSize, layout.font), weight: 600, colour: channelColour(names[channel], palette),
      }),
    );
  }
}

/**
 * What a tap that is pointed at multiplies, in numbers, beside it.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 */
export function paintTap(brush, { tap, cell, model }, layout) {
  const row = layout.channelRows.find(({ channel }) => channel === tap?.channel);
  if (!tap || !row) return;
  const text = `${channelNames(model)[tap.channel]}, row ${tap.row}, column ${tap.col}: ${productText(cell, tap.at)}`;
  const { ctx, palette } = brush;
  const size = layout.font;
  ctx.font = `600 ${size}px ${brush.family}`;
  const w = ctx.measureText(text).width + 20;
  const h = size + 14;
  const at = cellOf(row.products, model, tap.row * model.kernelCols + tap.col);
  const x = Math.max(0, Math.min(at.x + at.w / 2 - w / 2, layout.width - w));
  const above = at.y - h - 6;
  const y = above >= 0 ? above : at.y + at.h + 6;
  ctx.fillStyle = palette.text;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 6);
  ctx.fill();
  brush.text(text, x + w / 2, y + h / 2 + 0.5, { size, weight: 600, align: "center", colour: palette.ground });
}

// Rather fewer digits than smaller ones.
const LEGIBLE = 10;

/**
 * As many digits for the products as their cells can hold: fewer behind the decimal point where they are small.
 *
 * @param {Float64Array} weights
 * @param {number} inputLimit
 * @param {Grid} grid
 */
function productFormat(weights, inputLimit, grid) {
  // 251 is a prime below 255: its products have as many digits as any pixel's, or any share of 255.
  const typical = (251 / 255) * inputLimit;
  const products = Array.from(weights, (weight) => typical * weight);
  let best = { format: formatNumber, length: Infinity };
  for (const digits of [4, 3, 2]) {
    const format = (/** @type {number} */ value) => formatNumber(value, digits);
    best = { format, length: Math.max(3, ...products.map((value) => format(value).length)) };
    if (numberFont(grid.cellW, grid.cellH, best.length) >= LEGIBLE) break;
  }
  return best;
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
 * @param {(i: number, j: number) => boolean} [options.hollow] whether it is a zero between the cells of the input
 * @param {number} [options.strength] from 0, where the grid is empty yet, to 1
 * @param {number} [options.turned] how far the grid still is from its place on its half turn, from 1 to 0
 */
function paintGrid(brush, grid, values, { kernelCols, colour, format, length, padded, hollow, strength = 1, turned = 0 }) {
  const { ctx, palette } = brush;
  const { area, cellW, cellH } = grid;
  // Where the longest number does not fit, the others may.
  const font = numberFont(cellW, cellH, length) || numberFont(cellW, cellH, 3);
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
    const resting = { x: area.x + j * cellW, y: area.y + i * cellH, w: cellW - seam, h: cellH - seam };
    const cell = turned ? halfTurn(resting, { ...area, w: area.w - seam, h: area.h - seam }, turned) : resting;
    const rgb = colour(value);
    ctx.fillStyle = css(rgb);
    ctx.fillRect(cell.x, cell.y, cell.w, cell.h);
    const isHollow = hollow?.(i, j) ?? false;
    const onPadding = !isHollow && (padded?.(i, j) ?? false);
    if (isHollow) brush.hollow(cell);
    if (onPadding) brush.hatch(cell, css([...PADDING_VEIL, PADDING_SHARE]), PADDING_LINE);
    if (!font) return;
    const text = format(value);
    const size = brush.fittingSize(text, font, 500, cellW - 4);
    if (size < SMALLEST_TEXT) return;
    brush.text(text, cell.x + cell.w / 2, cell.y + cell.h / 2 + 0.5, {
      size, weight: 500, align: "center",
      colour: isHollow ? palette.muted : inkOn(onPadding ? veiled(rgb) : rgb),
    });
  }));
}

/**
 * Where a cell is on the way of its grid's half turn about its middle. The cells stay upright, and their numbers.
 *
 * @param {Rect} cell
 * @param {Rect} area of the grid
 * @param {number} left of the turn, from 1 to 0
 * @returns {Rect}
 */
function halfTurn(cell, area, left) {
  const angle = Math.PI * left;
  const middle = { x: area.x + area.w / 2, y: area.y + area.h / 2 };
  // In units of the grid's sides, so that an oblong grid turns onto itself.
  const x = (cell.x + cell.w / 2 - middle.x) / area.w;
  const y = (cell.y + cell.h / 2 - middle.y) / area.h;
  const turnedX = x * Math.cos(angle) - y * Math.sin(angle);
  const turnedY = x * Math.sin(angle) + y * Math.cos(angle);
  return { ...cell, x: middle.x + turnedX * area.w - cell.w / 2, y: middle.y + turnedY * area.h - cell.h / 2 };
}

/**
 * How far a part of the step is on the screen: 0 before it is done, growing while it is, then 1.
 *
 * @param {Scene} scene
 * @param {number} part an index of PARTS, TAKE excepted
 */
function strengthOf(scene, part) {
  const { moving } = scene;
  // What a kernel makes is seen when it has turned over, not before.
  if (scene.turning < 1) return scene.part >= part ? scene.turning ** 8 : 0;
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
  const whole = cell.channelSums.reduce((total, sum) => total + sum, 0);
  const sums = model.channels > MOST_UNFOLDED
    ? [{ name: `sum of ${model.channels} channels`, value: whole, colour: palette.text, since: ADD }]
    : channelNames(model).map((name, c) => ({
      name, value: cell.channelSums[c], colour: channelColour(name, palette), since: ADD,
    }));
  const parts = [
    ...sums,
    { name: "bias", value: cell.bias, colour: palette.text, since: BIAS },
    { name: "value", value: cell.value, colour: palette.text, since: BIAS },
  ];
  const last = parts.length - 1;
  const texts = parts.map(({ value }, i) => (i === last ? formatNumber(value) : formatTerm(value, i)));
  const signs = parts.map((_, i) => (i === 0 ? "" : i === last ? equals(isExactSum(cell)) : "+"));
  const { x, y, w, h } = layout.sum;
  ctx.fillStyle = palette.empty;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 8);
  ctx.fill();

  const line = texts.map((text, i) => (i ? ` ${signs[i]} ${text}` : text)).join("");
  const size = Math.min(brush.fittingSize(line, layout.font + 7, 700, w - 28), h * 0.42);
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
