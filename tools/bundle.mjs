// Joins the modules of assets/stage to the one file that the app ships, so that its users need no Node.
// With --check it only says whether that file is still what the modules make.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const outfile = "assets/stage/stage.bundle.js";
const check = process.argv.includes("--check");

const { outputFiles } = await build({
  entryPoints: ["assets/stage/index.js"],
  outfile,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  minify: true,
  write: !check,
  banner: { js: "// Made from the modules in assets/stage by `make bundle`; edit those." },
});

if (check && outputFiles[0].text !== readFileSync(outfile, "utf8")) {
  console.error(`${outfile} is stale: run \`make bundle\` and commit the result.`);
  process.exit(1);
}
