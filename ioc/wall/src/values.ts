import { getJson } from "./api";
import type { Board } from "./board";
import { isJson, type Json, type Place, readPlace, text } from "./model";

/** The stream tells of a station when its state changes, not at each of its readings. */
const EVERY_MS = 5_000;
/** A page is read within a frame; a look at many stations is followed by so many times its length of rest. */
const PAGE = "/ogc/collections/devices/items?limit=500";
const MOST_PAGES = 40;
const REST = 9;
const FEW_MS = 1_000;

/** Where the next page is; only its query is taken, so that it is always asked of our own server. */
function nextOf(body: Json): string | null {
  const links = Array.isArray(body.links) ? body.links.filter(isJson) : [];
  const href = text(links.find((link) => link.rel === "next")?.href);
  return href === "" ? null : `/ogc/collections/devices/items${new URL(href, "http://x").search}`;
}

/** Brings the values of stations up to date while the stream is alive. */
export class LatestValues {
  constructor(
    private readonly board: Board,
    private readonly put: (id: string, feature: Json) => void,
    private readonly fetch: (path: string) => Promise<unknown> = getJson,
  ) {}

  start(alive: () => boolean): void {
    let busy = false;
    let rested = 0;
    setInterval(() => {
      const begun = performance.now();
      if (busy || begun < rested || !alive()) return;
      busy = true;
      this.look()
        .catch(() => {
          // The next look is due soon, and a dead server shows in the stream.
        })
        .finally(() => {
          busy = false;
          const took = performance.now() - begun;
          rested = took > FEW_MS ? performance.now() + took * REST : 0;
        });
    }, EVERY_MS);
  }

  /** Tells of each station whose values differ; what the stream has told meanwhile is newer and stays. */
  async look(): Promise<void> {
    const before = new Map(this.board.devices);
    let path: string | null = PAGE;
    for (let page = 0; path !== null && page < MOST_PAGES; page += 1) {
      const body = await this.fetch(path);
      if (!isJson(body) || !Array.isArray(body.features)) return;
      for (const feature of body.features.filter(isJson)) this.compare(before, feature);
      path = nextOf(body);
    }
  }

  private compare(before: Map<string, Place>, feature: Json): void {
    const id = text(feature.id);
    const known = before.get(id);
    if (!known || this.board.devices.get(id) !== known) return;
    const place = readPlace(id, feature);
    if (place && JSON.stringify(place.latest) !== JSON.stringify(known.latest)) this.put(id, feature);
  }
}
