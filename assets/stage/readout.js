/**
 * The step in words and numbers: who hears only this can follow the arithmetic.
 */

import { channelNames, isBetween, isInside } from "./model.js";
import { equals, formatNumber, formatTerm, formatWeight, isExact, isExactWeight } from "./numbers.js";
import { rankProducts } from "./ranking.js";
import { shownAs } from "./views.js";
import { ADD, MULTIPLY, PARTS, SUM, TAKE, WRITE } from "./scene.js";

/** @import { Cell, Model } from "./model.js" */
/** @import { Scatter, Scene, Sharing } from "./scene.js" */

// Beyond this many products a sentence cannot be followed; the channels' sums still can.
const MOST_TERMS = 81;
const MOST_REACHED = 25;
// Of more products than can be spelled these many are.
const MOST_NAMED = 5;

/**
 * @param {Scene} scene
 * @param {import("./views.js").View} [view] of the maps
 * @returns {string}
 */
export function readoutText(scene, view = "raw") {
  const { model, cell } = scene;
  const { header } = model.payload;
  const step = cell.row * model.outCols + cell.col;
  const where = `output row ${cell.row}, column ${cell.col}, feature ${cell.feature + 1} of ${model.features}`;
  const name = header.features[cell.feature].name;
  const focus = scene.scatter ? scatterText(model, scene.scatter)
    : scene.sharing ? sharingText(model, scene.sharing)
    : scene.tap ? tapText(model, cell, scene.tap) : "";
  // What is held stays while the steps go on: both are said.
  if (focus && scene.held) {
    const value = scene.part === WRITE ? `is ${formatNumber(cell.value)}` : "comes next";
    return `${focus.replace("Pointing at", "Holding")} Step ${step + 1} of ${model.steps}: row ${cell.row}, column ${cell.col} ${value}.`;
  }
  if (focus) return focus;
  const part = scene.inParts ? `, part ${scene.part + 1} of ${PARTS.length}, ${PARTS[scene.part]}` : "";
  const doing = `Step ${step + 1} of ${model.steps}${part}: ${where}`;
  if (scene.part !== WRITE) return `${doing} (${name}). ${partText(scene)}`;
  const start = scene.pointed ? `Pointing at ${where}` : doing;
  const shown = shownAs(cell.value, view, model.top);
  const as = shown === cell.value ? [] : [`The map shows it as ${formatNumber(shown)}.`];
  const words = [`${start} (${name}).`, windowText(model, cell), termsText(model, cell), `${sumText(model, cell)}.`, ...as];
  return words.join(" ");
}

/**
 * A cell, or a pixel, by its place, as a sentence begins.
 *
 * @param {number} row
 * @param {number} col
 */
export function placeText(row, col) {
  return `Row ${row}, column ${col}`;
}

/**
 * Which cells a place of the input feeds, and through which weights.
 *
 * @param {Model} model
 * @param {Scatter} scatter
 */
function scatterText(model, { row, col, pixel, reach }) {
  const names = channelNames(model);
  const numbers = (/** @type {ArrayLike<number>} */ values, /** @type {(value: number) => string} */ format) =>
    names.map((name, c) => `${name} ${format(values[c])}`).join(", ");
  const place = inputPlace(model, row, col);
  const what = pixel ? `${place}: ${numbers(pixel, (value) => formatNumber(value))}` : place;
  if (reach.length === 0) return `Pointing at ${what}. No window reads it.`;
  if (model.transposed && !pixel) return `Pointing at ${what}. ${cellsText(reach.length)} of the output ${reach.length === 1 ? "reads" : "read"} it, and it adds 0.`;
  const spelled = reach.slice(0, MOST_REACHED).map(({ row: r, col: c, weights }) => {
    const alike = weights.every((weight) => weight === weights[0]);
    const through = alike ? formatWeight(weights[0]) : numbers(weights, formatWeight);
    return `row ${r}, column ${c} through ${through}`;
  });
  const more = reach.length > MOST_REACHED ? `; and ${reach.length - MOST_REACHED} more` : "";
  const cells = reach.length === 1 ? "one cell" : `${reach.length} cells`;
  const does = model.transposed
    ? `It paints the kernel, times its value, on ${cells} of the output`
    : `It feeds ${cells} of the map`;
  return `Pointing at ${what}. ${does}: ${spelled.join("; ")}${more}.`;
}

