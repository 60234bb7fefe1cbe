import { getJson } from "../api";
import { serverNow } from "../clock";
import type { View } from "../detail/view";
import { el, replace, setText } from "../dom";
import { moment } from "../format";
import { type Host, maySteps } from "../host";
import { language, t, word } from "../i18n/language";
import { reason, send } from "../people/send";
import { severityIcon } from "../shapes";
import { Sheet } from "./sheet";
import { type Hidden, readHidden, readSilences, type Silence } from "./silences";

/** The silences that are not over, or those that are, each with what it hid; they can be ended early. */
export class SilenceView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "silence-message" },
  });
  private readonly list = el("ul", { class: "silences" });
  readonly root = el("article", {}, this.head, this.message, this.list);
  private past: Silence[] | null = null;
  private readonly open = new Map<string, Hidden[] | null>();
  private ending: string | null = null;

  constructor(private readonly host: Host) {
    void host.silences.refresh();
  }

  changed(): void {}
  tick(): void {}
  close(): void {}

  silenced(): void {
    if (this.ending === null) this.render();
  }

  escape(): boolean {
    if (this.ending === null) return false;
    this.ending = null;
    this.render();
    return true;
  }

  render(): void {
    const list = this.past ?? this.host.silences.list;
    replace(
      this.head,
      el(
        "div",
        {},
        el("h2", {}, t("silences.title", { count: this.host.silences.list.length })),
        el("p", { class: "dim" }, t("silences.what")),
        el(
          "div",
          { class: "spans", attributes: { role: "group" } },
          this.tab(false, "silences.current"),
          this.tab(true, "silences.past"),
        ),
      ),
    );
    replace(
      this.list,
      ...list.map((one) => this.line(one)),
      list.length === 0 && el("li", { class: "note" }, t("silences.none")),
    );
  }

  private tab(past: boolean, key: "silences.current" | "silences.past"): HTMLElement {
    return el(
      "button",
      {
        class: "quiet",
        attributes: { type: "button", "aria-pressed": String(past === (this.past !== null)) },
        on: { click: () => void this.show(past) },
      },
      t(key),
    );
  }

  private async show(past: boolean): Promise<void> {
    this.past = null;
    if (past) {
      try {
        this.past = readSilences(await getJson("/api/v1/silences?state=past&limit=100"));
      } catch (error) {
        setText(this.message, reason(error));
      }
    }
    this.render();
  }

  private line(one: Silence): HTMLElement {
    const now = serverNow();
    const ends = one.ends === null ? "" : moment(one.ends, now);
    const days = one.recurs?.days.map((day) => word("day", String(day))).join(", ");
    const facts = [
      t("silences.by", { who: one.author }),
      one.state === "past" ? t("silences.ended", { time: ends }) : t("silences.until", { time: ends }),
      t("silences.upto", { severity: t(`severity.${one.worst}`) }),
      one.recurs && `${one.recurs.start}–${one.recurs.end} ${days || t("silences.everyday")}`,
    ];
    const { devices, cameras } = this.host.board;
    const sources = one.sources.map((code) => (devices.get(code) ?? cameras.get(code))?.name ?? code);
    const what = [...sources, ...one.rules, ...one.categories, ...one.areas, ...one.centres].join(", ");
    const state = one.mutes ? "silences.mutes" : one.state === "past" ? "silences.over" : "silences.waits";
    return el(
      "li",
      { class: `silence ${one.mutes ? "mutes" : ""}`, data: { silence: one.id } },
      el("p", { class: "silencehead" }, el("b", {}, what), el("span", { class: "state" }, t(state))),
      el("p", {}, one.reason),
      el("p", { class: "dim" }, facts.filter(Boolean).join(" · ")),
      el(
        "div",
        { class: "ends" },
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button", "aria-expanded": String(this.open.has(one.id)) },
            data: { testid: "hidden" },
            on: { click: () => void this.hidden(one) },
          },
          one.hiddenWorst !== null && severityIcon(one.hiddenWorst, one.holding > 0),
          t("silences.hid", { count: one.hidden, holding: one.holding }),
        ),
        maySteps(this.host.session) &&
          one.state !== "past" &&
          el(
            "button",
            {
              class: "quiet",
              attributes: { type: "button" },
              data: { testid: "end-silence" },
              on: {
                click: () => {
                  this.ending = one.id;
                  this.render();
                  this.list.querySelector("textarea")?.focus();
                },
              },
            },
            t("silences.end"),
          ),
      ),
      this.ending === one.id && this.endForm(one),
      this.open.has(one.id) && this.hiddenList(this.open.get(one.id) ?? null),
    );
  }

  private endForm(one: Silence): HTMLElement {
    const why = el("textarea", { attributes: { rows: "2", maxlength: "500", name: "why" } });
    why.setAttribute("aria-label", t("deed.why.may"));
    why.placeholder = t("deed.why.may");
    const shut = () => {
      this.ending = null;
      this.render();
    };
    return new Sheet(
      t("silences.end"),
      [why],
      t("silences.end"),
      async () => {
        const path = `/api/v1/silences/${encodeURIComponent(one.id)}/end`;
        await send("POST", path, { expected_version: one.version, why: why.value });
        this.ending = null;
        setText(this.message, t("silences.endednow"));
        await this.host.silences.refresh();
        this.render();
      },
      shut,
    ).root;
  }

  private async hidden(one: Silence): Promise<void> {
    if (this.open.delete(one.id)) {
      this.render();
      return;
    }
    this.open.set(one.id, null);
    this.render();
    try {
      const path = `/api/v1/silences/${encodeURIComponent(one.id)}/hidden`;
      this.open.set(one.id, readHidden(await getJson(path)));
    } catch (error) {
      this.open.delete(one.id);
      setText(this.message, reason(error));
    }
    this.render();
  }

  private hiddenList(hidden: Hidden[] | null): HTMLElement {
    if (hidden === null) return el("p", { class: "note" }, t("detail.loading"));
    if (hidden.length === 0) return el("p", { class: "note" }, t("silences.nothing"));
    const now = serverNow();
    return el(
      "ul",
      { class: "hiddenlist", data: { testid: "hidden-list" } },
      ...hidden.map((alarm) => {
        const title = language() === "vi" ? alarm.title : alarm.titleEn;
        const words = [
          alarm.at === null ? "" : moment(alarm.at, now),
          alarm.sourceName,
          alarm.releasedAt === null
            ? alarm.clearedAt === null
              ? t("silences.holds")
              : ""
            : t("silences.told"),
        ].filter(Boolean);
        const id = alarm.incident;
        return el(
          "li",
          {},
          severityIcon(alarm.severity, alarm.clearedAt === null),
          el("span", {}, title, el("small", { class: "dim" }, words.join(" · "))),
          id !== null &&
            el(
              "button",
              {
                class: "link",
                attributes: { type: "button" },
                on: { click: () => this.host.openIncident(id) },
              },
              t("silences.incident"),
            ),
        );
      }),
    );
  }
}
