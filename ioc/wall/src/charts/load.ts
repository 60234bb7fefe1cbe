/** What the charts are made of, asked of our own server. */

import { getJson } from "../api";
import {
  isJson,
  type Json,
  type Place,
  pointOf,
  readPlace,
  SEVERITIES,
  severity,
  text,
  time,
} from "../model";
import { metresBetween } from "../work/distance";

const DEVICES = "/ogc/collections/devices/items";
const LISTED = 100;
const PAGE = 1_000;
/** A province in a night of floods has some thousands of incidents in a week. */
const MOST_PAGES = 10;
const RAIN_PROFILES = "'rain-station','rain-gauge'";
const RAIN = ["rain", "rain_sum"] as const;
/** Not drawn as a chart of its own: it only says what the sum beside it covers. */
const AUXILIARY = new Set(["rain_hours", "battery"]);

export interface Station extends Place {
  properties: string[];
}

async function features(path: string, query: Record<string, string>): Promise<Json[]> {
  const body = await getJson(`${path}?${new URLSearchParams(query)}`);
  return isJson(body) && Array.isArray(body.features) ? body.features.filter(isJson) : [];
}

function stationOf(feature: Json): Station | null {
  const place = readPlace(text(feature.id), feature);
  if (!place) return null;
  return {
    ...place,
    position: pointOf(feature),
    properties: Object.keys(place.latest).filter((name) => !AUXILIARY.has(name)),
  };
}

const quoted = (word: string) => `'${word.replaceAll("'", "''")}'`;

/** Stations whose name or code has the words in it, by name; the first of all without words. */
export async function stations(words: string): Promise<Station[]> {
  const like = quoted(`%${words.replace(/[\\%_]/g, "\\$&")}%`);
  const filter = `CASEI(name) LIKE CASEI(${like}) OR code LIKE ${like}`;
  const query = { limit: String(LISTED), sortby: "name", ...(words === "" ? {} : { filter }) };
  return (await features(DEVICES, query)).flatMap((one) => stationOf(one) ?? []);
}

export async function station(code: string): Promise<Station | null> {
  try {
    const body = await getJson(`${DEVICES}/${encodeURIComponent(code)}`);
    return isJson(body) ? stationOf(body) : null;
  } catch {
    return null;
  }
}

/** The river gauge whose alarm is the worst now, the newest of equals; else one that tells its level; else any station. */
export async function worstNow(): Promise<{ device: string; property: string } | null> {
  const open = await features("/ogc/collections/alarms/items", {
    ...{ property: "water_level", filter: "cleared_at IS NULL", limit: String(PAGE) },
  });
  const rank = (one: Json) => SEVERITIES.indexOf(severity((one.properties as Json).severity));
  const at = (one: Json) => time((one.properties as Json).raised_at) ?? 0;
  const [worst] = open
    .filter((one) => isJson(one.properties))
    .sort((a, b) => rank(a) - rank(b) || at(b) - at(a));
  if (worst && isJson(worst.properties))
    return { device: text(worst.properties.source), property: "water_level" };
  const gauges = await features(DEVICES, { profile: "river-gauge", limit: String(LISTED) });
  const all = [...gauges.flatMap((one) => stationOf(one) ?? []), ...(await stations(""))];
  const found = all.find((one) => one.properties.length > 0) ?? all[0];
  return found ? { device: found.code, property: found.properties[0] ?? "" } : null;
}

/** A property of a station that tells rain, or null. */
export const rainOf = (one: Station) => RAIN.find((name) => name in one.latest) ?? null;

/** The station itself where it measures rain, else the nearest that has told rain; null where there is none. */
export async function rainStation(of: Station): Promise<{ station: Station; km: number } | null> {
  if (rainOf(of)) return { station: of, km: 0 };
  const found = await features(DEVICES, { filter: `profile IN (${RAIN_PROFILES})`, limit: String(PAGE) });
  const here = of.position;
  const near = found
    .flatMap((one) => stationOf(one) ?? [])
    .filter((one) => rainOf(one) !== null)
    .map((one) => ({
      station: one,
      km: here && one.position ? metresBetween(here, one.position) / 1_000 : Infinity,
    }))
    .sort((a, b) => a.km - b.km);
  return near[0] ?? null;
}

export async function readings(device: string, property: string, hours: number, by = ""): Promise<unknown> {
  const query = new URLSearchParams({ property, hours: String(hours), ...(by ? { by } : {}) });
  return getJson(`/api/v1/devices/${encodeURIComponent(device)}/readings?${query}`);
}

const instant = (ms: number) => new Date(ms).toISOString();

/** The alarms of a device's property that held at some time from a moment on. */
export async function alarmsOf(device: string, property: string, from: number): Promise<Json[]> {
  const query = { source: device, property, datetime: `${instant(from)}/..`, limit: String(PAGE) };
  return features("/ogc/collections/alarms/items", query);
}

/** Incidents that were opened from a moment on, of a centre or of all; `cut` where there are more than are read. */
export async function openedSince(from: number, centre: string): Promise<{ found: Json[]; cut: boolean }> {
  const query = {
    filter: `opened_at >= TIMESTAMP('${instant(from)}')`,
    sortby: "-opened_at",
    limit: String(PAGE),
  };
  const path = "/ogc/collections/incidents/items";
  let next: string | null = `${path}?${new URLSearchParams({ ...query, ...(centre ? { centre } : {}) })}`;
  const found: Json[] = [];
  for (let page = 0; next !== null && page < MOST_PAGES; page += 1) {
    const body: unknown = await getJson(next);
    if (!isJson(body) || !Array.isArray(body.features)) break;
    found.push(...body.features.filter(isJson));
    const links = Array.isArray(body.links) ? body.links.filter(isJson) : [];
    const href = text(links.find((link) => link.rel === "next")?.href);
    // Only its query is taken, so that it is always asked of our own server.
    next = href === "" ? null : path + new URL(href, "http://x").search;
  }
  return { found, cut: next !== null };
}

export async function rules(device: string, property: string): Promise<unknown> {
  return getJson(`/api/v1/rules?${new URLSearchParams({ device, property, enabled: "true", limit: "500" })}`);
}
