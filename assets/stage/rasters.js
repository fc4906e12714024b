/**
 * The pictures that are drawn once and shown many times: the padded photo, and each feature map.
 */

import { sourceOf } from "./model.js";
import { LEVELS } from "./payload.js";
import { coloursOf, limitOf, placing } from "./views.js";

/** @import { Model } from "./model.js" */
/** @import { Palette } from "./colour.js" */
/** @import { Scale, View } from "./views.js" */

// No screen shows more, and browsers differ in what larger canvases they allow.
const LARGEST_SIDE = 2048;

/**
 * @typedef {object} Rasters
 * @property {HTMLCanvasElement} input the photo in its ring of padding
 * @property {HTMLCanvasElement[]} maps one for each feature
 */

/**
 * @param {Model} model
 * @param {Palette} palette
 * @param {View} view
 * @param {Scale} scale
 * @returns {Rasters}
 */
export function makeRasters(model, palette, view, scale) {
  return { input: inputRaster(model), maps: mapRasters(model, palette, view, scale) };
}

/** @param {Model} model */
function inputRaster(model) {
  const { header, image } = model.payload;
  const { pads, boundary } = header;
  const rows = model.rows + pads[0][0] + pads[0][1];
  const cols = model.cols + pads[1][0] + pads[1][1];
  const shrink = Math.max(1, Math.max(rows, cols) / LARGEST_SIDE);
  const rowSources = sourcesAlong(Math.ceil(rows / shrink), shrink, pads[0][0], model.rows, boundary);
  const colSources = sourcesAlong(Math.ceil(cols / shrink), shrink, pads[1][0], model.cols, boundary);
  return canvasOf(rowSources.length, colSources.length, (data) => {
    let at = 0;
    for (const row of rowSources) {
      for (const col of colSources) {
        const pixel = (row * model.cols + col) * model.channels;
        for (let c = 0; c < 3; c++) {
          data[at + c] = row < 0 || col < 0 ? 0 : image[pixel + (model.channels === 3 ? c : 0)];
        }
        data[at + 3] = 255;
        at += 4;
      }
    }
  });
}

/**
 * @param {number} count
 * @param {number} shrink
 * @param {number} before the padding in front
 * @param {number} length
 * @param {string} boundary
 */
function sourcesAlong(count, shrink, before, length, boundary) {
  return Array.from({ length: count }, (_, i) => sourceOf(Math.floor(i * shrink) - before, length, boundary));
}

/**
 * @param {Model} model
 * @param {Palette} palette
 * @param {View} view
 * @param {Scale} scale
 */
function mapRasters(model, palette, view, scale) {
  const { header, levels, levelsShape } = model.payload;
  const [features, rows, cols] = levelsShape;
  const colours = Uint8Array.from(coloursOf(view, palette).flat());
  return Array.from({ length: features }, (_, feature) => {
    const place = placing(view, limitOf(header.features, feature, scale));
    const unit = header.features[feature].limit / LEVELS;
    return canvasOf(rows, cols, (data) => {
      const start = feature * rows * cols;
      for (let i = 0; i < rows * cols; i++) {
        const at = 3 * place(levels[start + i] * unit);
        data[4 * i] = colours[at];
        data[4 * i + 1] = colours[at + 1];
        data[4 * i + 2] = colours[at + 2];
        data[4 * i + 3] = 255;
      }
    });
  });
}

/**
 * @param {number} rows
 * @param {number} cols
 * @param {(data: Uint8ClampedArray) => void} fill
 */
function canvasOf(rows, cols, fill) {
  const canvas = document.createElement("canvas");
  canvas.width = cols;
  canvas.height = rows;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = context.createImageData(cols, rows);
  fill(pixels.data);
  context.putImageData(pixels, 0, 0);
  return canvas;
}
