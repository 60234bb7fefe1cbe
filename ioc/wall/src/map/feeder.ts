import type { Feature, FeatureCollection, Point } from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import type { Board } from "../board";
import { type Incident, isOpen, type Place } from "../model";
import { arrange, features, type Screen } from "./features";
import { Groups, ofIncident, ofPlace } from "./groups";
import { heatPoints } from "./heat";
import { ICON_SIZE, showsOf } from "./live";
import { LIVE_SOURCES, TILE_ZOOMS } from "./style";
import { type Box, isLocated, KINDS, type Kind, type Picture, pictureOf, type Way } from "./things";
import { Touched } from "./touched";
import { type Change, Watch } from "./watch";

/** What changed is drawn one by one for so long, whatever groups it. */
const RECENT_MS = 20_000;
/** Of those that changed in a storm of changes. */
const MOST_RECENT = 150;
/** Tiles are read anew at most so often. */
const REFRESH_MS = 1_000;
/** Tiles that do not come are waited for no longer: what is drawn one by one gives way then. */
const SETTLE_MS = 4_000;
/** So much beyond the view is taken along, in parts of it. */
const MARGIN = 0.3;

const TILED = {
  incidents: "incident_tiles",
  devices: "device_tiles",
  cameras: "camera_tiles",
} as const satisfies Record<Kind, string>;

function looksSame(a: Incident, b: Incident): boolean {
  return a.severity === b.severity && a.status === b.status && String(a.position) === String(b.position);
}

function standsSame(a: Place, b: Place): boolean {
  return a.state === b.state && String(a.position) === String(b.position);
}

function idOf(one: Incident | Place): string {
  return "code" in one ? one.code : one.id;
}

/** Keeps what the map shows in step with a board: one by one what is little or must be seen, the many as groups. */
export class Feeder {
  chosen = "";
  private board: Board;
  private readonly laid = new Map<string, string>();
  private readonly watched = {
    incidents: new Watch<Incident>(looksSame),
    devices: new Watch<Place>(standsSame),
    cameras: new Watch<Place>(standsSame),
  };
  private readonly touched: Record<Kind, Touched> = {
    incidents: new Touched(TILE_ZOOMS),
    devices: new Touched(TILE_ZOOMS),
    cameras: new Touched(TILE_ZOOMS),
  };
  /** When what changed last did, by its id. */
  private readonly recent = new Map<string, number>();
  /** What tiles still show that is drawn one by one, or is over: hidden in them. */
  private readonly over: Record<Kind, Set<string>> = {
    incidents: new Set(),
    devices: new Set(),
    cameras: new Set(),
  };
  private readonly gone: Record<Kind, Set<string>> = {
    incidents: new Set(),
    devices: new Set(),
    cameras: new Set(),
  };
  private readonly ways: Record<Kind, Way> = { incidents: "board", devices: "board", cameras: "board" };
  /** Ways that are shown until the new ones are drawn, and what was drawn one by one meanwhile. */
  private leaving: { kind: Kind; way: Way }[] = [];
  private held = new Set<string>();
  private drawn: Picture | null = null;
  private box: Box | null = null;
  private complete = false;
  private refreshing: ReturnType<typeof setTimeout> | null = null;
  private settling: ReturnType<typeof setTimeout> | null = null;
  private warm = false;
  private readonly incidentGroups = this.grouped("incident_groups", ofIncident);
  private readonly deviceGroups = this.grouped("device_groups", ofPlace);
  private readonly cameraGroups = this.grouped("camera_groups", ofPlace);

  /** `present` is the board that the server's tiles show. */
  constructor(
    private readonly map: MapLibre,
    private readonly present: Board,
  ) {
    this.board = present;
  }

  /** Whether there is more than is drawn one by one, so that each look costs more. */
  get crowded(): boolean {
    return KINDS.some((kind) => this.ways[kind] !== "board") || this.drawn?.bounded === true;
  }

