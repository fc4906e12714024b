/**
 * Draws a scene into any 2-D context; drawing it again gives the same picture. A recording fake can test it.
 */

import { channelColour, channelPixel, css, diverging, inkOn } from "./colour.js";
import { numberFont } from "./layout.js";
import { channelNames } from "./model.js";
import { formatNumber, formatWeight } from "./numbers.js";
import { isExactSum, unusedText } from "./readout.js";
import { limitOf, rangeText, scaleBar, shownAs } from "./views.js";
import { ADD, BIAS, MULTIPLY, PARTS, SUM, TAKE, WRITE } from "./scene.js";

/** @import { Palette, Rgb } from "./colour.js" */
/** @import { Grid, Layout, Picture, Rect } from "./layout.js" */
/** @import { Cell, Model } from "./model.js" */
/** @import { Rasters } from "./rasters.js" */
/** @import { Scene } from "./scene.js" */

/**
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {object} Style
 * @property {Palette} palette
 * @property {string} family of the font
 * @property {import("./views.js").View} [view] of the maps
 * @property {import("./views.js").Scale} [scale] of the maps
 */

// The number of a smaller thumbnail would cover it.
const SMALLEST_NUMBERED = 44;

/** What tells padding from the photo: a veil, so much of it, and lines over it.
 * @type {Rgb}
 */
const PADDING_VEIL = [110, 120, 135];
const PADDING_SHARE = 0.35;
const PADDING_LINE = "rgba(200, 208, 220, 0.55)";

/**
 * @param {Context} ctx
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 * @param {Style} style
 */
export function paint(ctx, scene, layout, rasters, style) {
  const brush = new Brush(ctx, style);
  ctx.fillStyle = style.palette.ground;
  ctx.fillRect(0, 0, layout.width, layout.height);
  paintInput(brush, scene, layout, rasters);
  paintArithmetic(brush, scene, layout);
  const slots = paintSum(brush, scene, layout);
  paintOutput(brush, scene, layout, rasters);
  if (scene.moving) paintFlights(brush, scene, scene.moving, layout, slots);
}

/** A context with the palette and the font at hand. */
class Brush {
  /**
   * @param {Context} ctx
   * @param {Style} style
   */
  constructor(ctx, style) {
    this.ctx = ctx;
    this.palette = style.palette;
    this.family = style.family;
    this.view = style.view ?? "raw";
    this.scale = style.scale ?? "own";
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y the middle of the line
   * @param {{size: number, colour?: string, weight?: number, align?: CanvasTextAlign, room?: number}} options
   */
  text(text, x, y, { size, colour = this.palette.text, weight = 400, align = "left", room = Infinity }) {
    const { ctx } = this;
    ctx.font = `${weight} ${size}px ${this.family}`;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillStyle = colour;
    let shown = text;
    while (shown.length > 1 && ctx.measureText(shown).width > room) shown = `${shown.slice(0, -2)}…`;
    ctx.fillText(shown, x, y);
    return ctx.measureText(shown).width;
  }

  /**
   * Draw something so strongly: not at all at 0.
   *
   * @param {number} strength
   * @param {() => void} draw
   */
  faded(strength, draw) {
    if (strength <= 0) return;
    const { ctx } = this;
    const before = ctx.globalAlpha;
    if (strength < 1) ctx.globalAlpha = strength;
    draw();
    if (strength < 1) ctx.globalAlpha = before;
  }

  /**
   * A text that shrinks, rather than being cut, where the room is small.
   *
   * @param {string} text
   * @param {number} size
   * @param {number} weight
   * @param {number} room
   */
  fittingSize(text, size, weight, room) {
    this.ctx.font = `${weight} ${size}px ${this.family}`;
    const width = this.ctx.measureText(text).width;
    return width > room ? (size * room) / width : size;
  }

  /**
   * An outline that shows on any ground, the accent within a halo; outside of what it marks, not over it.
   *
   * @param {Rect} rect
   */
  outline(rect) {
    const { ctx, palette } = this;
    ctx.lineJoin = "round";
    for (const [colour, width, away] of /** @type {[string, number, number][]} */ ([
      [palette.halo, 4.5, 1.75],
      [palette.accent, 2.5, 1.25],
    ])) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.strokeRect(rect.x - away, rect.y - away, rect.w + 2 * away, rect.h + 2 * away);
    }
  }

