import type { reachVi } from "./reach.vi";

/** Dark and light, in English. */
export const reachEn: Record<keyof typeof reachVi, string> = {
  "theme.label": "Theme",
  "theme.dark": "Dark",
  "theme.light": "Light",
  "theme.system": "As the system",
  "help.theme": "Theme: dark, light, as the system",
};
