/** What the bench draws: the photo, the enlarged patch, and the map, crisp at any ratio of device pixels. */

import { SIDE, channelPixel, diverging, levelColours } from "../stage/colour.js";
import { canvasOf } from "../stage/rasters.js";

/** @import { Palette } from "../stage/colour.js" */
/** @import { Image } from "../stage/payload.js" */

/**
 * @typedef {{width: number, height: number, px: number, ratio: number}} Fit in CSS pixels; px: a pixel or cell
 */

/** Outlines at the border of a picture reach so far beyond it; in whole device pixels, so that it stays crisp.
 * @param {number} ratio
 */
export function bleedOf(ratio) {
  return Math.ceil(5 * ratio) / ratio;
}

const LARGEST_SIDE = 1024;

/**
 * How large to draw so many rows and columns: each cell as many whole device pixels as there is room for; where not
 * even one fits, smaller.
 *
 * @param {number} rows
 * @param {number} cols
 * @param {number} wide CSS pixels that there are
 * @param {number} tall
 * @param {number} ratio device pixels in one of CSS
 * @returns {Fit}
 */
export function fitted(rows, cols, wide, tall, ratio) {
  const most = Math.min((wide * ratio) / cols, (tall * ratio) / rows);
  const px = (most < 1 ? most : Math.floor(most + 1e-6)) / ratio;
  return { width: cols * px, height: rows * px, px, ratio };
}

/**
 * The photo, pixel by pixel; a large one sampled. What is no photo, such as the maps of a layer before, is shown by its
 * channels' mean on the diverging scale.
 *
 * @param {Image} image
 * @param {number[]} shape rows, columns, channels
 * @param {Palette} palette
 */
export function photoRaster(image, [rows, cols, channels], palette) {
  const shrink = Math.max(1, Math.max(rows, cols) / LARGEST_SIDE);
  const [tall, wide] = [Math.ceil(rows / shrink), Math.ceil(cols / shrink)];
  const colour = pixelColours(image, channels, palette);
  return canvasOf(tall, wide, (data) => {
    let at = 0;
    for (let r = 0; r < tall; r++) {
      for (let c = 0; c < wide; c++) {
        const rgb = colour(Math.floor(r * shrink) * cols + Math.floor(c * shrink));
        data[at] = rgb[0];
        data[at + 1] = rgb[1];
        data[at + 2] = rgb[2];
        data[at + 3] = 255;
        at += 4;
      }
    }
  });
}

/**
 * @param {Image} image
 * @param {number} channels
 * @param {Palette} palette
 * @returns {(pixel: number) => ArrayLike<number>}
 */
function pixelColours(image, channels, palette) {
  if (!(image instanceof Float32Array) && channels === 3) return (pixel) => image.subarray(3 * pixel, 3 * pixel + 3);
  const mean = (/** @type {number} */ pixel) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += image[pixel * channels + c];
    return sum / channels;
  };
  if (!(image instanceof Float32Array)) return (pixel) => channelPixel(Math.round(mean(pixel)), "");
  const limit = image.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return (pixel) => diverging(mean(pixel) / limit, palette);
}

/** A picture of a map that is drawn anew at every change: its canvas and bytes are kept. */
export class MapPicture {
  constructor() {
    this.canvas = document.createElement("canvas");
    /** @type {ImageData | null} */
    this.pixels = null;
    /** @type {Palette | null} */
    this.palette = null;
    this.colours = new Uint8Array(0);
  }

  /**
   * @param {number[]} shape rows, columns
   * @param {ArrayLike<number>} values
   * @param {number} limit the magnitude where the colours end
   * @param {number} rounding what is smaller counts as 0
   * @param {Palette} palette
   */
  draw([rows, cols], values, limit, rounding, palette) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    if (!this.pixels || this.canvas.width !== cols || this.canvas.height !== rows) {
      this.canvas.width = cols;
      this.canvas.height = rows;
      this.pixels = context.createImageData(cols, rows);
      this.pixels.data.fill(255);
    }
    if (this.palette !== palette) {
      this.palette = palette;
      this.colours = Uint8Array.from(levelColours(palette).flat());
    }
    const { data } = this.pixels;
    for (let i = 0, at = 0; i < values.length; i++, at += 4) {
      const from = 3 * levelOf(values[i], limit, rounding);
      data[at] = this.colours[from];
      data[at + 1] = this.colours[from + 1];
      data[at + 2] = this.colours[from + 2];
    }
    context.putImageData(this.pixels, 0, 0);
    return this.canvas;
  }
}

/**
 * The place of a value in `levelColours`: neutral for 0 and for nothing else.
 *
 * @param {number} value
 * @param {number} limit
 * @param {number} rounding
 */
export function levelOf(value, limit, rounding) {
  const size = Math.abs(value);
  if (size <= rounding || limit === 0) return SIDE;
  const level = Math.min(SIDE, Math.max(1, Math.round((size / limit) * SIDE)));
  return value > 0 ? SIDE + level : SIDE - level;
}

/**
 * Draw a raster on a canvas of its own, with room for outlines, and hand on the context in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} raster
 * @param {Fit} fit
 * @returns {CanvasRenderingContext2D}
 */
export function show(canvas, raster, { width, height, px, ratio }) {
  const bleed = bleedOf(ratio);
  const [wide, tall] = [Math.round((width + 2 * bleed) * ratio), Math.round((height + 2 * bleed) * ratio)];
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
    canvas.style.width = `${wide / ratio}px`;
    canvas.style.height = `${tall / ratio}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, wide, tall);
  context.translate(bleed, bleed);
  context.imageSmoothingEnabled = px * ratio < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(raster, 0, 0, width, height);
  return context;
}

/**
 * The diverging scale as a gradient of CSS.
 *
 * @param {Palette} palette
 */
export function gradientOf(palette) {
  const stops = Array.from({ length: 41 }, (_, i) => `rgb(${diverging(i / 20 - 1, palette).join(" ")})`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
