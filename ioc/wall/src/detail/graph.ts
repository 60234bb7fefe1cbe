import { getJson } from "../api";
import { chart } from "../chart";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { readSeries, type Series } from "../readings";

/** How far back a chart looks. */
const HOURS = 48;
/** A busy gauge must not make its chart ask for everything again at each reading. */
const PAUSE_MS = 2_000;

/** The chart of one property of one device, kept up to date while it is on the page. */
export class Graph {
  readonly root = el("div", { class: "graph" });
  private series: Series | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly gone = new AbortController();

  constructor(
    readonly device: string,
    private readonly property: string,
    private readonly replayed: boolean,
    private readonly levels: Series["levels"] = [],
  ) {
    this.note(t("chart.loading"));
    void this.load();
  }

  /** A new reading has arrived. */
  refresh(): void {
    if (this.timer !== null || this.gone.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.load();
    }, PAUSE_MS);
  }

  draw(): void {
    if (!this.series) return;
    const width = Math.max(320, this.root.clientWidth || 560);
    replace(this.root, chart(this.series, this.replayed, width, serverNow()));
  }

  close(): void {
    this.gone.abort();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private note(text: string): void {
    replace(this.root, el("p", { class: "note" }, text));
  }

  private async load(): Promise<void> {
    const query = new URLSearchParams({ property: this.property, hours: String(HOURS) });
    try {
      const path = `/api/v1/devices/${encodeURIComponent(this.device)}/readings?${query}`;
      const series = readSeries(await getJson(path, this.gone.signal));
      if (this.gone.signal.aborted) return;
      this.series = series.levels.length > 0 ? series : { ...series, levels: this.levels };
      this.draw();
    } catch {
      if (!this.gone.signal.aborted && !this.series) this.note(t("chart.failed"));
    }
  }
}
