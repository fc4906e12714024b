/** Why a cell has its value: its products by size, and where the map is strongest and weakest. */

/** @import { Cell, Model } from "./model.js" */

/**
 * @typedef {object} Ranked one product
 * @property {number} at its place in the cell's arrays
 * @property {number} channel
 * @property {number} row of the kernel
 * @property {number} col
 * @property {number} product
 *
 * @typedef {object} Ranking
 * @property {Ranked[]} first the largest in magnitude, at most as many as asked for
 * @property {{count: number, sum: number}} rest all others that are not zero
 * @property {number} zeros how many products are zero
 * @property {{count: number, sum: number}} up the products above zero
 * @property {{count: number, sum: number}} down those below
 */

/**
 * @param {Model} model
 * @param {Cell} cell
 * @param {number} most
 * @returns {Ranking}
 */
export function rankProducts({ kernelRows, kernelCols }, { products }, most) {
  const taps = kernelRows * kernelCols;
  /** @type {Ranked[]} */
  const all = [];
  products.forEach((product, at) => {
    if (product === 0) return;
    const tap = at % taps;
    all.push({ at, product, channel: Math.floor(at / taps), row: Math.floor(tap / kernelCols), col: tap % kernelCols });
  });
  // Of equals the one that is read first comes first.
  all.sort((a, b) => Math.abs(b.product) - Math.abs(a.product) || a.at - b.at);
  const tally = (/** @type {Ranked[]} */ some) => ({ count: some.length, sum: some.reduce((sum, { product }) => sum + product, 0) });
  return {
    first: all.slice(0, most),
    rest: tally(all.slice(most)),
    zeros: products.length - all.length,
    up: tally(all.filter(({ product }) => product > 0)),
    down: tally(all.filter(({ product }) => product < 0)),
  };
}
