import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DARK,
  HIGH_DARK,
  HIGH_LIGHT,
  LIGHT,
  channelColour,
  channelPixel,
  css,
  diverging,
  inkOn,
  levelColours,
  luminance,
  paletteFor,
} from "../colour.js";
import { forAll } from "./helpers.js";
import { EYES, difference, oklab } from "./vision.js";

/** @import { Palette, Rgb } from "../colour.js" */

/** @type {[string, Palette][]} */
const PALETTES = [["light", LIGHT], ["dark", DARK], ["high, light", HIGH_LIGHT], ["high, dark", HIGH_DARK]];
// Just noticed side by side on a good screen; and told apart at a glance, on what a projector leaves: five times that.
const NOTICED = 0.02;
const APART = 0.1;
// How every kind of eyes sees a good screen, and a projector in a lit room, where white light of 5 % lies on everything.
const SCREENS = Object.entries(EYES).map(([who, eyes]) => ({ who, eyes, glare: 0 }));
const PROJECTORS = SCREENS.map((seen) => ({ ...seen, who: `${seen.who}, projector`, glare: 0.05 }));

const LEVELS = Array.from({ length: 127 }, (_, i) => i + 1);

/**
 * Contrast by WCAG 2.2, with a luminance of its own.
 *
 * @param {Rgb} a
 * @param {Rgb} b
 */
function contrast(a, b) {
  const light = (/** @type {Rgb} */ rgb) => {
    const [r, g, blue] = rgb.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : Math.pow((v / 255 + 0.055) / 1.055, 2.4),
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05;
  };
  return Math.max(light(a) / light(b), light(b) / light(a));
}

/**
 * @param {string} hex
 * @returns {Rgb}
 */
