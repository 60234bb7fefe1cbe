import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const DIST = "dist";
const PACKED = /\.(?:html|js|css|svg|json|webmanifest)$/;
/** Smaller files fit in one packet of a network anyway. */
const LEAST = 1_000;

/** A text may stand in a script of a page as long as it does not end that script. */
function inScript(code) {
  return code.replaceAll("</script", "<\\/script");
}

/** Makes the inbox one file: on a weak link each further file costs a round trip. What is inline is allowed by its
 * digest (ioc/api/inlined.py). */
function inlined() {
  return {
    name: "inlined",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["inbox.html"];
        const worker = bundle["inbox-worker.js"];
        if (page?.type !== "asset" || worker?.type !== "chunk") throw new Error("the inbox is not complete");
        let html = String(page.source);
        const take = (end) => {
          const name = Object.keys(bundle).find((one) => one.startsWith("assets/") && one.endsWith(end));
          const found = name === undefined ? undefined : bundle[name];
          if (name === undefined || found === undefined) throw new Error(`the inbox lacks its ${end}`);
          delete bundle[name];
          return (found.type === "chunk" ? found.code : String(found.source)).trim();
        };
        const early = bundle["early.js"];
        if (early?.type !== "chunk") throw new Error("the inbox lacks its first line");
        delete bundle["early.js"];
        const [style, script] = [take(".css"), take(".js")];
        if (/^import\b/m.test(script)) throw new Error("the inbox's script is in more than one piece");
        html = html.replace(/\s*<link rel="(?:stylesheet|modulepreload)"[^>]*>/g, "");
        html = html.replace(/\s*<script type="module"[^>]*><\/script>/g, "");
        html = html.replace(/>\s+</g, "><");
        const first = `<script type="module">${inScript(early.code.trim())}</script>`;
        html = html.replace("</head>", () => `${first}<style>${style}</style></head>`);
        html = html.replace("</body>", () => `<script type="module">${inScript(script)}</script></body>`);
        page.source = html;
        const digest = createHash("sha256").update(html).digest("hex").slice(0, 16);
        worker.code = worker.code.replace("__SHELL__", digest);
      },
    },
  };
}

/** Every file of the build packed beside it, for those who take it so (ioc/api/wall.py). */
function packed() {
  return {
    name: "packed",
    closeBundle() {
      for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
        if (!PACKED.test(name)) continue;
        const path = join(DIST, name);
        const text = readFileSync(path);
        if (text.length < LEAST) continue;
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(text, {
            params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
          }),
        );
      }
    },
  };
}

/** The inbox is built apart from the other pages, so that it shares no file with them. */
export default defineConfig({
  publicDir: false,
  plugins: [inlined(), packed()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { inbox: "inbox.html", early: "src/inbox/early.ts", worker: "src/inbox/worker.ts" },
      output: {
        entryFileNames: (chunk) =>
          ({ early: "early.js", worker: "inbox-worker.js" })[chunk.name] ?? "assets/[name]-[hash].js",
      },
    },
  },
});
