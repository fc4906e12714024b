/** The input: the photo in its ring of padding, the window, and what no window reads. */

import { PADDING_LINE, PADDING_SHARE, PADDING_VEIL, atLeast, common, dimAround, paintTitle, wrapText } from "./brush.js";
import { visibleRegion } from "./camera.js";
import { css } from "./colour.js";
import { channelNames, isBetween } from "./model.js";
import { formatNumber } from "./numbers.js";
import { PIXEL_WITH_NUMBERS, paintLoupe, paintPixelNumbers } from "./paint_pixels.js";
import { inputPlace, unusedText } from "./readout.js";

/** @import { Brush } from "./brush.js" */
/** @import { Layout, Picture, Rect } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Rasters } from "./rasters.js" */
/** @import { Scene, Sharing } from "./scene.js" */

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 */
export function paintInput(brush, scene, layout, rasters) {
  const { model } = scene;
  const { input } = layout;
  const { frame, px } = input;
  const [[top], [left]] = model.payload.header.pads;
  const placeOf = (/** @type {number} */ row, /** @type {number} */ col) => ({
    x: input.area.x + (col + left) * px, y: input.area.y + (row + top) * px, w: px, h: px,
  });
  const spanOf = (/** @type {number[]} */ p) => p[p.length - 1] - p[0] + 1;
  const window = {
    ...placeOf(scene.windowAt.row, scene.windowAt.col),
    w: spanOf(scene.cell.colPositions) * px,
    h: spanOf(scene.cell.rowPositions) * px,
  };
  paintTitle(brush, layout.inputTitle, ...titleOf(scene), layout.font);
  const draw = () => {
    for (const raster of rasters.input) brush.raster(raster, input);
    paintPaddingRing(brush, model, input);
    if (Math.max(...model.stretch) > 1) paintBetween(brush, model, input, placeOf);
    paintUnread(brush, model, input, placeOf);
    if (px >= PIXEL_WITH_NUMBERS) paintPixelNumbers(brush, model, input, visibleRegion(input), scene.channel);
    if (scene.sharing) {
      const { row, col } = scene.sharing;
      paintSharing(brush, scene.sharing, input, model);
      outlineThin(brush, atLeast(window, 5));
      brush.outline(atLeast(placeOf(scene.cell.rowPositions[row], scene.cell.colPositions[col]), 5));
    } else if (scene.scatter) {
      const pixel = placeOf(scene.scatter.row, scene.scatter.col);
      dimAround(brush, frame, common(pixel, frame));
      if (scene.held) outlineThin(brush, atLeast(window, 5));
      brush.outline(atLeast(pixel, 5));
    } else {
      const seen = common(window, frame);
      // Where the window is out of sight, nothing matters less than anything else.
      if (seen.w * seen.h > 0) dimAround(brush, frame, seen);
      paintTaps(brush, scene, window, px);
      brush.outline(atLeast(window, 5));
      if (scene.tap) brush.outline(atLeast(placeOf(scene.cell.rowPositions[scene.tap.row], scene.cell.colPositions[scene.tap.col]), 5));
    }
  };
  if (frame === input.area) {
    draw();
  } else {
    brush.within(frame, draw);
    brush.ctx.strokeStyle = brush.palette.muted;
    brush.ctx.lineWidth = 1;
    brush.ctx.strokeRect(frame.x, frame.y, frame.w, frame.h);
  }
  if (brush.loupe && px < PIXEL_WITH_NUMBERS && !scene.sharing) {
    const { inputNote, inputTitle } = layout;
    const y = inputNote.y + inputNote.h + 4;
    // On a narrow stage other things stand there.
    const below = { x: inputTitle.x, y, w: inputTitle.w, h: layout.wide ? layout.height - y - 4 : 0 };
    paintLoupe(brush, scene, input, window, below);
  }
  const note = unusedText(model);
  if (note) {
    wrapText(brush, note, layout.inputNote, layout.font - 1);
  }
}

/**
 * The window, where something else is what matters.
 *
 * @param {Brush} brush
 * @param {Rect} window
 */
function outlineThin({ ctx, palette }, { x, y, w, h }) {
  for (const [colour, width] of /** @type {[string, number][]} */ ([[palette.halo, 3.5], [palette.text, 1.5]])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.strokeRect(x, y, w, h);
  }
}

/**
 * The title, and what stands under it: the padding, or what is pointed at.
 *
 * @param {Scene} scene
 * @returns {[string, string]}
 */
