// Draws SVGs as PNGs: reads JSON {fonts: [file, …], pictures: {name: SVG, …}}, answers with JSON {name: PNG in base64, …}.
//
// book/publish/sharing.py starts this once a build, for what is not kept; its cache key holds this file's text.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/package.json`);
const { initWasm, Resvg } = require("@resvg/resvg-wasm");

const { fonts, pictures } = JSON.parse(readFileSync(0, "utf8"));
await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
const font = { fontBuffers: fonts.map((file) => readFileSync(file)), defaultFontFamily: "DejaVu Sans" };
const drawn = {};
for (const [name, svg] of Object.entries(pictures)) {
  drawn[name] = Buffer.from(new Resvg(svg, { font }).render().asPng()).toString("base64");
}
console.log(JSON.stringify(drawn));
