/**
 * The pictures that are drawn once and shown many times: the padded input, and each feature map; and, of one so large
 * that its picture is coarse, the part that is zoomed into.
 */

import { intersection, visibleRegion } from "./camera.js";
import { channelPixel, diverging } from "./colour.js";
import { inputAt, sourceAt, valuesIn } from "./model.js";
import { LEVELS } from "./payload.js";
import { coloursOf, limitOf, placing } from "./views.js";

/** @import { Region } from "./camera.js" */
/** @import { Palette, Rgb } from "./colour.js" */
/** @import { Layout, Picture } from "./layout.js" */
/** @import { Model } from "./model.js" */
/** @import { Scale, View } from "./views.js" */

// No screen shows more, and browsers differ in what larger canvases they allow.
const LARGEST_SIDE = 2048;

// A part of a map is computed here if it takes no more multiplications than a person waits for without noticing.
const MOST_PRODUCTS = 12e6;

/**
 * @typedef {object} Raster
 * @property {HTMLCanvasElement} canvas
 * @property {Region} region of the picture that it shows, in the picture's pixels
 *
 * @typedef {object} Rasters what is drawn for each picture, the finer over the coarser
 * @property {Raster[]} input the input in its ring of padding
 * @property {Raster[][]} maps one list for each feature
 *
 * @typedef {object} Look how inputs and maps are turned into colours
 * @property {Palette} palette
 * @property {View} view
 * @property {Scale} scale
 * @property {number} channel of the input that is shown, where it is not a photo in three colours
 */

/** The rasters of one experiment: made when they are first asked for, and again only where their look has changed. */
export class RasterStore {
  /**
   * @param {Model} model
   * @param {RasterStore | null} before of the experiment that was shown until now
   */
  constructor(model, before) {
    this.model = model;
    /** @type {Map<string, {look: string, raster: Raster}>} */
    this.kept = new Map();
    // A change of the kernels leaves the picture as it was.
    const input = before && keptInput(before, model);
    if (input) this.kept.set("input", input);
  }

  /**
   * @param {Look} look
   * @param {Layout} layout as the camera sees it
   * @param {number} feature the one of the large map
   * @param {number} ratio device pixels in one of CSS
   * @returns {Rasters}
   */
  rasters(look, layout, feature, ratio) {
    const { model } = this;
    const { palette, view, scale, channel } = look;
    const { levelsShape } = model.payload;
    const inputLook = model.signed ? `${channel} ${palette.stops}` : String(channel);
    const mapLook = `${view} ${scale} ${palette.stops}`;
    const input = this.keep("input", inputLook, () => inputRaster(model, wholeInput(layout.input), look));
    const maps = Array.from({ length: levelsShape[0] }, (_, k) => [
      this.keep(`map ${k}`, mapLook, () => mapRaster(model, k, look)),
    ]);
    return {
      input: [input, ...this.detail("input", inputLook, layout.input, input, ratio, (region) => inputRaster(model, region, look))],
      maps: maps.map((rasters, k) => k !== feature ? rasters : [
        ...rasters,
        ...this.detail("map", `${mapLook} ${feature}`, layout.output, rasters[0], ratio, (region) => detailOfMap(model, k, region, look)),
      ]),
    };
  }

  /**
   * @param {string} name
   * @param {string} look
   * @param {() => Raster} make
   */
  keep(name, look, make) {
    const kept = this.kept.get(name);
    if (kept?.look === look) return kept.raster;
    const raster = make();
    this.kept.set(name, { look, raster });
    return raster;
  }

  /**
   * The part of a picture that is zoomed into, finer than the whole of it; nothing where that is fine enough.
   *
   * @param {string} name
   * @param {string} look
   * @param {Picture} picture
   * @param {Raster} coarse
   * @param {number} ratio
   * @param {(region: Region) => Raster | null} make
   * @returns {Raster[]}
   */
  detail(name, look, picture, coarse, ratio, make) {
    const finest = Math.min(1, picture.px * ratio);
    if (coarse.canvas.width / coarse.region.cols >= finest) return [];
    const seen = visibleRegion(picture);
    const kept = this.kept.get(`${name} detail`);
    if (kept?.look === look && covers(kept.raster.region, seen)) return [kept.raster];
    const raster = make(around(seen, picture));
    if (raster) this.kept.set(`${name} detail`, { look, raster });
    return raster ? [raster] : [];
  }
}

/**
 * @param {RasterStore} store
 * @param {Model} model
 */
function keptInput({ model: { payload: { header, image } }, kept }, { payload: next }) {
  const { boundary, pads, stretch } = next.header;
  const same = image === next.image && header.boundary === boundary && String(header.pads) === String(pads)
    && String(header.stretch) === String(stretch);
  return same ? kept.get("input") : undefined;
}

/**
 * @param {Picture} picture
 * @returns {Region}
 */
function wholeInput({ rows, cols }) {
  return { row: 0, col: 0, rows, cols };
}

/**
 * @param {Region} outer
 * @param {Region} inner
 */
function covers(outer, inner) {
  const shared = intersection(outer, inner);
  return shared.rows >= inner.rows - 1e-6 && shared.cols >= inner.cols - 1e-6;
}

