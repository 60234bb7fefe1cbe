import { getJson } from "../api";
import { chart } from "../chart";
import { chartsOf } from "../charts/choice";
import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import { readSeries, type Series, timeline } from "../readings";
import { trendText } from "./trend";

/** How far back a chart may look, in hours; the first is shown at once. */
const SPANS = [48, 720, 8784] as const;
/** A busy gauge must not make its chart ask for everything again at each reading. */
const PAUSE_MS = 2_000;
/** Means of hours and days are added up some seconds after their readings, and nothing tells when. */
const ADDED_UP_MS = 30_000;
const FIRST_ADDED_UP_MS = 5_000;

/** The chart of one property of one device, kept up to date while it is on the page. */
export class Graph {
  private readonly body = el("div");
  private readonly buttons = SPANS.map((hours) => this.makeButton(hours));
  private readonly spans = el("div", { class: "spans", attributes: { role: "group" } }, ...this.buttons);
  private readonly more = el("a", { data: { testid: "charts" } });
  private readonly ways = el("div", { class: "graphways" }, this.spans, this.more);
  readonly root = el("div", { class: "graph" }, this.ways, this.body);
  private hours: (typeof SPANS)[number] = SPANS[0];
  private series: Series | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly gone = new AbortController();

  constructor(
    readonly device: string,
    private readonly property: string,
    private readonly replayed: boolean,
    private readonly levels: Series["levels"] = [],
  ) {
    this.choose(SPANS[0]);
  }

  private choose(hours: (typeof SPANS)[number]): void {
    this.hours = hours;
    this.series = null;
    this.stopAsking();
    this.tellSpans();
    this.note(t("chart.loading"));
    void this.load();
  }

  private makeButton(hours: (typeof SPANS)[number]): HTMLButtonElement {
    return el("button", {
      attributes: { type: "button" },
      data: { hours: String(hours) },
      on: { click: () => this.choose(hours) },
    });
  }

  /** In place, so that who stands on a button stays there. */
  private tellSpans(): void {
    this.spans.setAttribute("aria-label", t("chart.span"));
    setText(this.more, t("charts.open"));
    this.more.setAttribute("href", chartsOf(this.device, this.property));
    SPANS.forEach((hours, place) => {
      const button = this.buttons[place];
      if (!button) return;
      setText(button, t(`chart.span.${hours}`));
      button.setAttribute("aria-pressed", String(hours === this.hours));
    });
  }

  /** A new reading has arrived. */
  refresh(): void {
    this.askAgain(PAUSE_MS);
  }

  private askAgain(afterMs: number): void {
    if (this.timer !== null || this.gone.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.load();
    }, afterMs);
  }

  draw(): void {
    this.tellSpans();
    if (!this.series) return;
    const width = Math.max(320, this.root.clientWidth || 560);
    const { readings, unit, property } = this.series;
    const trend = trendText(timeline(readings, this.replayed).points, unit, property);
    // Means of hours and days say nothing about the last hour.
    const told = this.hours === SPANS[0] && trend !== "";
    replace(
      this.body,
      told && el("p", { class: "trend", data: { testid: "trend" } }, trend),
      chart(this.series, this.replayed, width, serverNow()),
    );
  }

  close(): void {
    this.gone.abort();
    this.stopAsking();
  }

  private stopAsking(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private note(text: string): void {
    replace(this.body, el("p", { class: "note" }, text));
  }

  private async load(): Promise<void> {
    const hours = this.hours;
    const query = new URLSearchParams({ property: this.property, hours: String(hours) });
    try {
      const path = `/api/v1/devices/${encodeURIComponent(this.device)}/readings?${query}`;
      const series = readSeries(await getJson(path, this.gone.signal));
      if (this.gone.signal.aborted || hours !== this.hours) return;
      this.series = series.levels.length > 0 ? series : { ...series, levels: this.levels };
      this.draw();
      if (hours !== SPANS[0]) this.askAgain(series.readings.length > 0 ? ADDED_UP_MS : FIRST_ADDED_UP_MS);
    } catch {
      if (!this.gone.signal.aborted && hours === this.hours && !this.series) this.note(t("chart.failed"));
    }
  }
}
