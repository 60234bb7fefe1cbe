/** Sáng và tối. */
export const reachVi = {
  "theme.label": "Giao diện",
  "theme.dark": "Tối",
  "theme.light": "Sáng",
  "theme.system": "Theo máy",
  "help.theme": "Giao diện tối, sáng, theo máy",
} as const;