/** @param {number} count */
function cellsText(count) {
  return count === 1 ? "One cell" : `${count} cells`;
}

/**
 * What a place of the drawn input is, and where, in the image's own rows and columns.
 *
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 */
export function inputPlace(model, row, col) {
  const [down, across] = model.stretch;
  if (isInside(model, row, col)) return `input row ${formatNumber(row / down)}, column ${formatNumber(col / across)}`;
  if (model.transposed) return `a zero ${isBetween(model, row, col) ? "between" : "around"} the cells of the input`;
  return `the padding at row ${formatNumber(row)}, column ${formatNumber(col)}`;
}

/**
 * How often a weight is used: once for every cell of the map.
 *
 * @param {Model} model
 * @param {Sharing} sharing
 */
function sharingText(model, { channel, row, col, weight, met, onPadding }) {
  const name = channelNames(model)[channel];
  const rest = model.steps - met;
  return [
    `Pointing at the weight ${formatWeight(weight)} of ${name}, row ${row}, column ${col} of the kernel.`,
    `All ${model.steps} cells of the map share it:`,
    `it has been used for ${met} of them so far, ${onPadding ? `${onPadding} of these on ${model.transposed ? "zeros" : "the padding"}, ` : ""}and will be for ${rest} more.`,
  ].join(" ");
}

/**
 * One product of the window.
 *
 * @param {Model} model
 * @param {Cell} cell
 * @param {import("./scene.js").Tap} tap
 */
function tapText(model, cell, { channel, row, col, at }) {
  const where = inputPlace(model, cell.rowPositions[row], cell.colPositions[col]);
  return `Pointing at ${channelNames(model)[channel]}, row ${row}, column ${col} of the window, ${where}: ${productText(cell, at)}.`;
}

/**
 * A pixel, its weight, and what they give.
 *
 * @param {Cell} cell
 * @param {number} at
 */
export function productText(cell, at) {
  const product = cell.products[at];
  // Nothing is rounded in what is 0 times, or times 0.
  const exact = product === 0 || (isExact(cell.patch[at]) && isExactWeight(cell.weights[at]) && isExact(product));
  return `${term(cell, at)} ${equals(exact)} ${formatNumber(product)}`;
}

/**
 * What one part of a step does, with its numbers.
 *
 * @param {Scene} scene
 */
function partText({ model, cell, part }) {
  const names = channelNames(model);
  const sums = cell.channelSums.map(formatTerm);
  const whole = cell.channelSums.reduce((total, sum) => total + sum, 0);
  switch (part) {
    case TAKE:
      return `${windowText(model, cell)} ${eachChannel(model, (at) => formatNumber(cell.patch[at]), ", ")}`;
    case MULTIPLY:
      if (cell.products.length > MOST_TERMS) return largestText(model, cell);
      return eachChannel(model, (at) => productText(cell, at), ", ");
    case SUM:
      return names
        .map((name, c) => {
          const taps = model.kernelRows * model.kernelCols;
          const products = cell.products.subarray(c * taps, (c + 1) * taps);
          const exact = products.every((product) => isExact(product)) && isExact(cell.channelSums[c]);
          const terms = taps <= MOST_TERMS ? Array.from(products, formatTerm).join(" + ") : `${taps} products`;
          return `${name}: ${terms} ${equals(exact)} ${formatNumber(cell.channelSums[c])}.`;
        })
        .join(" ");
    case ADD:
      return `${names.join(" + ")} = ${sums.join(" + ")} ${equals([...cell.channelSums, whole].every((sum) => isExact(sum)))} ${formatNumber(whole)}.`;
    default:
      return `${formatNumber(whole)} + bias ${formatTerm(cell.bias, 1)} ${equals(isExactSum(cell) && isExact(whole))} ${formatNumber(cell.value)}.`;
  }
}

/**
 * @param {Model} model
 * @param {(at: number) => string} text of a tap
 * @param {string} between
 */
function eachChannel(model, text, between) {
  const taps = model.kernelRows * model.kernelCols;
  return channelNames(model)
    .map((name, c) => {
      if (taps * model.channels > MOST_TERMS) return `${name}: ${taps} numbers.`;
      return `${name}: ${Array.from({ length: taps }, (_, t) => text(c * taps + t)).join(between)}.`;
    })
    .join(" ");
}

/**
 * A pixel times its weight.
 *
 * @param {Cell} cell
 * @param {number} at
 */
