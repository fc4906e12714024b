/** The brush: a context with the palette and the font at hand, and what all painters draw with it. */

import { intersection, visibleRegion } from "./camera.js";

/** @import { Palette, Rgb } from "./colour.js" */
/** @import { Region } from "./camera.js" */
/** @import { Grid, Picture, Rect } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Raster } from "./rasters.js" */
/** @import { Scale, View } from "./views.js" */

/**
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {object} Style
 * @property {Palette} palette
 * @property {string} family of the font
 * @property {View} [view] of the maps
 * @property {Scale} [scale] of the maps
 * @property {boolean} [loupe] whether the window is shown enlarged where pixels are too small for their numbers
 */

/** What tells padding from the photo: a veil, so much of it, and lines over it.
 * @type {Rgb}
 */
export const PADDING_VEIL = [110, 120, 135];

export const PADDING_SHARE = 0.35;

export const PADDING_LINE = "rgba(200, 208, 220, 0.55)";

// In a smaller cell dashes would be dots.
const SMALLEST_DASHED = 9;

/** A context with the palette and the font at hand. */
export class Brush {
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
    this.loupe = style.loupe ?? false;
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
      [palette.halo, palette.outline + 2, (palette.outline + 1) / 2],
      [palette.accent, palette.outline, palette.outline / 2],
    ])) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.strokeRect(rect.x - away, rect.y - away, rect.w + 2 * away, rect.h + 2 * away);
    }
  }

  /**
   * Draw nothing outside of a frame.
   *
   * @param {Rect} frame
   * @param {() => void} draw
   */
  within({ x, y, w, h }, draw) {
    const { ctx } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, y, w, h);
    ctx.clip();
    draw();
    ctx.restore();
  }

  /**
   * Draw what a raster has of a region of its picture, as far as it is seen.
   *
   * @param {Raster} raster
   * @param {Picture} picture
   * @param {Region} [region] in the picture's pixels
   */
  raster({ canvas, region: whole }, picture, region = whole) {
    const { area, px } = picture;
    const { row, col, rows, cols } = intersection(intersection(whole, region), visibleRegion(picture));
    if (rows <= 0 || cols <= 0) return;
    const [perRow, perCol] = [canvas.height / whole.rows, canvas.width / whole.cols];
    this.ctx.imageSmoothingEnabled = px < perCol;
    this.ctx.drawImage(
      canvas, (col - whole.col) * perCol, (row - whole.row) * perRow, cols * perCol, rows * perRow,
      area.x + col * px, area.y + row * px, cols * px, rows * px,
    );
  }

  /**
   * A zero that a transposed convolution sets between the cells: hollow, in dashes where there is room for them.
   *
   * @param {Rect} rect
   */
  hollow(rect) {
    const { ctx, palette } = this;
    ctx.fillStyle = palette.empty;
    ctx.fillRect(rect.x, rect.y, rect.w, rect.h);
    if (Math.min(rect.w, rect.h) < SMALLEST_DASHED) return;
    ctx.strokeStyle = palette.muted;
    ctx.lineWidth = 1;
    ctx.setLineDash([3, 3]);
    ctx.strokeRect(rect.x + 1.5, rect.y + 1.5, rect.w - 3, rect.h - 3);
    ctx.setLineDash([]);
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
    this.within(rect, () => {
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
    });
  }
}

/**
 * @param {Brush} brush
 * @param {Rect} rect
 * @param {string} title
 * @param {string} second
 * @param {number} font
 */
export function paintTitle(brush, rect, title, second, font) {
  brush.text(title, rect.x, rect.y + 10, { size: font + 1, weight: 600, room: rect.w });
  if (second) {
    brush.text(second, rect.x, rect.y + 29, { size: font - 1, colour: brush.palette.muted, room: rect.w });
  }
}

/**
 * @param {Brush} brush
 * @param {Rect} area
 * @param {Rect} window
 */
export function dimAround(brush, area, window) {
  const { ctx, palette } = brush;
  ctx.fillStyle = palette.veil;
  // One path with a hole: rectangles side by side would leave seams between them.
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.w, area.h);
  ctx.rect(window.x, window.y, window.w, window.h);
  ctx.fill("evenodd");
}

/**
 * @param {Rect} rect
 * @param {number} least
 * @returns {Rect}
 */
export function atLeast(rect, least) {
  const w = Math.max(rect.w, least);
  const h = Math.max(rect.h, least);
  return { x: rect.x - (w - rect.w) / 2, y: rect.y - (h - rect.h) / 2, w, h };
}

/**
 * A colour as it looks on the padding.
 *
 * @param {Rgb} rgb
 * @returns {Rgb}
 */
export function veiled(rgb) {
  const mix = (/** @type {number} */ i) => Math.round(rgb[i] * (1 - PADDING_SHARE) + PADDING_VEIL[i] * PADDING_SHARE);
  return [mix(0), mix(1), mix(2)];
}

/**
 * What two rectangles share; of no size where that is nothing.
 *
 * @param {Rect} one
 * @param {Rect} other
 * @returns {Rect}
 */
export function common(one, other) {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const w = Math.max(0, Math.min(one.x + one.w, other.x + other.w) - x);
  return { x, y, w, h: Math.max(0, Math.min(one.y + one.h, other.y + other.h) - y) };
}

/** @param {Float64Array} values */
export function largest(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/**
 * @param {Grid} grid
 * @param {Model} model
 * @param {number} tap
 * @returns {Rect}
 */
export function cellOf({ area, cellW, cellH }, model, tap) {
  const row = Math.floor(tap / model.kernelCols);
  return { x: area.x + (tap % model.kernelCols) * cellW, y: area.y + row * cellH, w: cellW, h: cellH };
}

/** @param {Rect} rect */
export function middleOf(rect) {
  return { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 };
}

/**
 * @param {Brush} brush
 * @param {string} text
 * @param {Rect} room
 * @param {number} size
 */
export function wrapText(brush, text, room, size) {
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
