/**
 * How colours look: to eyes with other cones, on a projector in a bright room, and how far apart they are.
 */

/** @import { Rgb } from "../colour.js" */
/** @typedef {[Rgb, Rgb, Rgb]} Matrix rows first */

/**
 * What is left of linear RGB where one kind of cones is missing.
 *
 * Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
 * IEEE Transactions on Visualization and Computer Graphics 15(6), 2009, pages 1291 to 1298: severity 1.0.
 *
 * @type {Record<string, Matrix>}
 */
export const EYES = {
  "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
};

// OKLab: Ottosson, "A perceptual color space for image processing", 2020, https://bottosson.github.io/posts/oklab/.
/** @type {Matrix} */
const CONES_OF_RGB = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
/** @type {Matrix} */
const LAB_OF_CONES = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

/**
 * The OKLab colour that a person sees: lightness, green to red, blue to yellow.
 *
 * @param {Rgb} rgb
 * @param {{eyes?: Matrix, glare?: number}} [seen] glare: the share of white that the room's light adds to everything
 * @returns {Rgb}
 */
export function oklab(rgb, { eyes = EYES["all cones"], glare = 0 } = {}) {
  const lit = rgb.map((v) => (linear(v / 255) + glare) / (1 + glare));
  const left = times(eyes, lit).map((v) => Math.min(1, Math.max(0, v)));
  return times(LAB_OF_CONES, times(CONES_OF_RGB, left).map(Math.cbrt));
}

/**
 * How far apart two colours look: the distance in OKLab, where 0.02 is just noticed (CSS Color 4, section 9.2, ΔE OK).
 *
 * @param {Rgb} one
 * @param {Rgb} other
 * @param {Parameters<typeof oklab>[1]} [seen]
 */
export function difference(one, other, seen) {
  const [a, b] = [oklab(one, seen), oklab(other, seen)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** @param {number} v of sRGB, from 0 to 1 */
function linear(v) {
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/**
 * @param {Matrix} matrix
 * @param {number[]} vector
 * @returns {Rgb}
 */
function times(matrix, vector) {
  const [x, y, z] = matrix.map((row) => row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2]);
  return [x, y, z];
}
