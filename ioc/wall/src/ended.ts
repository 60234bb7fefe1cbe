import { getJson } from "./api";
import type { Board } from "./board";
import { serverNow } from "./clock";
import { el, replace, setText } from "./dom";
import { moment } from "./format";
import { language, t, word } from "./i18n/language";
import { type Incident, isJson, isOpen, readIncident } from "./model";
import { severityIcon } from "./shapes";

const ENDED = ["resolved", "false_alarm", "closed"];
const SINCE_MS = 24 * 3_600_000;
const MOST = 100;

/** What ended in a day, to be closed, reopened or read again; asked for when it is unfolded, as it is not streamed. */
export class EndedList {
  private readonly title = el("summary", {});
  private readonly note = el("p", { class: "dim" });
  private readonly items = el("ul", { class: "choices" });
  readonly root = el(
    "details",
    { class: "ended", data: { testid: "ended" } },
    this.title,
    this.note,
    this.items,
  );
  private found = new Map<string, Incident>();
  private board: Board | null = null;
  private told = "";

  constructor(private readonly open: (id: string) => void) {
    this.root.addEventListener("toggle", () => {
      if (this.root.open) void this.load();
    });
  }

  /** Draws what is known, with what the stream has told since. */
  render(board: Board): void {
    this.board = board;
    setText(this.title, t("list.ended"));
    if (!this.root.open) return;
    const now = new Map([...this.found, ...board.incidents]);
    const list = [...now.values()]
      .filter((one) => !isOpen(one) && one.status !== "duplicate")
      .sort((a, b) => b.openedAt - a.openedAt)
      .slice(0, MOST);
    const drawn = `${language()} ${JSON.stringify(list)}`;
    setText(this.note, list.length === 0 ? t("list.noended") : "");
    if (drawn === this.told) return;
    this.told = drawn;
    replace(this.items, ...list.map((one) => this.line(one)));
  }

  private async load(): Promise<void> {
    const since = new Date(serverNow() - SINCE_MS).toISOString();
    const path = "/ogc/collections/incidents/items";
    try {
      const pages = await Promise.all(
        ENDED.map((status) => getJson(`${path}?status=${status}&limit=${MOST}&datetime=${since}/..`)),
      );
      const features = pages.flatMap((page) =>
        isJson(page) && Array.isArray(page.features) ? page.features.filter(isJson) : [],
      );
      const read = features.map((one) => readIncident(String(one.id), one)).filter((one) => one !== null);
      this.found = new Map(read.map((one) => [one.id, one]));
      if (this.board) this.render(this.board);
    } catch {
      setText(this.note, t("detail.failed"));
    }
  }

  private line(one: Incident): HTMLElement {
    const facts = [word("status", one.status), one.areaName, moment(one.openedAt, serverNow())];
    return el(
      "li",
      {},
      el(
        "button",
        { attributes: { type: "button" }, on: { click: () => this.open(one.id) } },
        severityIcon(one.severity, false),
        el(
          "span",
          {},
          language() === "vi" ? one.title : one.titleEn,
          el("small", { class: "dim" }, facts.filter(Boolean).join(" · ")),
        ),
      ),
    );
  }
}