function rgbOf(hex) {
  assert.match(hex, /^#[0-9a-f]{6}$/);
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return [r, g, b];
}

test("luminance is 0 for black, 1 for white, and that of WCAG's red, green and blue", () => {
  assert.equal(luminance([0, 0, 0]), 0);
  assert.equal(luminance([255, 255, 255]), 1);
  assert.deepEqual(
    [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ].map((rgb) => luminance(/** @type {Rgb} */ (rgb))),
    [0.2126, 0.7152, 0.0722],
  );
});

test("a palette is chosen by the ground and by the contrast that is asked for", () => {
  const chosen = [[false, false], [true, false], [false, true], [true, true]].map(([dark, high]) => paletteFor(dark, high));
  assert.deepEqual(chosen, PALETTES.map(([, palette]) => palette));
  for (const palette of chosen) assert.equal(luminance(rgbOf(palette.ground)) < 0.2, palette.dark);
});

for (const [name, palette] of PALETTES) {
  const table = levelColours(palette);
  const neutral = palette.stops[(palette.stops.length - 1) / 2];

  test(`${name}: there is a whole colour for each of the 255 levels`, () => {
    assert.equal(table.length, 255);
    assert.deepEqual([table[0], table[254]], [palette.stops[0], palette.stops[palette.stops.length - 1]]);
    for (const rgb of table) for (const v of rgb) assert.ok(Number.isInteger(v) && v >= 0 && v <= 255);
  });

  test(`${name}: zero is the neutral exactly, and no other level is`, () => {
    assert.deepEqual(table[127], neutral);
    assert.deepEqual(diverging(-0, palette), neutral);
    for (const level of LEVELS) {
      assert.notDeepEqual(table[127 + level], neutral);
      assert.notDeepEqual(table[127 - level], neutral);
    }
  });

  test(`${name}: however small a value is, if it is not zero it is not neutral`, () => {
    forAll(
      1,
      500,
      (random) => random.pick([-1, 1]) * 10 ** random.real(-12, 0),
      (t) => {
        assert.notDeepEqual(diverging(t, palette), neutral);
      },
    );
  });

  test(`${name}: every level below zero is blue, every level above is orange`, () => {
    for (const level of LEVELS) {
      const [below, above] = [table[127 - level], table[127 + level]];
      assert.ok(below[2] > below[0], `level −${level} is ${below}`);
      assert.ok(above[0] > above[2], `level ${level} is ${above}`);
    }
  });

  test(`${name}: outward from zero each half stands out more with every level`, () => {
    for (const sign of [-1, 1]) {
      for (const level of LEVELS) {
        const [inner, outer] = [table[127 + sign * (level - 1)], table[127 + sign * level]];
        assert.ok(
          contrast(outer, neutral) > contrast(inner, neutral),
          `level ${sign * level}: ${outer} after ${inner}`,
        );
      }
    }
  });

  test(`${name}: opposite values stand out about as much as each other`, () => {
    for (const level of LEVELS) {
      assert.ok(contrast(table[127 + level], table[127 - level]) < 1.7, `level ${level}`);
    }
  });

  test(`${name}: values beyond the scale have the colour of its ends`, () => {
    assert.deepEqual(
      [diverging(-9, palette), diverging(9, palette)],
      [palette.stops[0], palette.stops[palette.stops.length - 1]],
    );
  });

  test(`${name}: numbers can be read on every level's colour`, () => {
    for (const rgb of table) assert.ok(contrast(rgb, rgbOf(inkOn(rgb))) >= 4.5, `${inkOn(rgb)} on ${rgb}`);
  });

  test(`${name}: texts and channel names can be read on the ground and on the sum's panel`, () => {
    for (const colour of [
      palette.text,
      palette.muted,
      ...["R", "G", "B", "grey", "c0"].map((channel) => channelColour(channel, palette)),
    ]) {
      for (const ground of [palette.ground, palette.empty]) {
        const least = name.startsWith("high") ? 7 : 4.5;
        assert.ok(contrast(rgbOf(colour), rgbOf(ground)) >= least, `${colour} on ${ground}`);
      }
    }
  });

  test(`${name}: the outline shows on its halo, and so on any photo`, () => {
    assert.ok(contrast(rgbOf(palette.accent), rgbOf(palette.halo)) >= 4.5);
  });

  test(`${name}: all eyes tell values from their opposites, on a projector too`, () => {
    for (const seen of [...SCREENS, ...PROJECTORS]) {
      for (const level of LEVELS.filter((level) => level / 127 >= 0.25)) {
        const apart = difference(table[127 - level], table[127 + level], seen);
        assert.ok(apart >= APART, `${seen.who}: ±${level} are ${apart} apart`);
      }
    }
  });

  test(`${name}: all eyes see the scale grow darker, or lighter, from the middle to either end`, () => {
    const way = palette.dark ? 1 : -1;
    for (const seen of [...SCREENS, ...PROJECTORS]) {
      for (const sign of [-1, 1]) {
        for (const level of LEVELS) {
          const [inner, outer] = [level - 1, level].map((at) => oklab(table[127 + sign * at], seen)[0]);
          assert.ok(way * (outer - inner) >= 0, `${seen.who}: level ${sign * level}`);
        }
      }
    }
  });

  test(`${name}: all eyes tell zero from the smallest value, above and below`, () => {
    for (const seen of SCREENS) {
      for (const t of [-1e-9, 1e-9]) {
        const apart = difference(neutral, diverging(t, palette), seen);
        assert.ok(apart >= NOTICED, `${seen.who}: ${t} is ${apart} from zero`);
      }
    }
  });

  test(`${name}: all eyes tell the window from the scale's ends and middle, and notice it on any value`, () => {
    const accent = rgbOf(palette.accent);
    for (const seen of [...SCREENS, ...PROJECTORS]) {
      table.forEach((rgb, i) => {
        const apart = difference(accent, rgb, seen);
        const least = [0, 127, 254].includes(i) ? APART : 2.5 * NOTICED;
        assert.ok(apart >= least, `${seen.who}: level ${i - 127} is ${apart} from the window`);
      });
    }
  });

  // Each stands beside its channel's name, so that noticing the difference is enough.
  test(`${name}: all eyes notice the channels' tints`, () => {
    const [r, g, b] = ["R", "G", "B"].map((channel) => rgbOf(channelColour(channel, palette)));
    for (const seen of [...SCREENS, ...PROJECTORS]) {
      for (const [one, other] of [[r, g], [r, b], [g, b]]) {
        const apart = difference(one, other, seen);
        assert.ok(apart >= 2.5 * NOTICED, `${seen.who}: ${one} and ${other} are ${apart} apart`);
      }
    }
  });
}

test("colours look as the literature says", () => {
  // White and the three lights, as CSS Color 4 has them in OKLab.
  for (const [rgb, lab] of /** @type {[Rgb, Rgb][]} */ ([
    [[255, 255, 255], [1, 0, 0]],
    [[255, 0, 0], [0.62796, 0.22486, 0.12585]],
    [[0, 255, 0], [0.86644, -0.23389, 0.1795]],
    [[0, 0, 255], [0.45201, -0.03246, -0.31153]],
  ])) {
    oklab(rgb).forEach((v, i) => assert.ok(Math.abs(v - lab[i]) < 1e-4, `${rgb}: ${v}, not ${lab[i]}`));
  }
  for (const [who, eyes] of Object.entries(EYES)) {
    for (const row of eyes) assert.ok(Math.abs(row[0] + row[1] + row[2] - 1) < 1e-5, `${who}: white stays white`);
  }
  const confused = difference([255, 0, 0], [150, 110, 0], { eyes: EYES.protanopia });
  assert.ok(confused < difference([255, 0, 0], [150, 110, 0]) / 2);
});

test("the ink of any colour is the better of black and white", () => {
  forAll(
    2,
    3000,
    (random) => /** @type {Rgb} */ ([random.integer(0, 255), random.integer(0, 255), random.integer(0, 255)]),
    (rgb) => {
      const [onIt, other] = inkOn(rgb) === "#000000" ? [0, 255] : [255, 0];
      assert.ok(contrast(rgb, [onIt, onIt, onIt]) >= 4.5);
      assert.ok(contrast(rgb, [onIt, onIt, onIt]) >= contrast(rgb, [other, other, other]) - 0.02);
    },
  );
});

test("a pixel's value is shown in its own channel, and as grey where there is none", () => {
  assert.deepEqual(
    ["R", "G", "B", "grey", "c0"].map((name) => channelPixel(200, name)),
    [
      [200, 0, 0],
      [0, 200, 0],
      [0, 0, 200],
      [200, 200, 200],
      [200, 200, 200],
    ],
  );
});

test("a colour is written as style sheets write it", () => {
  assert.equal(css([1, 20, 255]), "rgb(1, 20, 255)");
});