  /**
   * Diagonal lines over a part that nobody reads, or that is not the photo.
   *
   * @param {Rect} rect
   * @param {string} ground
   * @param {string} line
   */
  hatch(rect, ground, line) {
    const { ctx } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(rect.x, rect.y, rect.w, rect.h);
    ctx.clip();
    ctx.fillStyle = ground;
    ctx.fillRect(rect.x, rect.y, rect.w, rect.h);
    ctx.strokeStyle = line;
    ctx.lineWidth = 1;
    ctx.beginPath();
    // Anchored to the stage, not to the rectangle, so that neighbouring hatches join.
    const first = Math.floor((rect.x + rect.y) / 6) * 6;
    for (let d = first; d < rect.x + rect.w + rect.y + rect.h; d += 6) {
      ctx.moveTo(d - rect.y, rect.y);
      ctx.lineTo(d - rect.y - rect.h, rect.y + rect.h);
    }
    ctx.stroke();
    ctx.restore();
  }
}

/**
 * @param {Brush} brush
 * @param {Rect} rect
 * @param {string} title
 * @param {string} second
 * @param {number} font
 */
function paintTitle(brush, rect, title, second, font) {
  brush.text(title, rect.x, rect.y + 10, { size: font + 1, weight: 600, room: rect.w });
  if (second) {
    brush.text(second, rect.x, rect.y + 29, { size: font - 1, colour: brush.palette.muted, room: rect.w });
  }
}

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 */
function paintInput(brush, scene, layout, rasters) {
  const { ctx, palette } = brush;
  const { model } = scene;
  const { header } = model.payload;
  const { area, px } = layout.input;
  const [[top], [left]] = header.pads;
  paintTitle(brush, layout.inputTitle, `Input ${header.imageShape.join(" × ")}`, paddingText(model), layout.font);

  ctx.imageSmoothingEnabled = px < 1;
  ctx.drawImage(rasters.input, area.x, area.y, area.w, area.h);
  paintPaddingRing(brush, model, layout.input);

  const at = (/** @type {number} */ row, /** @type {number} */ col) => ({
    x: area.x + (col + left) * px,
    y: area.y + (row + top) * px,
  });
  const shade = palette.dark ? "rgba(24, 28, 34, 0.78)" : "rgba(238, 240, 243, 0.8)";
  for (const { start, count } of model.unreadRows) {
    const { x, y } = at(start, 0);
    brush.hatch({ x, y, w: model.cols * px, h: count * px }, shade, palette.muted);
  }
  for (const { start, count } of model.unreadCols) {
    const { x, y } = at(0, start);
    brush.hatch({ x, y, w: count * px, h: model.rows * px }, shade, palette.muted);
  }

  const corner = at(scene.windowAt.row, scene.windowAt.col);
  const spanOf = (/** @type {number[]} */ p) => p[p.length - 1] - p[0] + 1;
  const window = {
    x: corner.x,
    y: corner.y,
    w: spanOf(scene.cell.colPositions) * px,
    h: spanOf(scene.cell.rowPositions) * px,
  };
  if (scene.sharing) {
    paintSharing(brush, scene.sharing, layout.input, model);
  } else if (scene.scatter) {
    const { x, y } = at(scene.scatter.row, scene.scatter.col);
    const pixel = { x, y, w: px, h: px };
    dimAround(brush, area, pixel);
    brush.outline(atLeast(pixel, 5));
  } else {
    dimAround(brush, area, window);
    paintTaps(brush, scene, window, px);
    brush.outline(atLeast(window, 5));
  }
  const note = unusedText(model);
  if (note) {
    wrapText(brush, note, layout.inputNote, layout.font - 1);
  }
}

/**
 * Every place that a weight meets: strong where it has been, faint where it will be.
 *
 * @param {Brush} brush
 * @param {import("./scene.js").Sharing} sharing
 * @param {Picture} picture
 * @param {Model} model
 */
