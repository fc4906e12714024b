/** The input: the photo in its ring of padding, the window, and what no window reads. */

import { PADDING_LINE, PADDING_SHARE, PADDING_VEIL, atLeast, dimAround, paintTitle, wrapText } from "./brush.js";
import { css } from "./colour.js";
import { unusedText } from "./readout.js";

/** @import { Brush } from "./brush.js" */
/** @import { Layout, Picture, Rect } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Rasters } from "./rasters.js" */
/** @import { Scene } from "./scene.js" */

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 */
export function paintInput(brush, scene, layout, rasters) {
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
