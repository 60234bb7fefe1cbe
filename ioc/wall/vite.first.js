import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What runs before anything is painted, in the head of every page: a file of its own, for no script may be inline. */
export function first() {
  const source = readFileSync(new URL("./src/first.js", import.meta.url), "utf8");
  const fileName = `assets/first-${createHash("sha256").update(source).digest("hex").slice(0, 8)}.js`;
  return {
    name: "first",
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source });
    },
    transformIndexHtml: () => [{ tag: "script", attrs: { src: `/${fileName}` }, injectTo: "head-prepend" }],
  };
}