function titleOf({ model, scatter, channel }) {
  const { imageShape } = model.payload.header;
  const one = model.channels > 1 && !model.photo ? `, ${channelNames(model)[channel]} shown` : "";
  const title = `Input ${imageShape.join(" × ")}${one}`;
  if (!scatter) return [title, paddingText(model)];
  const place = `row ${formatNumber(scatter.row / model.stretch[0])}, column ${formatNumber(scatter.col / model.stretch[1])}`;
  if (!scatter.pixel && model.transposed) return [title, inputPlace(model, scatter.row, scatter.col)];
  if (!scatter.pixel) return [title, `${place}: padding`];
  const names = channelNames(model);
  const shown = names.length > 4 ? [channel] : names.map((_, c) => c);
  return [title, `${place}: ${shown.map((c) => `${names[c]} ${formatNumber(/** @type {number[]} */ (scatter.pixel)[c], 4)}`).join(", ")}`];
}

/**
 * @param {Brush} brush
 * @param {Model} model
 * @param {Picture} input
 * @param {(row: number, col: number) => Rect} placeOf
 */
function paintUnread(brush, model, { px }, placeOf) {
  const { palette } = brush;
  const shade = palette.dark ? "rgba(24, 28, 34, 0.78)" : "rgba(238, 240, 243, 0.8)";
  for (const { start, count } of model.unreadRows) {
    brush.hatch({ ...placeOf(start, 0), w: model.cols * px, h: count * px }, shade, palette.muted);
  }
  for (const { start, count } of model.unreadCols) {
    brush.hatch({ ...placeOf(0, start), w: count * px, h: model.rows * px }, shade, palette.muted);
  }
}

/**
 * Every place that a weight meets: strong where it has been, faint where it will be.
 *
 * @param {Brush} brush
 * @param {Sharing} sharing
 * @param {Picture} picture
 * @param {Model} model
 */
function paintSharing(brush, { rows, cols, met }, { area, frame, px }, model) {
  const { ctx, palette } = brush;
  const [[top], [left]] = model.payload.header.pads;
  ctx.fillStyle = palette.veil;
  ctx.fillRect(frame.x, frame.y, frame.w, frame.h);
  // Rows of the map in one go where its columns lie side by side.
  const dense = cols.length < 2 || cols[1] - cols[0] === 1;
  ctx.fillStyle = palette.accent;
  rows.forEach((row, r) => {
    const y = area.y + (row + top) * px;
    if (y + px < frame.y || y > frame.y + frame.h) return;
    const done = Math.min(Math.max(met - r * cols.length, 0), cols.length);
    for (const [from, to, strength] of /** @type {[number, number, number][]} */ ([[0, done, 0.5], [done, cols.length, 0.18]])) {
      if (from === to) continue;
      ctx.globalAlpha = strength;
      if (dense) ctx.fillRect(area.x + (cols[from] + left) * px, y, (to - from) * px, px);
      else for (let c = from; c < to; c++) ctx.fillRect(area.x + (cols[c] + left) * px, y, px, px);
    }
  });
  ctx.globalAlpha = 1;
}

/**
 * The zeros between the cells of a transposed convolution.
 *
 * @param {Brush} brush
 * @param {Model} model
 * @param {Picture} input
 * @param {(row: number, col: number) => Rect} placeOf
 */
function paintBetween(brush, model, input, placeOf) {
  const [[top], [left]] = model.payload.header.pads;
  const seen = visibleRegion(input);
  const from = (/** @type {number} */ start, /** @type {number} */ before) => Math.max(0, Math.floor(start) - before);
  for (let row = from(seen.row, top); row < Math.min(model.rows, seen.row + seen.rows - top); row++) {
    for (let col = from(seen.col, left); col < Math.min(model.cols, seen.col + seen.cols - left); col++) {
      if (isBetween(model, row, col)) brush.hollow(placeOf(row, col));
    }
  }
}

/**
 * The zeros that make a transposed convolution a plain one.
 *
 * @param {Model} model
 */
function zerosText({ stretch, payload }) {
  const [[top, bottom], [left, right]] = payload.header.pads;
  const [down, across] = stretch.map((every) => every - 1);
  const between = down === across ? `${down}` : `${down} and ${across}`;
  const ends = top === bottom ? `${top}` : `${top} and ${bottom}`;
  const around = top === left && bottom === right ? `${ends} around` : `around ↑${top} ↓${bottom} ←${left} →${right}`;
  const parts = [down || across ? `${between} between` : "", top || bottom || left || right ? around : ""].filter(Boolean);
  return parts.length ? `zeros: ${parts.join(", ")}` : "no zeros between or around";
}

/** @param {Model} model */
function paddingText(model) {
  if (model.transposed) return zerosText(model);
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
function paintPaddingRing(brush, model, { area, frame, px }) {
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
    const seen = common(band, frame);
    if (seen.w > 0 && seen.h > 0) brush.hatch(seen, css([...PADDING_VEIL, PADDING_SHARE]), PADDING_LINE);
  }
  if (top || bottom || left || right) {
    brush.ctx.strokeStyle = brush.palette.text;
    brush.ctx.lineWidth = 1;
    brush.ctx.strokeRect(inner.x, inner.y, inner.w, inner.h);
  }
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
