// Bundles the widget into ../quart_app/static/widget/: widget.js; math-<hash>.js, which is loaded with
// the first formula; more-<hash>.js, with what is not needed before a first question; and words-<language>-<hash>.js,
// which is loaded on pages in that language. NOTICES.txt has the licences of the packages in them. If
// that fails, or a bundle is too large, the folder is removed.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const BROWSERS = ["chrome124", "firefox126", "safari17.5"]; // docs/widget.md names them
const LIMITS = { widget: 26 * 1024, math: 80 * 1024, more: 8 * 1024 }; // bytes, gzip
// Names of fields that nothing outside widget.js reads, more.js neither, get short.
const FIELDS =
  /^(views|parts|blocks|lines|columns|begins|ends|sign|inner|outer|isUndone|isLoose|isBlock|canOpen|canClose|indent|number|before|root|kind|proofAt|prove|drafts|announcer|take|card|openSelector|measure|suspend|isShown|buttons|letters|attach|wake|restore|follow|grow|say|field|form|host|node|awaits|running|clear|emit|hide|linked|later|draft|become|refresh|prosper|retry|removed|added|grew|restarted|changed|welcomed|restart|setTheme|around|showLink|within|listener|isOnline|drop|isCut|math|cite|hasFocus|cancel|above|isDocked|storage|conversation|isDestroyed|shortcut|greet|suggest|suggested|hear|sync|put|shared|about|read|isNote|write|change)$/;
const source = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url));
const folder = fileURLToPath(new URL("../quart_app/static/widget/", import.meta.url));

/** An import of a style sheet gives its text, minified. */
const css = {
  name: "css",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const options = { loader: "css", minify: true, target: BROWSERS };
      const { code } = await transform(readFileSync(path, "utf8"), options);
      return { contents: code.trimEnd(), loader: "text" };
    }),
};

const small = { minify: true, target: BROWSERS, charset: "utf8", legalComments: "inline" };

const packages = new Set(); // the folders of those that are in a bundle

const bundle = async (entry, options) => {
  const made = build({
    entryPoints: [source(entry)],
    bundle: true,
    write: false,
    metafile: true,
    plugins: [css],
    ...small,
    ...options,
  });
  const { outputFiles, metafile } = await made.catch(() => process.exit(1)); // esbuild has printed the reason
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+\//.exec(input)?.[0];
    if (folder) packages.add(folder);
  }
  // Terser still takes 3 % off. `unsafe`: nobody has put something else in the place of Infinity.
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2022,
    module: options.format === "esm",
    compress: {
      passes: 3,
      unsafe: true,
      keep_fargs: false,
      lhs_constants: false,
      pure_getters: true,
    },
    format: { comments: "some" },
  });
  return code;
};

/** What the licence of a package asks every copy of it to carry. */
const noticeOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (!files.length) {
    console.error(`${name} ${version} (${license}) brings no licence to carry along`);
    process.exit(1);
  }
  const texts = files.map((file) => readFileSync(`${folder}${file}`, "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
};

const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

const isSmall = ([name, contents]) => {
  const size = gzipSync(contents, { level: 9 }).length;
  const line = `${name} ${(size / 1024).toFixed(1)} KB of ${LIMITS[name] / 1024} KB, gzip`;
  if (size > LIMITS[name]) console.error(`${line}: too large`);
  else console.log(line);
  return size <= LIMITS[name];
};

rmSync(folder, { recursive: true, force: true });
const math = await bundle("math.ts", { format: "esm" });
const mathName = `math-${hashOf(math)}.js`;
const more = await bundle("more.ts", { format: "esm" });
const moreName = `more-${hashOf(more)}.js`;
const languages = readdirSync(source("words"))
  .filter((name) => /^[a-z]{2}\.ts$/.test(name) && name !== "en.ts")
  .map((name) => name.slice(0, 2));
const words = {};
for (const language of languages)
  words[language] = await bundle(`words/${language}.ts`, { format: "esm" });
// One hash for all of them, so that widget.js need not name each.
const wordsHash = hashOf(JSON.stringify(words));
const widget = await bundle("widget.ts", {
  format: "iife",
  mangleProps: FIELDS,
  define: {
    MATH_MODULE: JSON.stringify(mathName),
    MORE_MODULE: JSON.stringify(moreName),
    WORDS_HASH: JSON.stringify(wordsHash),
  },
});

const notices = [...packages]
  .sort()
  .map(noticeOf)
  .join(`\n\n${"-".repeat(72)}\n\n`);

if (Object.entries({ widget, math, more }).map(isSmall).every(Boolean)) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${mathName}`, math);
  writeFileSync(`${folder}${moreName}`, more);
  for (const [language, code] of Object.entries(words))
    writeFileSync(`${folder}words-${language}-${wordsHash}.js`, code);
  writeFileSync(`${folder}NOTICES.txt`, `${notices}\n`);
  writeFileSync(`${folder}widget.js`, widget); // written last: if it is there, everything is
} else process.exitCode = 1;
