/**
 * Colours that tell the truth: a diverging scale, blue below zero, orange above, neutral at zero and only there.
 *
 * @typedef {[number, number, number]} Rgb
 * @typedef {object} Palette
 * @property {boolean} dark
 * @property {string} ground behind the stage
 * @property {string} text
 * @property {string} muted for second lines; at least 4.5 to 1 on the ground
 * @property {string} faint for lines between things
 * @property {string} accent the window and the current cell
 * @property {number} outline how thick the accent's lines are, in CSS pixels
 * @property {string} halo behind the accent, so that it shows on any photo
 * @property {string} veil over what does not matter now
 * @property {string} empty of cells that are not computed yet
 * @property {Record<string, string>} tints of the channels' names and subtotals
 * @property {Rgb[]} stops of the diverging scale, from -1 to 1
 */

/** How many colours the diverging scale has on either side of its neutral middle. */
export const SIDE = 127;
// How far along the stops the smallest value stands; test/vision.js knows what eyes can tell apart.
const FIRST_STEP = 0.06;

/** @type {Palette} */
export const LIGHT = {
  dark: false,
  ground: "#ffffff",
  text: "#16202c",
  muted: "#556170",
  faint: "#d5dae1",
  accent: "#dd2277",
  outline: 2.5,
  halo: "#ffffff",
  veil: "rgba(255, 255, 255, 0.42)",
  empty: "#eceff3",
  tints: { R: "#b41400", G: "#286432", B: "#1f4fc8" },
  stops: [[5, 48, 110], [44, 114, 184], [150, 196, 228], [247, 247, 247], [250, 196, 132], [222, 119, 26], [127, 56, 2]],
};

/** @type {Palette} */
export const DARK = {
  dark: true,
  ground: "#0f141b",
  text: "#eef2f7",
  muted: "#a3b0bf",
  faint: "#36404d",
  accent: "#ff5588",
  outline: 2.5,
  halo: "#0b0f14",
  veil: "rgba(10, 14, 20, 0.5)",
  empty: "#1b222c",
  tints: { R: "#ff8278", G: "#82e696", B: "#8cb4ff" },
  stops: [[176, 218, 255], [74, 150, 222], [32, 82, 134], [34, 34, 34], [132, 74, 18], [224, 130, 46], [255, 214, 160]],
};

/** For who asks for more contrast: every text at least 7 to 1, on the ground and on cells not computed yet.
 * @type {Palette}
 */
export const HIGH_LIGHT = {
  dark: false,
  ground: "#ffffff",
  text: "#000000",
  muted: "#2e2e2e",
  faint: "#6b6b6b",
  accent: "#dd2277",
  outline: 3.5,
  halo: "#ffffff",
  veil: "rgba(255, 255, 255, 0.5)",
  empty: "#e8e8e8",
  tints: { R: "#960000", G: "#1e5032", B: "#0a32c8" },
  stops: [[0, 40, 116], [0, 96, 192], [104, 178, 240], [255, 255, 255], [255, 172, 72], [204, 96, 0], [124, 50, 0]],
};

/** @type {Palette} */
export const HIGH_DARK = {
  dark: true,
  ground: "#000000",
  text: "#ffffff",
  muted: "#d6d6d6",
  faint: "#9a9a9a",
  accent: "#ff5588",
  outline: 3.5,
  halo: "#000000",
  veil: "rgba(0, 0, 0, 0.55)",
  empty: "#2c2c2c",
  tints: { R: "#ffa096", G: "#82ff8c", B: "#aac8ff" },
  stops: [[170, 218, 255], [70, 160, 248], [24, 92, 168], [0, 0, 0], [150, 76, 0], [236, 134, 28], [255, 212, 138]],
};

/**
 * @param {boolean} dark
 * @param {boolean} high whether more contrast is asked for
 */
export function paletteFor(dark, high) {
  if (high) return dark ? HIGH_DARK : HIGH_LIGHT;
  return dark ? DARK : LIGHT;
}

/** The tint of a channel's name and subtotal, readable on the ground.
 * @param {string} name
 * @param {Palette} palette
 */
export function channelColour(name, palette) {
  return palette.tints[name] ?? palette.text;
}

/**
 * @param {number} t from -1 to 1
 * @param {Palette} palette
 * @returns {Rgb}
 */
export function diverging(t, palette) {
  const { stops } = palette;
  // Only zero is neutral, and is told apart from whatever is not: both halves begin a step away from it.
  const size = t === 0 ? 0 : FIRST_STEP + (1 - FIRST_STEP) * Math.min(1, Math.abs(t));
  const at = ((Math.sign(t) * size + 1) / 2) * (stops.length - 1);
  const below = Math.min(Math.floor(at), stops.length - 2);
  const part = at - below;
  const mix = (/** @type {number} */ i) => Math.round(stops[below][i] * (1 - part) + stops[below + 1][i] * part);
  return [mix(0), mix(1), mix(2)];
}

/**
 * A table of the diverging scale's colours, from -1 to 1, with the neutral one in the middle, at SIDE.
 *
 * @param {Palette} palette
 * @returns {Rgb[]}
 */
export function levelColours(palette) {
  return Array.from({ length: 2 * SIDE + 1 }, (_, i) => diverging((i - SIDE) / SIDE, palette));
}

/**
 * Relative luminance, WCAG 2.2.
 *
 * @param {Rgb} rgb
 */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Black or white, whichever stands out more.
 *
 * @param {Rgb} rgb
 */
export function inkOn(rgb) {
  // Where contrast with white and with black are equal: sqrt(1.05 · 0.05) - 0.05.
  return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
}

/** @param {Rgb | [...Rgb, number]} rgb with an opacity from 0 to 1, if there are four */
export function css([r, g, b, opacity = 1]) {
  return opacity === 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${opacity})`;
}

/**
 * The colour of one pixel's value in its own channel.
 *
 * @param {number} value 0 to 255
 * @param {string} name of the channel
 * @returns {Rgb}
 */
export function channelPixel(value, name) {
  const index = ["R", "G", "B"].indexOf(name);
  if (index < 0) return [value, value, value];
  /** @type {Rgb} */
  const rgb = [0, 0, 0];
  rgb[index] = value;
  return rgb;
}

/**
 * @param {string} colour as a browser or a theme writes it
 * @returns {Rgb}
 */
export function rgbOf(colour) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return [255, 255, 255];
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}