  show(board: Board): void {
    this.board = board;
    this.recent.clear();
    this.complete = false;
    this.feed();
  }

  set heat(on: boolean) {
    this.warm = on;
    this.feed();
    this.unveil();
  }

  feed(): void {
    this.notice();
    this.box = this.around();
    const tiled = this.board === this.present;
    const kept = { has: (id: string) => this.recent.has(id) || this.held.has(id) };
    const picture = pictureOf(this.board, { box: this.box, chosen: this.chosen, kept, tiled });
    this.turn(picture);
    this.lay(picture);
    this.veil(picture);
    this.refresh();
    const empty = (one: Picture | null) => KINDS.map((kind) => one?.things[kind].length === 0).join();
    const other = empty(this.drawn) !== empty(picture);
    this.drawn = picture;
    if (other) this.unveil();
  }

  /** While the map moves: what was drawn of the board may not reach any more. */
  moving(): void {
    if (this.drawn?.bounded && !this.reaches()) this.feed();
  }

  /** The map has come to rest: there may be few or many now where it is. */
  rested(): void {
    if (this.crowded) this.feed();
  }

  /** What the tiles show may be old: a whole new picture has come. */
  private reload(): void {
    for (const layer of KINDS) {
      this.touched[layer].clear();
      this.map.refreshTiles(TILED[layer]);
    }
  }

  private notice(): void {
    if (!this.board.complete || !this.complete) {
      for (const layer of KINDS) (this.watched[layer] as Watch<Incident | Place>).learn(this.board[layer]);
      if (this.board.complete && !this.complete && this.board === this.present) this.reload();
      this.complete = this.board.complete;
      return;
    }
    for (const layer of KINDS) {
      const looked = (this.watched[layer] as Watch<Incident | Place>).look(this.board[layer]);
      for (const change of looked) this.changed(layer, change);
    }
    const old = performance.now() - RECENT_MS;
    for (const [id, at] of this.recent) {
      if (at >= old && this.recent.size <= MOST_RECENT) break;
      this.recent.delete(id);
    }
  }

  private changed(layer: Kind, { id, before, now }: Change<Incident | Place>): void {
    for (const one of [before, now]) if (one?.position) this.touched[layer].touch(one.position);
    const stays = now !== undefined && (!("status" in now) || isOpen(now));
    this.recent.delete(id);
    if (stays) {
      this.recent.set(id, performance.now());
      this.gone[layer].delete(id);
    } else this.gone[layer].add(id);
  }

