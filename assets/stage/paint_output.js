/** The output: the feature map as far as it is filled in, its scale, and the other features beside it. */

import { atLeast, common, dimAround, largest, paintTitle } from "./brush.js";
import { visibleRegion } from "./camera.js";
import { css, diverging, inkOn } from "./colour.js";
import { SMALLEST_TEXT } from "./layout.js";
import { valuesIn } from "./model.js";
import { formatNumber, formatWeight } from "./numbers.js";
import { WRITE, painted } from "./scene.js";
import { colouring, limitOf, rangeText, scaleBar, shownAs } from "./views.js";

/** @import { Brush } from "./brush.js" */
/** @import { Palette } from "./colour.js" */
/** @import { Layout, Picture, Rect } from "./layout.js" */
/** @import { Raster, Rasters } from "./rasters.js" */
/** @import { Scene } from "./scene.js" */

// The number of a smaller thumbnail would cover it.
const SMALLEST_NUMBERED = 44;

// A cell of this side holds its value.
const CELL_WITH_NUMBER = 34;

// A cell of this side holds a weight that can be read.
const LEGIBLE = 30;

/**
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 */
export function paintOutput(brush, scene, layout, rasters) {
  const { palette } = brush;
  const { cell, model } = scene;
  const { header } = model.payload;
  const feature = header.features[scene.feature];
  const which = model.features > 1 ? `Feature ${scene.feature + 1} of ${model.features}` : "Feature map";
  const place = `row ${cell.row}, column ${cell.col}`;
  const shown = shownAs(cell.value, brush.view, model.top);
  const as = shown === cell.value ? "" : `, shown as ${formatNumber(shown)}`;
  const scatter = painted(scene);
  const stamp = model.transposed && scatter?.pixel ? `the kernel × ${scatter.pixel.length === 1 ? formatNumber(scatter.pixel[0]) : "the cell"} is painted here` : "";
  const value = stamp || (scene.part === WRITE ? `${place} is ${formatNumber(cell.value)}${as}` : `${place} comes next`);
  const [title, second] = layout.wide ? [`${which}: ${feature.name}`, value] : [which, feature.name];
  paintTitle(brush, layout.outputTitle, title, second, layout.font);
  const { area, frame, px } = layout.output;
  const placeOf = (/** @type {{row: number, col: number}} */ { row, col }) => ({
    x: area.x + col * px, y: area.y + row * px, w: px, h: px,
  });
  const draw = () => {
    paintMap(brush, scene, layout.output, rasters.maps[scene.feature]);
    if (px >= CELL_WITH_NUMBER) paintValues(brush, scene, layout.output);
    if (scene.pointed) {
      brush.ctx.strokeStyle = brush.palette.text;
      brush.ctx.lineWidth = 1.5;
      const cursor = atLeast(placeOf(scene.cursor), 5);
      brush.ctx.strokeRect(cursor.x, cursor.y, cursor.w, cursor.h);
    }
    if (scatter) paintScatter(brush, scatter, layout.output, palette);
    else brush.outline(atLeast(placeOf(cell), 5));
  };
  if (frame === area) draw();
  else brush.within(frame, draw);
  paintScaleBar(brush, layout, feature, limitOf(header.features, scene.feature, brush.scale), model.top);
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
function paintScatter(brush, { reach }, { area, frame, px }, palette) {
  const { ctx } = brush;
  if (reach.length === 0) return;
  const [top, left] = [Math.min(...reach.map(({ row }) => row)), Math.min(...reach.map(({ col }) => col))];
  const rows = Math.max(...reach.map(({ row }) => row)) - top + 1;
  const cols = Math.max(...reach.map(({ col }) => col)) - left + 1;
  const near = { x: area.x + left * px, y: area.y + top * px, w: cols * px, h: rows * px };
  dimAround(brush, frame, common(near, frame));
  brush.outline(atLeast(near, 5));
  const side = px >= LEGIBLE ? px : Math.min(LEGIBLE, (frame.w - 8) / cols, (frame.h - 8) / rows);
  const loupe = px >= LEGIBLE ? near : loupeBeside(near, frame, cols * side, rows * side);
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
      if (size < SMALLEST_TEXT) return;
      brush.text(text, line.x + line.w / 2, line.y + line.h / 2 + 0.5, {
        size, weight: 600, align: "center", colour: inkOn(rgb),
      });
    });
  }
  if (loupe !== near) brush.outline(loupe);
}

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
 * @param {Raster[]} rasters the finer after the coarser
 */
function paintMap(brush, scene, picture, rasters) {
  const { ctx, palette } = brush;
  const { frame } = picture;
  const { outCols } = scene.model;
  ctx.fillStyle = palette.empty;
  ctx.fillRect(frame.x, frame.y, frame.w, frame.h);
  const whole = Math.floor(scene.revealed / outCols);
  for (const raster of rasters) {
    brush.raster(raster, picture, { row: 0, col: 0, rows: whole, cols: outCols });
    brush.raster(raster, picture, { row: whole, col: 0, rows: 1, cols: scene.revealed % outCols });
  }
  ctx.strokeStyle = palette.faint;
  ctx.lineWidth = 1;
  ctx.strokeRect(frame.x, frame.y, frame.w, frame.h);
}

/**
 * The values of the cells that are seen and filled in.
 *
 * @param {Brush} brush
 * @param {Scene} scene
 * @param {Picture} picture
 */
function paintValues(brush, { model, revealed, feature }, picture) {
  const { area, px, rows, cols } = picture;
  const seen = visibleRegion(picture);
  const { header } = model.payload;
  const colour = colouring(brush.view, limitOf(header.features, feature, brush.scale), model.top, brush.palette);
  const [row, col] = [Math.floor(seen.row), Math.floor(seen.col)];
  const region = {
    row, col,
    rows: Math.min(rows, Math.ceil(seen.row + seen.rows)) - row,
    cols: Math.min(cols, Math.ceil(seen.col + seen.cols)) - col,
  };
  valuesIn(model, feature, region).forEach((value, i) => {
    const at = { row: row + Math.floor(i / region.cols), col: col + (i % region.cols) };
    if (at.row * cols + at.col >= revealed) return;
    const text = formatNumber(shownAs(value, brush.view, model.top), 4);
    const size = brush.fittingSize(text, 14, 500, px - 5);
    if (size < SMALLEST_TEXT) return;
    brush.text(text, area.x + (at.col + 0.5) * px, area.y + (at.row + 0.5) * px + 0.5, {
      size, weight: 500, align: "center", colour: inkOn(colour(value)),
    });
  });
}

/**
 * @param {Brush} brush
 * @param {Layout} layout
 * @param {import("./payload.js").FeatureHeader} feature
 * @param {number} limit
 * @param {number} top
 */
function paintScaleBar(brush, layout, feature, limit, top) {
  const { ctx, palette, view } = brush;
  const { x, y, w } = layout.scaleBar;
  const { from, to, colour } = scaleBar(view, limit, top, palette);
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
  const range = rangeText(feature, view, top);
  const fitting = brush.fittingSize(range, size, 400, w);
  brush.text(range, x + w / 2, y + 36, { size: fitting, colour: palette.muted, align: "center" });
}