function term(cell, at) {
  const weight = formatWeight(cell.weights[at]);
  return `${formatTerm(cell.patch[at], 1)}×${weight.startsWith("−") ? `(${weight})` : weight}`;
}

/**
 * @param {Model} model
 * @param {Cell} cell
 */
function windowText(model, cell) {
  if (model.transposed) return paintersText(model, cell);
  const padded = cell.rowPositions.flatMap((r) => cell.colPositions.filter((c) => !isInside(model, r, c))).length;
  const taps = cell.rowPositions.length * cell.colPositions.length;
  const over = padded ? ` ${padded} of its ${taps} taps ${padded === 1 ? "lies" : "lie"} on the padding.` : "";
  return `The window reads ${span("row", cell.rowPositions)} and ${span("column", cell.colPositions)}.${over}`;
}

/**
 * Which cells of the input paint a cell of a transposed convolution's output.
 *
 * @param {Model} model
 * @param {Cell} cell
 */
function paintersText(model, cell) {
  const real = (/** @type {number[]} */ sources) => sources.filter((source) => source >= 0);
  const [rows, cols] = [real(cell.rowSources), real(cell.colSources)];
  const taps = cell.rowPositions.length * cell.colPositions.length;
  const painters = rows.length * cols.length;
  const between = cell.rowPositions.flatMap((r) => cell.colPositions.filter((c) => isBetween(model, r, c))).length;
  const around = taps - painters - between;
  const zeros = [between && `${between} between the cells`, around && `${around} around them`].filter(Boolean).join(", ");
  if (painters === 0) return `No cell of the input paints it: ${taps === 1 ? "its one tap lies on a zero" : `all ${taps} taps lie on zeros`}, ${zeros}.`;
  const who = painters === 1 ? "One cell of the input paints it" : `${painters} cells of the input paint it`;
  const where = `${span("row", rows)}, ${span("column", cols)}`;
  return `${who}: ${where}.${zeros && ` The other taps lie on zeros: ${zeros}.`}`;
}

/**
 * @param {string} word
 * @param {number[]} positions
 */
function span(word, positions) {
  const first = formatNumber(positions[0]);
  if (positions.length === 1) return `${word} ${first}`;
  const gap = positions[1] - positions[0];
  const every = gap > 1 ? `, every ${gap}${gap === 2 ? "nd" : gap === 3 ? "rd" : "th"}` : "";
  return `${word}s ${first} to ${formatNumber(positions[positions.length - 1])}${every}`;
}

/**
 * @param {Model} model
 * @param {Cell} cell
 */
function termsText(model, cell) {
  const taps = model.kernelRows * model.kernelCols;
  const spell = taps * model.channels <= MOST_TERMS;
  const names = channelNames(model);
  const channels = names
    .map((name, c) => {
      const sum = formatNumber(cell.channelSums[c]);
      if (!spell) return `${name}: ${taps} products, sum ${sum}.`;
      const terms = Array.from({ length: taps }, (_, t) => term(cell, c * taps + t));
      const weights = cell.weights.subarray(c * taps, (c + 1) * taps);
      const pixels = cell.patch.subarray(c * taps, (c + 1) * taps);
      const exact = isExact(cell.channelSums[c]) && weights.every(isExactWeight) && pixels.every((pixel) => isExact(pixel));
      return `${name}: ${terms.join(" + ")} ${equals(exact)} ${sum}.`;
    })
    .join(" ");
  return spell ? channels : `${channels} ${largestText(model, cell)}`;
}

/**
 * Of many products the largest.
 *
 * @param {Model} model
 * @param {Cell} cell
 */
function largestText(model, cell) {
  const names = channelNames(model);
  const largest = rankProducts(model, cell, MOST_NAMED).first.map(({ at, channel, row, col }) =>
    `${names[channel]}, row ${row}, column ${col}: ${productText(cell, at)}`);
  return largest.length ? `The largest products are ${largest.join("; ")}.` : "All products are 0.";
}

/**
 * The sum line: `R + G + B + bias = value`, with its numbers.
 *
 * @param {Model} model
 * @param {Cell} cell
 */
export function sumText(model, cell) {
  const names = [...channelNames(model), "bias"].join(" + ");
  return `${names} = ${sumNumbers(cell)}`;
}

