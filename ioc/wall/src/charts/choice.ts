/** What a page of charts shows, as it stands in its address: `#device=…&property=…&range=…&centre=…`. Pure. */

export const RANGES = ["6h", "24h", "7d", "31d"] as const;
export type Range = (typeof RANGES)[number];

export const HOURS: Record<Range, number> = { "6h": 6, "24h": 24, "7d": 168, "31d": 744 };

export interface Choice {
  /** Empty: what is worst now. */
  device: string;
  property: string;
  range: Range;
  /** Whose incidents are counted; empty: all that the reader may see. */
  centre: string;
  days: 1 | 7;
}

export function readChoice(hash: string): Choice {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const range = RANGES.find((one) => one === query.get("range")) ?? "24h";
  return {
    device: query.get("device") ?? "",
    property: query.get("property") ?? "",
    range,
    centre: query.get("centre") ?? "",
    days: query.get("count") === "24h" ? 1 : 7,
  };
}

export function hashOf(choice: Choice): string {
  const query = new URLSearchParams();
  if (choice.device) query.set("device", choice.device);
  if (choice.property) query.set("property", choice.property);
  query.set("range", choice.range);
  if (choice.centre) query.set("centre", choice.centre);
  if (choice.days === 1) query.set("count", "24h");
  return `#${query}`;
}

/** Where the charts of a device's property are; without a property, of the first it has. */
export function chartsOf(device: string, property = ""): string {
  const query = new URLSearchParams({ device });
  if (property) query.set("property", property);
  return `/charts#${query}`;
}
