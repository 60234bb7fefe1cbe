import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { LiveFigure } from "../film/figure";
import { coordinates, duration, fixed, measured, moment } from "../format";
import { AHEAD_MS } from "../gaps";
import { t, word } from "../i18n/language";
import type { Health, Latest, Place } from "../model";
import { CAMERA_SHAPE, lineIcon, stationShape, TROUBLE_COLOUR } from "../shapes";
import type { Silences } from "../work/silences";
import { type Fact, facts } from "./facts";
import { Graph } from "./graph";
import { Missing } from "./missing";
import type { View } from "./view";

const WELL = new Set(["fresh", "live"]);
/** Not drawn as a chart of its own: it only says what the sum beside it covers. */
const AUXILIARY = new Set(["rain_hours", "battery"]);

/** A station with its latest values and charts, or a camera with what it shows now. */
export class PlaceView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly values = el("div", {});
  private readonly graphs: Graph[] = [];
  private readonly picture: LiveFigure | null;
  private readonly missing: Missing | null;
  readonly root: HTMLElement;

  constructor(
    private readonly layer: "device" | "camera",
    readonly code: string,
    private readonly find: () => Place | undefined,
    private readonly replayed: boolean,
    private readonly silences: Silences,
  ) {
    this.picture = layer === "camera" ? new LiveFigure(code) : null;
    this.missing = layer === "device" ? new Missing(code) : null;
    this.root = el("article", {}, this.head, this.picture?.root, this.values, this.missing?.root);
    this.render();
  }

  changed(layer: string, id: string): void {
    if (layer !== this.layer || id !== this.code) return;
    this.drawValues();
    for (const graph of this.graphs) graph.refresh();
  }

  tick(): void {
    this.picture?.tick();
    this.drawValues();
  }

  render(): void {
    this.drawValues();
    this.picture?.tick();
    this.missing?.draw();
    for (const graph of this.graphs) graph.draw();
  }

  silenced(): void {
    this.drawValues();
  }

  close(): void {
    this.picture?.close();
    this.missing?.close();
    for (const graph of this.graphs) graph.close();
  }

  private drawValues(): void {
    const place = this.find();
    if (!place) return;
    const icon = this.layer === "camera" ? CAMERA_SHAPE : stationShape(place.kind);
    const colour = WELL.has(place.state) ? "currentColor" : TROUBLE_COLOUR;
    replace(
      this.head,
      lineIcon(icon, colour),
      el(
        "div",
        {},
        el("span", { class: "grade" }, t(this.layer === "camera" ? "place.camera" : "place.station")),
        el("h2", {}, place.name),
      ),
    );
    const now = serverNow();
    const silence = this.silences.of({ source: this.code });
    const ends = silence?.ends ?? null;
    const until = ends === null ? "" : moment(ends, now);
    const since =
      place.stateSince === null ? "" : ` ${t("place.since", { time: moment(place.stateSince, now) })}`;
    const latest = Object.entries(place.latest);
    replace(
      this.values,
      silence &&
        el(
          "p",
          { class: "mutedmark" },
          t("silence.muted", { who: silence.author, time: until, why: silence.reason }),
        ),
      facts([
        [t("place.state"), word("state", place.state) + since],
        [t("detail.position"), place.position && coordinates(...place.position)],
        ["", place.approximate ? t("place.approximate") : null],
        ...healthFacts(place.health),
      ]),
      this.layer === "device" && el("h3", {}, t("place.latest")),
      this.layer === "device" && latest.length === 0 && el("p", { class: "note" }, t("place.novalues")),
      facts(
        latest.map(([property, value]) => [word("property", property), latestText(property, value, now)]),
      ),
    );
    this.addGraphs(latest.map(([property]) => property));
  }

  private addGraphs(properties: string[]): void {
    if (this.layer !== "device" || this.graphs.length > 0) return;
    for (const property of properties) {
      if (AUXILIARY.has(property)) continue;
      const graph = new Graph(this.code, property, this.replayed);
      this.graphs.push(graph);
      this.root.append(graph.root);
    }
  }
}

/** Why a camera is as it is, and how good its stream is. */
function healthFacts(health: Health | null): Fact[] {
  if (!health) return [];
  const figures =
    health.fps !== null &&
    t("grade.figures", {
      fps: fixed(health.fps, 1),
      expected: fixed(health.expectedFps ?? health.fps, 1),
      reconnects: health.reconnects ?? 0,
      stalls: health.stalls ?? 0,
    });
  return [
    [t("place.reason"), word("reason", health.reason)],
    [t("place.grade"), word("grade", health.grade)],
    [t("place.stream"), figures || null],
    [t("place.link"), health.link],
  ];
}

/** How old a value is; of one that a fast clock dated ahead, its time. */
function ageText(at: number, now: number): string {
  if (at > now + AHEAD_MS) return t("place.ahead", { time: moment(at, now) });
  return t("picture.age", { age: duration(now - at) });
}

function latestText(property: string, value: Latest, now: number): HTMLElement {
  const notes = [
    value.at === null ? "" : ageText(value.at, now),
    value.recordedAt === null ? "" : t("place.recorded", { time: moment(value.recordedAt, now) }),
    value.derived ? t("place.derived") : "",
    value.quality === "good" ? "" : word("quality", value.quality),
    value.freshness === "fresh" ? "" : word("state", value.freshness),
  ];
  return el(
    "span",
    { attributes: { "data-freshness": value.freshness } },
    el("b", { class: "value" }, measured(value.value, value.unit, property)),
    ` ${notes.filter((note) => note !== "").join(" · ")}`,
  );
}
