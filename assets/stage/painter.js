/**
 * Draws a scene into any 2-D context; drawing it again gives the same picture. A recording fake can test it.
 */

import { Brush } from "./brush.js";
import { paintArithmetic, paintSum, paintTap } from "./paint_arithmetic.js";
import { paintFlights } from "./paint_flights.js";
import { paintInput } from "./paint_input.js";
import { paintOutput } from "./paint_output.js";

/** @import { Context, Style } from "./brush.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Rasters } from "./rasters.js" */
/** @import { Scene } from "./scene.js" */

/**
 * @param {Context} ctx
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {Rasters} rasters
 * @param {Style} style
 */
export function paint(ctx, scene, layout, rasters, style) {
  const brush = new Brush(ctx, style);
  ctx.fillStyle = style.palette.ground;
  ctx.fillRect(0, 0, layout.width, layout.height);
  paintInput(brush, scene, layout, rasters);
  paintArithmetic(brush, scene, layout);
  const slots = paintSum(brush, scene, layout);
  paintOutput(brush, scene, layout, rasters);
  if (scene.moving) paintFlights(brush, scene, scene.moving, layout, slots);
  paintTap(brush, scene, layout);
}
