import { getJson } from "../api";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { moment } from "../format";
import { language, t, word } from "../i18n/language";
import { isJson, type Json, number, SEVERITIES, type Severity, text, time } from "../model";
import { severityIcon } from "../shapes";
import { type Line, readLine } from "../tickets/ticket";
import { unitName } from "../tickets/units";
import { lineText as ticketText } from "../tickets/words";
import { lineText } from "../work/words";

const SHOWN = 30;
const CALM_MS = 700;
const MEDIA = /^\/api\/v1\/media\/[0-9a-fA-F-]{1,64}$/;

/** A line of an incident's life. */
export interface Moment {
  at: number | null;
  kind: string;
  /** The incident in whose life it was: another one that was merged into this. */
  of: string;
  who: string;
  what: string;
  text: string;
  textEn: string;
  source: string;
  severity: Severity | null;
  /** Of a step of a ticket: what people call the ticket, its unit, and the line of its log. */
  ticket: { number: number; unit: string; line: Line } | null;
  photos: string[];
}

function readMoment(value: Json): Moment {
  return {
    at: time(value.at),
    kind: text(value.kind),
    of: text(value.of),
    who: text(value.who),
    what: text(value.what),
    text: text(value.text),
    textEn: text(value.text_en) || text(value.text),
    source: text(value.source),
    severity: SEVERITIES.find((known) => known === value.severity) ?? null,
    ticket:
      value.kind === "ticket"
        ? { number: number(value.number) ?? 0, unit: text(value.source), line: readLine(value) }
        : null,
    photos: Array.isArray(value.photos) ? value.photos.filter((one) => MEDIA.test(text(one))) : [],
  };
}

export function readTimeline(body: unknown): { moments: Moment[]; cut: boolean } {
  if (!isJson(body) || !Array.isArray(body.moments)) return { moments: [], cut: false };
  return { moments: body.moments.filter(isJson).map(readMoment), cut: body.cut === true };
}

const PEOPLE = new Set(["step", "comment", "ticket"]);
const TOLD = new Set(["report", "notice"]);

/** Which kinds a choice shows. */
export function shows(choice: "all" | "people" | "alarms", kind: string): boolean {
  if (choice === "all") return true;
  return choice === "people" ? PEOPLE.has(kind) || TOLD.has(kind) : !PEOPLE.has(kind);
}

/** All of an incident's life as one list: what people did and said, alarms, reports and notices. The newest is last. */
export class Timeline {
  readonly root = el("div", { class: "log", data: { testid: "timeline" } });
  private moments: Moment[] = [];
  private cut = false;
  private whole = false;
  private choice: "all" | "people" | "alarms" = "all";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly gone = new AbortController();
  private failed = false;
  private known = false;

  /** @param until what came after this moment is left out */
  constructor(
    private readonly incident: string,
    private readonly until: () => number = () => Number.POSITIVE_INFINITY,
  ) {}

  /** Asks again; many changes at once are one question. */
  refresh(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        void this.load();
      },
      this.known ? CALM_MS : 0,
    );
  }

  close(): void {
    this.gone.abort();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  draw(): void {
    const until = this.until();
    const all = this.moments.filter((one) => shows(this.choice, one.kind) && (one.at ?? 0) <= until);
    const shown = this.whole ? all : all.slice(-SHOWN);
    const older = all.length - shown.length;
    replace(
      this.root,
      el("h3", {}, t("detail.log")),
      this.choices(),
      older > 0 &&
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button" },
            on: {
              click: () => {
                this.whole = true;
                this.draw();
              },
            },
          },
          t("timeline.older", { count: older }),
        ),
      this.cut && this.whole && el("p", { class: "note" }, t("timeline.cut")),
      this.failed && el("p", { class: "note" }, t("timeline.failed")),
      shown.length > 0
        ? el("ol", {}, ...shown.map((one) => this.line(one)))
        : el("p", { class: "note" }, t(this.known ? "detail.nolog" : "detail.loading")),
    );
  }

  private choices(): HTMLElement {
    const one = (choice: "all" | "people" | "alarms") =>
      el(
        "button",
        {
          class: "quiet",
          attributes: { type: "button", "aria-pressed": String(choice === this.choice) },
          on: {
            click: () => {
              this.choice = choice;
              this.draw();
            },
          },
        },
        t(`timeline.${choice}`),
      );
    return el(
      "div",
      { class: "spans", attributes: { role: "group", "aria-label": t("timeline.show") } },
      one("all"),
      one("people"),
      one("alarms"),
    );
  }

  private line(one: Moment): HTMLElement {
    const now = serverNow();
    const elsewhere = one.of !== "" && one.of !== this.incident;
    const who = one.who === "" ? one.source : word("who", one.who);
    return el(
      "li",
      { class: `moment ${one.kind}` },
      el("time", {}, one.at === null ? "" : moment(one.at, now)),
      el(
        "div",
        { class: "words" },
        el("b", {}, who),
        one.severity && severityIcon(one.severity, one.kind !== "cleared"),
        el("span", { class: "said" }, wordsOf(one)),
        elsewhere && el("small", { class: "dim" }, t("timeline.merged")),
        one.photos.length > 0 && thumbs(one.photos),
      ),
    );
  }

  private async load(): Promise<void> {
    try {
      const path = `/api/v1/incidents/${encodeURIComponent(this.incident)}/timeline`;
      const found = readTimeline(await getJson(path, this.gone.signal));
      this.moments = found.moments;
      this.cut = found.cut;
      this.known = true;
      this.failed = false;
    } catch {
      if (this.gone.signal.aborted) return;
      this.failed = true;
    }
    this.draw();
  }
}

function wordsOf(one: Moment): string {
  if (one.ticket !== null) {
    const { number, unit, line } = one.ticket;
    return `${t("timeline.ticket", { number, unit: unitName(unit) })} – ${ticketText(line)}`;
  }
  if (one.kind === "log" || one.kind === "step" || one.kind === "comment") return lineText(one);
  const title = language() === "vi" ? one.text : one.textEn;
  const what = word("moment", one.what === "withdrawn" ? "withdrawn" : one.kind);
  return title === "" ? what : `${what}: ${title}`;
}

/** Small pictures that open in a window of their own. */
export function thumbs(photos: readonly string[]): HTMLElement {
  return el(
    "span",
    { class: "thumbs" },
    ...photos.map((src, at) => {
      const alt = t("photos.number", { number: at + 1 });
      return el(
        "a",
        { attributes: { href: src, target: "_blank", rel: "noopener" } },
        el("img", { attributes: { src, alt, loading: "lazy" } }),
      );
    }),
  );
}
