import { defineConfig } from "vitest/config";
import { first } from "./vite.first.js";

export default defineConfig({
  plugins: [first()],
  build: {
    target: "es2022",
    // The page's policy allows no inline script, style or font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // MapLibre alone is over the default limit.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: [
        "index.html",
        "signin.html",
        "account.html",
        "people.html",
        "registry.html",
        "invite.html",
        "audit.html",
        "cameras.html",
        "charts.html",
        "quality.html",
        "rules.html",
        "policy.html",
        "duty.html",
        "messages.html",
        "figures.html",
      ],
      output: {
        // The map's worker is published as .js, which every server knows as JavaScript.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".mjs"))
            ? "assets/[name]-[hash].js"
            : "assets/[name]-[hash][extname]",
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], css: true },
});