/**
 * Whether the sum line is true as it is written: no part is rounded for the screen, nor the value to float32.
 *
 * @param {Cell} cell
 */
export function isExactSum({ channelSums, bias, value }) {
  const parts = [...channelSums, bias];
  const total = parts.reduce((sum, part) => sum + part, 0);
  return [...parts, value].every((part) => isExact(part)) && Math.abs(total - value) <= 1e-12 * Math.abs(value);
}

/** @param {Cell} cell */
export function sumNumbers(cell) {
  const parts = [...cell.channelSums, cell.bias];
  const exact = isExactSum(cell);
  return `${parts.map(formatTerm).join(" + ")} ${equals(exact)} ${formatNumber(cell.value)}`;
}

/** @param {Model} model */
export function shapeText(model) {
  const { imageShape, outputShape } = model.payload.header;
  return `${imageShape.join(" × ")} → ${outputShape.join(" × ")}`;
}

/**
 * What the stage does, in a few words.
 *
 * @param {Model} model
 */
export function kindText({ transposed, payload }) {
  if (transposed) return "transposed convolution: each cell of the input paints the kernel, times its value";
  return payload.header.flip ? "convolution: the kernel is flipped" : "cross-correlation: the kernel is not flipped";
}

/**
 * Where the output's size comes from, with the numbers put in; one line where rows and columns agree.
 *
 * @param {Model} model
 * @returns {string[]}
 */
export function formulaLines(model) {
  const rows = axisFormula(model, 0);
  const cols = axisFormula(model, 1);
  return rows === cols ? [`rows, columns: ${rows}`] : [`rows: ${rows}`, `columns: ${cols}`];
}

/**
 * @param {Model} model
 * @param {0 | 1} axis
 */
function axisFormula(model, axis) {
  const { pads, stride, dilation, padding, imageShape, transposed } = model.payload.header;
  const n = imageShape[axis];
  const k = axis === 0 ? model.kernelRows : model.kernelCols;
  const out = axis === 0 ? model.outRows : model.outCols;
  const [before, after] = pads[axis];
  if (transposed) {
    const [cutBefore, cutAfter] = transposed.cut[axis];
    const cut = cutBefore || cutAfter ? ` − ${cutBefore} − ${cutAfter}` : "";
    const extra = transposed.extra[axis] ? ` + ${transposed.extra[axis]}` : "";
    const kernel = dilation[axis] > 1 ? `(${dilation[axis]}·(${k} − 1) + 1)` : `${k}`;
    return `${model.stretch[axis]}·(${n} − 1) + ${kernel}${cut}${extra} = ${out}`;
  }
  if (padding === "same") return `⌈${n} / ${stride[axis]}⌉ = ${out}, padding ${before} + ${after}`;
  const effective = dilation[axis] * (k - 1) + 1;
  const pad = before + after ? ` + ${before} + ${after}` : "";
  const size = dilation[axis] > 1 ? `(${dilation[axis]}·(${k} − 1) + 1)` : `${effective}`;
  return `⌊(${n}${pad} − ${size}) / ${stride[axis]}⌋ + 1 = ${out}`;
}

/**
 * What no window ever reads, in words; empty where all is read.
 *
 * @param {Model} model
 */
export function unusedText(model) {
  const [rows, cols] = model.payload.header.unused;
  const last = linesText(rows, cols);
  const end = rows + cols === 1
    ? `The last ${rows ? "row" : "column"} is never read.`
    : last && `The last ${last} are never read.`;
  const [rowGaps, colGaps] = [gapCount(model.visitedRows, rows), gapCount(model.visitedCols, cols)];
  const gaps = linesText(rowGaps, colGaps);
  const between = gaps && `The windows leave gaps: ${gaps} between them ${rowGaps + colGaps === 1 ? "is" : "are"} never read.`;
  return [end, between].filter(Boolean).join(" ");
}

/**
 * @param {number} rows
 * @param {number} cols
 */
function linesText(rows, cols) {
  const parts = [];
  if (rows) parts.push(`${rows} ${rows === 1 ? "row" : "rows"}`);
  if (cols) parts.push(`${cols} ${cols === 1 ? "column" : "columns"}`);
  return parts.join(" and ");
}

/**
 * @param {boolean[]} visited
 * @param {number} atEnd
 */
function gapCount(visited, atEnd) {
  return visited.slice(0, visited.length - atEnd).filter((seen) => !seen).length;
}
