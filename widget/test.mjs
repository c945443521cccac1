// Runs the tests in test/ with Node. Bundles each first, since Node 20 cannot read TypeScript.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const tests = fileURLToPath(new URL("test/", import.meta.url));
const names = readdirSync(tests).filter((name) => name.endsWith(".test.ts"));
const folder = mkdtempSync(join(tmpdir(), "widget-"));
try {
  await build({
    entryPoints: names.map((name) => join(tests, name)),
    bundle: true,
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
    outdir: folder,
  });
  const made = names.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
  const args = ["--enable-source-maps", "--test", ...process.argv.slice(2), ...made];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
