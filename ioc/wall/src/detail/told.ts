import { getJson } from "../api";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { moment, quantity } from "../format";
import { language, t, word } from "../i18n/language";
import { isJson, type Json, number, type Severity, severity, text, time } from "../model";
import { severityIcon } from "../shapes";
import { facts } from "./facts";
import type { AlarmRecord } from "./record";
import { thumbs } from "./timeline";

const FIRST = 3;
const MEDIA = /^\/api\/v1\/media\/[0-9a-fA-F-]{1,64}$/;

/** A citizen's report, or an agency's notice. Its words are text and nothing else. */
export interface Told {
  id: string;
  kind: "report" | "notice";
  at: number | null;
  from: string;
  severity: Severity;
  head: string;
  body: string;
  place: string;
  number: string;
  errorM: number | null;
  photos: string[];
  withdrawn: boolean;
}

function photosOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string" && MEDIA.test(one)) : [];
}

export function readReport(value: Json): Told {
  return {
    id: text(value.id),
    kind: "report",
    at: time(value.at),
    from: text(value.channel),
    severity: severity(value.severity),
    head: "",
    body: text(value.text),
    place: text(value.place),
    number: text(value.number),
    errorM: number(value.error_m),
    photos: photosOf(value.photos),
    withdrawn: value.state === "withdrawn",
  };
}

export function readNotice(value: Json): Told {
  const said = [text(value.description), text(value.instruction)].filter((part) => part !== "");
  const english = language() === "en" && text(value.headline_en) !== "";
  return {
    id: text(value.id),
    kind: "notice",
    at: time(value.sent),
    from: text(value.sender),
    severity: severity(value.severity),
    head: text(english ? value.headline_en : value.headline),
    body: said.join("\n\n"),
    place: text(value.place),
    number: text(value.identifier),
    errorM: number(value.error_m),
    photos: [],
    withdrawn: value.state === "cancelled",
  };
}

const isTold = (alarm: AlarmRecord) => alarm.kind === "citizen" || alarm.kind === "agency";

/** What citizens and agencies told of an incident, each fetched once: photographs and text. */
export class ToldList {
  readonly root = el("div", { class: "told", data: { testid: "told" } });
  private alarms: AlarmRecord[] = [];
  private readonly found = new Map<string, Told>();
  private readonly asked = new Set<string>();
  private most = FIRST;
  private readonly gone = new AbortController();

  /** @param works whether the reader may learn who told it */
  constructor(
    private readonly incident: string,
    private readonly works: boolean,
  ) {}

  update(alarms: readonly AlarmRecord[]): void {
    this.alarms = alarms.filter(isTold).sort((a, b) => (b.raisedAt ?? 0) - (a.raisedAt ?? 0));
    this.draw();
    this.fetchShown();
  }

  close(): void {
    this.gone.abort();
  }

  draw(): void {
    const shown = this.alarms.slice(0, this.most);
    const more = this.alarms.length - shown.length;
    replace(
      this.root,
      this.alarms.length > 0 && el("h3", {}, t("told.title", { count: this.alarms.length })),
      ...shown.map((alarm) => this.one(alarm)),
      more > 0 &&
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button" },
            on: {
              click: () => {
                this.most += 4 * FIRST;
                this.draw();
                this.fetchShown();
              },
            },
          },
          t("told.more", { count: more }),
        ),
    );
  }

  private one(alarm: AlarmRecord): HTMLElement {
    const told = this.found.get(alarm.id);
    const now = serverNow();
    const title = language() === "vi" ? alarm.title : alarm.titleEn;
    return el(
      "article",
      { class: "toldone", data: { alarm: alarm.id } },
      el(
        "p",
        { class: "toldhead" },
        severityIcon(alarm.severity, alarm.clearedAt === null),
        el("b", {}, told?.head || title),
        el("span", { class: "dim" }, word("source", alarm.kind)),
        told?.withdrawn && el("strong", {}, t("told.withdrawn")),
      ),
      told && told.photos.length > 0 && thumbs(told.photos),
      told && told.body !== "" && el("blockquote", {}, told.body),
      facts([
        [t("told.at"), alarm.raisedAt === null ? null : moment(alarm.raisedAt, now)],
        [t("told.place"), told?.place],
        [t("told.from"), told?.from ?? alarm.sourceName],
        [t("told.number"), told?.number],
        [t("told.reporter"), told?.kind === "report" && this.works ? this.who(told) : null],
        [t("alarm.error"), told?.errorM ? `± ${quantity(Math.round(told.errorM), "m")}` : null],
      ]),
    );
  }

  /** Reports come as one list, without who told them: to read that is a deed of its own, which is noted. */
  private fetchShown(): void {
    const unknown = this.alarms
      .slice(0, this.most)
      .filter((alarm) => !this.found.has(alarm.id) && !this.asked.has(alarm.id));
    for (const alarm of unknown) this.asked.add(alarm.id);
    if (unknown.some((alarm) => alarm.kind === "citizen")) {
      const path = `/api/v1/reports?limit=1000&incident=${encodeURIComponent(this.incident)}`;
      void this.fetch(path, (body) =>
        list(body.reports).forEach((one) => {
          this.found.set(text(one.alarm), readReport(one));
        }),
      );
    }
    for (const alarm of unknown) {
      if (alarm.kind !== "agency" || alarm.notice === "") continue;
      void this.fetch(`/api/v1/notices/${encodeURIComponent(alarm.notice)}`, (body) =>
        this.found.set(alarm.id, readNotice(body)),
      );
    }
  }

  private async fetch(path: string, take: (body: Json) => void): Promise<void> {
    try {
      const body = await getJson(path, this.gone.signal);
      if (!isJson(body)) return;
      take(body);
      this.draw();
    } catch {
      // Who may not read it, or a server that is away: the alarm's own words stand.
    }
  }

  private who(told: Told): HTMLElement {
    const shown = el("span", { class: "who" });
    const button = el(
      "button",
      {
        class: "link",
        attributes: { type: "button" },
        on: {
          click: () => {
            void this.fetchWho(told.id).then((words) => replace(shown, words));
          },
        },
      },
      t("told.who"),
    );
    shown.append(button);
    return shown;
  }

  private async fetchWho(id: string): Promise<string> {
    try {
      const body = await getJson(`/api/v1/reports/${encodeURIComponent(id)}`, this.gone.signal);
      const who = isJson(body) && isJson(body.reporter) ? body.reporter : {};
      return [text(who.name), text(who.phone)].filter(Boolean).join(" · ") || t("told.nobody");
    } catch {
      return t("detail.failed");
    }
  }
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}