  /** Shows another way of drawing the many beside the one before, until it is drawn. */
  private turn(picture: Picture): void {
    for (const kind of KINDS) {
      const [before, now] = [this.ways[kind], picture.ways[kind]];
      if (before === now) continue;
      this.leaving.push({ kind, way: before });
      this.ways[kind] = now;
      for (const one of this.drawn?.things[kind] ?? []) this.held.add(idOf(one));
      if (this.settling) clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settle(), SETTLE_MS);
      this.unveil();
    }
  }

  /** What was waited for is drawn: the map is idle. */
  settle(): void {
    if (this.settling) clearTimeout(this.settling);
    this.settling = null;
    if (this.leaving.length === 0) return;
    this.leaving = [];
    this.held = new Set();
    this.feed();
    this.unveil();
  }

  /** Shows the layers of the ways that are taken, and of those that are left but not gone yet. */
  private unveil(): void {
    const { map } = this;
    for (const id of map.getLayersOrder()) {
      const shows = showsOf(id);
      if (!shows && id !== "heat" && id !== "leads") continue;
      const visible = shows ? this.isShown(shows.kind, shows.way) : this.warm === (id === "heat");
      const written = visible ? "visible" : "none";
      if (map.getLayoutProperty(id, "visibility") !== written)
        map.setLayoutProperty(id, "visibility", written);
    }
    map.setFilter("incidents", this.warm ? [">=", ["get", "rank"], 4] : null);
  }

  /** Over a heat map stands what is extreme, and nothing else. What has nothing to show costs no frame. */
  private isShown(kind: Kind, way: Way | null): boolean {
    if (this.warm) return false;
    if (way === null) return (this.drawn?.things[kind].length ?? 1) > 0;
    return this.ways[kind] === way || this.leaving.some((one) => one.kind === kind && one.way === way);
  }

  private lay(picture: Picture): void {
    const { things } = picture;
    const arrangement = arrange(things, this.screen(), this.chosen);
    this.give("leads", arrangement.leads);
    for (const source of LIVE_SOURCES) this.give(source, features(things, source, arrangement, this.chosen));
    const { ways } = picture;
    if (ways.incidents === "groups") this.incidentGroups.show(picture.open);
    if (ways.devices === "groups") this.deviceGroups.show([...this.board.devices.values()].filter(isLocated));
    if (ways.cameras === "groups") this.cameraGroups.show([...this.board.cameras.values()].filter(isLocated));
    if (this.warm) this.give("heat", heatPoints(picture.open));
  }

  /** Most changes, a repeat for instance, look the same on the map: it then has nothing to draw. */
  private give(source: string, data: FeatureCollection): void {
    const written = JSON.stringify(data);
    if (this.laid.get(source) === written) return;
    this.laid.set(source, written);
    void this.map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  /** Hides in the tiles what is drawn one by one, and what has ended since they were made. */
  private veil({ things, ways }: Picture): void {
    for (const kind of KINDS) {
      const wanted = new Set<string>();
      if (ways[kind] === "tiles") {
        for (const one of things[kind]) wanted.add(idOf(one));
        for (const id of this.gone[kind]) wanted.add(id);
      }
      const place = (id: string) => ({ source: TILED[kind], sourceLayer: kind, id });
      for (const id of this.over[kind]) if (!wanted.has(id)) this.map.removeFeatureState(place(id), "over");
      for (const id of wanted)
        if (!this.over[kind].has(id)) this.map.setFeatureState(place(id), { over: true });
      this.over[kind] = wanted;
    }
  }

  /** Reads the touched tiles of the view anew, soon; the server answers shortly where nothing differs. */
  private refresh(): void {
    if (KINDS.every((kind) => this.ways[kind] !== "tiles")) return;
    this.refreshing ??= setTimeout(() => {
      this.refreshing = null;
      const [box, zoom] = [this.around(), this.map.getZoom()];
      for (const layer of KINDS) {
        if (this.ways[layer] !== "tiles") continue;
        const tiles = this.touched[layer].take(box, zoom);
        if (tiles.length > 0) this.map.refreshTiles(TILED[layer], tiles);
      }
    }, REFRESH_MS);
  }

  private grouped<T extends Incident | Place>(source: string, draw: (one: T) => Feature<Point>): Groups<T> {
    return new Groups(() => this.map.getSource<GeoJSONSource>(source), idOf, draw);
  }

  private view(): Box {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  private around(): Box {
    const [west, south, east, north] = this.view();
    const [wide, high] = [(east - west) * MARGIN, (north - south) * MARGIN];
    return [west - wide, south - high, east + wide, north + high];
  }

  private reaches(): boolean {
    const [view, box] = [this.view(), this.box];
    return box !== null && view[0] >= box[0] && view[1] >= box[1] && view[2] <= box[2] && view[3] <= box[3];
  }

  private screen(): Screen {
    const { map } = this;
    const part = Math.max(0, Math.min(1, (map.getZoom() - 7) / 5));
    return {
      project: ([lon, lat]) => map.project([lon, lat]),
      unproject: ({ x, y }) => {
        const { lng, lat } = map.unproject([x, y]);
        return [lng, lat];
      },
      sizeOf: (source) => {
        const [small, large] = ICON_SIZE[source];
        return small + (large - small) * part;
      },
    };
  }
}
