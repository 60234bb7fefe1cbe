/** Texts of the map beyond its buttons, in English. */
export const mapEn = {
  "map.heat": "Heat map",
  "map.heat.title": "Density of open incidents",
  "map.heat.few": "few, minor",
  "map.heat.many": "many, grave",
  "map.heat.note": "An extreme incident counts as much as eight minor ones, and is still drawn by itself.",
  "map.group.incidents": "{count} incidents",
  "map.group.places": "{count} stations, cameras",
  "map.dropped.incidents": "incidents not drawn here",
  "map.dropped.devices": "stations not drawn here",
  "legend.group": "Group of incidents: how many, the worst of them",
} as const;
