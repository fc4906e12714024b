// Joins the modules of each component to the file that the app ships, so that its users need no Node.
// With --check it only says whether these files are still what the modules make.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const check = process.argv.includes("--check");
const bundles = [
  { folder: "assets/stage", entry: "index.js", bundle: "stage.bundle.js", charset: "utf8" },
  // The page that it becomes a part of says the same in whatever encoding it is saved.
  { folder: "assets/stage", entry: "page.js", bundle: "page.bundle.js", charset: "ascii" },
  { folder: "assets/stage", entry: "several_index.js", bundle: "several.bundle.js", charset: "utf8" },
  { folder: "assets/paint", entry: "index.js", bundle: "paint.bundle.js", charset: "utf8" },
  { folder: "assets/learning", entry: "index.js", bundle: "learning.bundle.js", charset: "utf8" },
  { folder: "assets/signals", entry: "index.js", bundle: "signals.bundle.js", charset: "utf8" },
  { folder: "assets/flipbook", entry: "index.js", bundle: "flipbook.bundle.js", charset: "utf8" },
  { folder: "assets/layers", entry: "index.js", bundle: "layers.bundle.js", charset: "utf8" },
  { folder: "assets/shift", entry: "index.js", bundle: "shift.bundle.js", charset: "utf8" },
  { folder: "assets/toeplitz", entry: "index.js", bundle: "toeplitz.bundle.js", charset: "utf8" },
];

for (const { folder, entry, bundle, charset } of bundles) {
  const outfile = `${folder}/${bundle}`;
  const { outputFiles } = await build({
    entryPoints: [`${folder}/${entry}`],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset,
    legalComments: "none",
    minify: true,
    write: !check,
    banner: { js: `// Made from the modules in ${folder} by \`make bundle\`; edit those.` },
  });
  if (check && outputFiles[0].text !== readFileSync(outfile, "utf8")) {
    console.error(`${outfile} is stale: run \`make bundle\` and commit the result.`);
    process.exitCode = 1;
  }
}