function paintSharing(brush, { rows, cols, met }, { area, px }, model) {
  const { ctx, palette } = brush;
  const [[top], [left]] = model.payload.header.pads;
  ctx.fillStyle = palette.veil;
  ctx.fillRect(area.x, area.y, area.w, area.h);
  // Rows of the map in one go where its columns lie side by side.
  const dense = cols.length < 2 || cols[1] - cols[0] === 1;
  ctx.fillStyle = palette.accent;
  rows.forEach((row, r) => {
    const y = area.y + (row + top) * px;
    const done = Math.min(Math.max(met - r * cols.length, 0), cols.length);
    for (const [from, to, strength] of /** @type {[number, number, number][]} */ ([[0, done, 0.6], [done, cols.length, 0.22]])) {
      if (from === to) continue;
      ctx.globalAlpha = strength;
      if (dense) ctx.fillRect(area.x + (cols[from] + left) * px, y, (to - from) * px, px);
      else for (let c = from; c < to; c++) ctx.fillRect(area.x + (cols[c] + left) * px, y, px, px);
    }
  });
  ctx.globalAlpha = 1;
}

/** @param {Model} model */
function paddingText(model) {
  const { pads, boundary } = model.payload.header;
  const [[top, bottom], [left, right]] = pads;
  if (!(top || bottom || left || right)) return "no padding";
  const holds = { zeros: "zeros", reflect: "mirrored", replicate: "edge repeated", circular: "wrapped round" }[boundary];
  const sides = new Set([top, bottom, left, right]);
  if (sides.size === 1) return `padding ${top} on each side (${holds})`;
  return `padding ↑${top} ↓${bottom} ←${left} →${right} (${holds})`;
}

/**
 * The ring holds what the engine reads there; hatching tells it from the photo.
 *
 * @param {Brush} brush
 * @param {Model} model
 * @param {Picture} picture
 */
function paintPaddingRing(brush, model, { area, px }) {
  const [[top, bottom], [left, right]] = model.payload.header.pads;
  const inner = {
    x: area.x + left * px,
    y: area.y + top * px,
    w: model.cols * px,
    h: model.rows * px,
  };
  const bands = [
    { x: area.x, y: area.y, w: area.w, h: top * px },
    { x: area.x, y: inner.y + inner.h, w: area.w, h: bottom * px },
    { x: area.x, y: inner.y, w: left * px, h: inner.h },
    { x: inner.x + inner.w, y: inner.y, w: right * px, h: inner.h },
  ];
  for (const band of bands) {
    if (band.w > 0 && band.h > 0) brush.hatch(band, css([...PADDING_VEIL, PADDING_SHARE]), PADDING_LINE);
  }
  if (top || bottom || left || right) {
    brush.ctx.strokeStyle = brush.palette.text;
    brush.ctx.lineWidth = 1;
    brush.ctx.strokeRect(inner.x, inner.y, inner.w, inner.h);
  }
}

/**
 * @param {Brush} brush
 * @param {Rect} area
 * @param {Rect} window
 */
function dimAround(brush, area, window) {
  const { ctx, palette } = brush;
  ctx.fillStyle = palette.veil;
  // One path with a hole: rectangles side by side would leave seams between them.
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.w, area.h);
  ctx.rect(window.x, window.y, window.w, window.h);
  ctx.fill("evenodd");
}

/**
 * With dilation the window has holes: mark the pixels that are read.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Rect} window
 * @param {number} px
 */
function paintTaps(brush, scene, window, px) {
  const [down, across] = scene.model.payload.header.dilation;
  if (px < 5 || (down === 1 && across === 1)) return;
  brush.ctx.strokeStyle = brush.palette.accent;
  brush.ctx.lineWidth = 1.5;
  for (let i = 0; i < scene.cell.rowPositions.length; i++) {
    for (let j = 0; j < scene.cell.colPositions.length; j++) {
      brush.ctx.strokeRect(window.x + j * across * px + 1, window.y + i * down * px + 1, px - 2, px - 2);
    }
  }
}

/**
 * @param {Rect} rect
 * @param {number} least
 * @returns {Rect}
 */