/**
 * What is seen and a half of it on each side, so that a small move needs no new picture; in whole pixels.
 *
 * @param {Region} seen
 * @param {Picture} picture
 * @returns {Region}
 */
function around(seen, { rows, cols }) {
  const row = Math.max(0, Math.floor(seen.row - seen.rows / 2));
  const col = Math.max(0, Math.floor(seen.col - seen.cols / 2));
  return {
    row, col,
    rows: Math.min(rows, Math.ceil(seen.row + 1.5 * seen.rows)) - row,
    cols: Math.min(cols, Math.ceil(seen.col + 1.5 * seen.cols)) - col,
  };
}

/**
 * @param {Model} model
 * @param {Region} region of the input with its padding
 * @param {Look} look
 * @returns {Raster}
 */
function inputRaster(model, region, { palette, channel }) {
  const { pads } = model.payload.header;
  const shrink = Math.max(1, Math.max(region.rows, region.cols) / LARGEST_SIDE);
  const rowSources = sourcesAlong(model, 0, region.row - pads[0][0], region.rows, shrink);
  const colSources = sourcesAlong(model, 1, region.col - pads[1][0], region.cols, shrink);
  const colour = inputColouring(model, palette);
  // A photo is copied, byte by byte: it may have 24 million of them.
  const { image } = model.payload;
  const canvas = canvasOf(rowSources.length, colSources.length, (data) => {
    let at = 0;
    for (const row of rowSources) {
      for (const col of colSources) {
        const pixel = (row * model.imageCols + col) * model.channels;
        const beyond = row < 0 || col < 0;
        if (model.photo) {
          for (let c = 0; c < 3; c++) data[at + c] = beyond ? 0 : image[pixel + c];
        } else {
          const rgb = colour(beyond ? 0 : inputAt(model, pixel + channel), "");
          for (let c = 0; c < 3; c++) data[at + c] = rgb[c];
        }
        data[at + 3] = 255;
        at += 4;
      }
    }
  });
  return { canvas, region };
}

/**
 * A function from a value of the input, and its channel's name, to its colour: grey or the channel's own for
 * pixels, the diverging scale for the maps of a layer before.
 *
 * @param {Model} model
 * @param {Palette} palette
 * @returns {(value: number, name: string) => Rgb}
 */
export function inputColouring({ signed, inputLimit }, palette) {
  const unit = inputLimit || 1;
  if (signed) return (value) => diverging(value / unit, palette);
  return (value, name) => channelPixel(Math.round((255 * value) / unit), name);
}

/**
 * @param {Model} model
 * @param {0 | 1} axis
 * @param {number} start
 * @param {number} length
 * @param {number} shrink
 */
function sourcesAlong(model, axis, start, length, shrink) {
  const count = Math.ceil(length / shrink);
  return Array.from({ length: count }, (_, i) => sourceAt(model, axis, start + Math.floor(i * shrink)));
}

/**
 * @param {Model} model
 * @param {number} feature
 * @param {Look} look
 * @returns {Raster}
 */
function mapRaster(model, feature, look) {
  const { header, levels, levelsShape } = model.payload;
  const [, rows, cols] = levelsShape;
  const unit = header.features[feature].limit / LEVELS;
  const start = feature * rows * cols;
  const canvas = mapCanvas(model, feature, look, rows, cols, (i) => levels[start + i] * unit);
  return { canvas, region: { row: 0, col: 0, rows: model.outRows, cols: model.outCols } };
}

/**
 * A part of a map cell by cell, computed from the input; null where that would take too long.
 *
 * @param {Model} model
 * @param {number} feature
 * @param {Region} region
 * @param {Look} look
 * @returns {Raster | null}
 */
function detailOfMap(model, feature, region, look) {
  const products = region.rows * region.cols * model.kernelRows * model.kernelCols * model.channels;
  if (products > MOST_PRODUCTS) return null;
  const values = valuesIn(model, feature, region);
  return { canvas: mapCanvas(model, feature, look, region.rows, region.cols, (i) => values[i]), region };
}

/**
 * @param {Model} model
 * @param {number} feature
 * @param {Look} look
 * @param {number} rows
 * @param {number} cols
 * @param {(i: number) => number} value
 */
function mapCanvas(model, feature, { palette, view, scale }, rows, cols, value) {
  const { features } = model.payload.header;
  const colours = Uint8Array.from(coloursOf(view, palette).flat());
  const place = placing(view, limitOf(features, feature, scale), model.top);
  return canvasOf(rows, cols, (data) => {
    for (let i = 0; i < rows * cols; i++) {
      const at = 3 * place(value(i));
      data[4 * i] = colours[at];
      data[4 * i + 1] = colours[at + 1];
      data[4 * i + 2] = colours[at + 2];
      data[4 * i + 3] = 255;
    }
  });
}

/**
 * @param {number} rows
 * @param {number} cols
 * @param {(data: Uint8ClampedArray) => void} fill
 */
export function canvasOf(rows, cols, fill) {
  const canvas = document.createElement("canvas");
  canvas.width = cols;
  canvas.height = rows;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = context.createImageData(cols, rows);
  fill(pixels.data);
  context.putImageData(pixels, 0, 0);
  return canvas;
}