function atLeast(rect, least) {
  const w = Math.max(rect.w, least);
  const h = Math.max(rect.h, least);
  return { x: rect.x - (w - rect.w) / 2, y: rect.y - (h - rect.h) / 2, w, h };
}

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 */
function paintArithmetic(brush, scene, layout) {
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

/** @param {Float64Array} values */
function largest(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
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
function paintSum(brush, scene, layout) {
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
  roundRect(ctx, layout.sum, 8);
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

/**
 * @param {Context} ctx
 * @param {Rect} rect
 * @param {number} radius
 */
function roundRect(ctx, rect, radius) {
  ctx.beginPath();
  ctx.roundRect(rect.x, rect.y, rect.w, rect.h, radius);
}

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 */
function paintOutput(brush, scene, layout, rasters) {
  const { palette } = brush;
  const { cell, model } = scene;
  const { header } = model.payload;
  const feature = header.features[scene.feature];
  const which = model.features > 1 ? `Feature ${scene.feature + 1} of ${model.features}` : "Feature map";
  const place = `row ${cell.row}, column ${cell.col}`;
  const shown = shownAs(cell.value, brush.view);
  const as = shown === cell.value ? "" : `, shown as ${formatNumber(shown)}`;
  const value = scene.part === WRITE ? `${place} is ${formatNumber(cell.value)}${as}` : `${place} comes next`;
  const [title, second] = layout.wide ? [`${which}: ${feature.name}`, value] : [which, feature.name];
  paintTitle(brush, layout.outputTitle, title, second, layout.font);
  paintMap(brush, scene, layout.output, rasters.maps[scene.feature]);
  const { area, px } = layout.output;
  const cellRect = { x: area.x + cell.col * px, y: area.y + cell.row * px, w: px, h: px };
  if (scene.pointed) {
    const { row, col } = scene.cursor;
    brush.ctx.strokeStyle = brush.palette.text;
    brush.ctx.lineWidth = 1.5;
    const cursor = atLeast({ x: area.x + col * px, y: area.y + row * px, w: px, h: px }, 5);
    brush.ctx.strokeRect(cursor.x, cursor.y, cursor.w, cursor.h);
  }
  if (scene.scatter) paintScatter(brush, scene.scatter, layout.output, palette);
  else brush.outline(atLeast(cellRect, 5));
  paintScaleBar(brush, layout, feature, limitOf(header.features, scene.feature, brush.scale));
  for (const thumb of layout.thumbs) {
    paintMap(brush, scene, thumb.picture, rasters.maps[thumb.feature]);
    const chosen = thumb.feature === scene.feature;
    const { x, y, w, h } = thumb.picture.area;
    if (chosen) brush.outline({ x, y, w, h });
    if (w >= SMALLEST_NUMBERED) paintThumbNumber(brush, thumb.feature + 1, x, y);
  }
}

/**
 * The cells that a pixel feeds, each with the weight on the way; where the cells are small, in a window of their own.
 *
 * @param {Brush} brush
 * @param {import("./scene.js").Scatter} scatter
 * @param {Picture} picture
 * @param {Palette} palette
 */
function paintScatter(brush, { reach }, { area, px }, palette) {
  const { ctx } = brush;
  if (reach.length === 0) return;
  const [top, left] = [Math.min(...reach.map(({ row }) => row)), Math.min(...reach.map(({ col }) => col))];
  const rows = Math.max(...reach.map(({ row }) => row)) - top + 1;
  const cols = Math.max(...reach.map(({ col }) => col)) - left + 1;
  const near = { x: area.x + left * px, y: area.y + top * px, w: cols * px, h: rows * px };
  dimAround(brush, area, near);
  brush.outline(atLeast(near, 5));
  const side = px >= LEGIBLE ? px : Math.min(LEGIBLE, (area.w - 8) / cols, (area.h - 8) / rows);
  const loupe = px >= LEGIBLE ? near : loupeBeside(near, area, cols * side, rows * side);
  const limit = Math.max(...reach.map(({ weights }) => largest(weights)));
  ctx.fillStyle = palette.ground;
  ctx.fillRect(loupe.x, loupe.y, loupe.w, loupe.h);
  for (const { row, col, weights } of reach) {
    const cell = { x: loupe.x + (col - left) * side, y: loupe.y + (row - top) * side, w: side, h: side };
    // Channels that differ stand one above the other.
    const alike = weights.every((weight) => weight === weights[0]);
    const lines = alike ? weights.slice(0, 1) : weights;
    lines.forEach((weight, i) => {
      const line = { x: cell.x, y: cell.y + (i * cell.h) / lines.length, w: cell.w - 1, h: cell.h / lines.length - 1 };
      const rgb = diverging(limit ? weight / limit : 0, palette);
      ctx.fillStyle = css(rgb);
      ctx.fillRect(line.x, line.y, line.w, line.h);
      const text = formatWeight(weight);
      const size = Math.min(15, line.h * 0.7, brush.fittingSize(text, 15, 600, line.w - 4));
      if (size < 7) return;
      brush.text(text, line.x + line.w / 2, line.y + line.h / 2 + 0.5, {
        size, weight: 600, align: "center", colour: inkOn(rgb),
      });
    });
  }
  if (loupe !== near) brush.outline(loupe);
}

// A cell of this side holds a weight that can be read.
const LEGIBLE = 30;

/**
 * Where a magnified picture stands, close to what it magnifies and not over it where that can be.
 *
 * @param {Rect} near
 * @param {Rect} area
 * @param {number} w
 * @param {number} h
 * @returns {Rect}
 */
function loupeBeside(near, area, w, h) {
  const below = near.y + near.h + 14 + h <= area.y + area.h;
  const y = below ? near.y + near.h + 14 : Math.max(area.y + 4, near.y - 14 - h);
  const x = Math.min(Math.max(near.x + near.w / 2 - w / 2, area.x + 4), area.x + area.w - w - 4);
  return { x, y, w, h };
}

/**
 * @param {Brush} brush
 * @param {number} number
 * @param {number} x
 * @param {number} y
 */
function paintThumbNumber(brush, number, x, y) {
  const { ctx, palette } = brush;
  ctx.fillStyle = palette.ground;
  ctx.fillRect(x, y, number > 9 ? 20 : 14, 16);
  brush.text(String(number), x + (number > 9 ? 10 : 7), y + 8.5, { size: 12, weight: 600, align: "center" });
}

/**
 * A map as far as it is filled in: whole rows, then a part of one.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Picture} picture
 * @param {HTMLCanvasElement} raster
 */
function paintMap(brush, scene, picture, raster) {
  const { ctx, palette } = brush;
  const { area } = picture;
  const { outRows, outCols } = scene.model;
  ctx.fillStyle = palette.empty;
  ctx.fillRect(area.x, area.y, area.w, area.h);
  // Raster pixels are cells, but for maps so large that they were sampled.
  const perRow = raster.height / outRows;
  const perCol = raster.width / outCols;
  ctx.imageSmoothingEnabled = area.w < raster.width;
  const reveal = (/** @type {number} */ row, /** @type {number} */ rows, /** @type {number} */ cols) => {
    if (rows < 1 || cols < 1) return;
    ctx.drawImage(
      raster, 0, row * perRow, cols * perCol, rows * perRow,
      area.x, area.y + (row / outRows) * area.h, (cols / outCols) * area.w, (rows / outRows) * area.h,
    );
  };
  const whole = Math.floor(scene.revealed / outCols);
  reveal(0, whole, outCols);
  reveal(whole, 1, scene.revealed % outCols);
  ctx.strokeStyle = palette.faint;
  ctx.lineWidth = 1;
  ctx.strokeRect(area.x, area.y, area.w, area.h);
}

/**
 * @param {Brush} brush
 * @param {Layout} layout
 * @param {import("./payload.js").FeatureHeader} feature
 * @param {number} limit
 */
function paintScaleBar(brush, layout, feature, limit) {
  const { ctx, palette, view } = brush;
  const { x, y, w } = layout.scaleBar;
  const { from, to, colour } = scaleBar(view, limit, palette);
  const bands = 64;
  for (let i = 0; i < bands; i++) {
    ctx.fillStyle = css(colour(i / (bands - 1)));
    ctx.fillRect(x + (i * w) / bands, y, w / bands + 0.5, 9);
  }
  const size = layout.font - 2;
  const line = y + 20;
  brush.text(formatNumber(from, 4), x, line, { size, colour: palette.muted });
  if (from < 0) brush.text("0", x + w / 2, line, { size, colour: palette.muted, align: "center" });
  brush.text(formatNumber(to, 4), x + w, line, { size, colour: palette.muted, align: "right" });
  ctx.fillStyle = palette.text;
  for (const value of [feature.low, feature.high]) {
    const at = to > from ? x + ((value - from) / (to - from)) * w : x + w / 2;
    ctx.fillRect(Math.min(Math.max(at - 1, x), x + w - 2), y - 2, 2, 13);
  }
  const range = rangeText(feature, view);
  const fitting = brush.fittingSize(range, size, 400, w);
  brush.text(range, x + w / 2, y + 36, { size: fitting, colour: palette.muted, align: "center" });
}

/**
 * The numbers on their way from where they are to where they are needed.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {NonNullable<Scene["moving"]>} moving
 * @param {Layout} layout
 * @param {Slot[]} slots of the sum line
 */
function paintFlights(brush, scene, moving, layout, slots) {
  const { palette } = brush;
  const { cell, model } = scene;
  const { into, share } = moving;
  const names = channelNames(model);
  const taps = model.kernelRows * model.kernelCols;
  layout.channelRows.forEach((row, c) => {
    const tint = channelColour(names[c], palette);
    const middle = { x: row.subtotal.x + 8, y: row.patch.area.y + row.patch.area.h / 2 };
    if (into === ADD) fly(brush, middle, slots[c], share, formatNumber(cell.channelSums[c]), tint, slots[c].size);
    if (into > SUM) return;
    for (let tap = 0; tap < taps; tap++) {
      const at = c * taps + tap;
      if (into === TAKE && moving.coming) {
        const from = pixelOf(layout.input, model, moving.coming, tap);
        flyPixel(brush, from, cellOf(row.patch, model, tap), share, channelPixel(moving.coming.patch[at], names[c]));
      } else if (into === MULTIPLY) {
        const to = middleOf(cellOf(row.products, model, tap));
        const size = numberFont(row.patch.cellW, row.patch.cellH, 3);
        fly(brush, middleOf(cellOf(row.patch, model, tap)), to, share, formatNumber(cell.patch[at], 3), tint, size);
        fly(brush, middleOf(cellOf(row.weights, model, tap)), to, share, formatWeight(cell.weights[at]), palette.text, size);
      } else if (into === SUM) {
        const size = numberFont(row.products.cellW, row.products.cellH, 4);
        const from = middleOf(cellOf(row.products, model, tap));
        fly(brush, from, middle, share, formatNumber(cell.products[at], 4), palette.text, size);
      }
    }
  });
  if (into === WRITE) {
    const { area, px } = layout.output;
    const to = { x: area.x + (cell.col + 0.5) * px, y: area.y + (cell.row + 0.5) * px };
    const from = slots[slots.length - 1];
    fly(brush, from, to, share, formatNumber(cell.value), palette.text, from.size);
  }
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
 */
function fly(brush, from, to, share, text, colour, size) {
  if (!size) return;
  const x = from.x + (to.x - from.x) * share;
  const y = from.y + (to.y - from.y) * share;
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

/**
 * @param {Grid} grid
 * @param {Model} model
 * @param {number} tap
 * @returns {Rect}
 */
function cellOf({ area, cellW, cellH }, model, tap) {
  const row = Math.floor(tap / model.kernelCols);
  return { x: area.x + (tap % model.kernelCols) * cellW, y: area.y + row * cellH, w: cellW, h: cellH };
}

/** @param {Rect} rect */
function middleOf(rect) {
  return { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 };
}

/**
 * @param {Brush} brush
 * @param {string} text
 * @param {Rect} room
 * @param {number} size
 */
function wrapText(brush, text, room, size) {
  const lines = [""];
  brush.ctx.font = `400 ${size}px ${brush.family}`;
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (brush.ctx.measureText(longer).width > room.w) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  lines.forEach((line, i) => {
    brush.text(line, room.x, room.y + 8 + i * (size + 4), { size, colour: brush.palette.muted });
  });
}
