import { getJson } from "../api";
import { serverNow } from "../clock";
import { button, noteLine, table } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { download } from "../download";
import { dayOf } from "../duty/week";
import { duration, moment, quantity } from "../format";
import { language, t, word } from "../i18n/language";
import { whyNot } from "../people/send";
import { centreNames } from "../watch/centres";
import { choose, labelled } from "../work/sheet";
import {
  type Asked,
  type Availability,
  type Figures,
  isMonth,
  monthAfter,
  monthOf,
  percentOf,
  queryOf,
  readAvailability,
  type ThingRow,
  type UnitRow,
} from "./availability";
import type { Desk, Room, Shown, Tab } from "./desk";
import { hashOf } from "./route";
import type { Thing } from "./thing";

const BASE = "/api/v1/availability";

export function shareText(share: number | null): string {
  return share === null ? t("avail.unknown") : quantity(percentOf(share), "%");
}

function lasting(seconds: number | null): string {
  return seconds === null ? t("register.nothing") : duration(seconds * 1_000);
}

function shareCell({ share }: Figures): Child {
  const poor = share !== null && share < 0.9;
  const made = el("span", { class: poor ? "share poor" : "share" }, shareText(share));
  if (share === null) return made;
  const bar = el("meter", {
    attributes: { min: "0", max: "1", value: String(share), "aria-hidden": "true" },
  });
  return el("span", { class: "sharecell" }, made, bar);
}

function silentSince(row: ThingRow, now: number): Child {
  if (row.failingSince === null) return t("register.nothing");
  const why = row.reason === "" ? word("state", row.state) : word("reason", row.reason);
  return el(
    "span",
    { class: "silent" },
    t("avail.since", {
      time: moment(row.failingSince, now),
      age: duration(now - row.failingSince),
    }),
    why === "" ? "" : ` – ${why}`,
  );
}

function thingRow(row: ThingRow, now: number, nameOf: (centre: string) => string): Child[] {
  const family = row.subject === "camera" ? ("cameras" as const) : ("devices" as const);
  const href = hashOf({ at: "record", family, code: row.code, tab: "availability" });
  return [
    el(
      "span",
      { class: "naming" },
      el("a", { attributes: { href } }, row.name),
      el("small", { class: "dim" }, `${row.code} · ${nameOf(row.centre)}`),
    ),
    shareCell(row),
    el(
      "span",
      {},
      String(row.failures),
      row.offends && el("span", { class: "mark offends", data: { mark: "warranty" } }, t("avail.offends")),
    ),
    lasting(row.repair),
    silentSince(row, now),
  ];
}

function unitRow(row: UnitRow, open: (centre: string) => void): Child[] {
  const name = language() === "vi" ? row.name : row.nameEn;
  const number = (count: number, kind: string) => el("span", { class: count > 0 ? kind : "" }, String(count));
  return [
    row.centre === "" ? el("b", {}, name) : button(name, () => open(row.centre)),
    shareCell(row),
    String(row.things),
    number(row.failingNow, "silent"),
    number(row.offenders, "offends"),
    String(row.failures),
    lasting(row.repair),
  ];
}

/** How much of a month what is registered worked: by unit or one by one, the worst first. */
class AvailabilityRoom implements Shown {
  readonly root = el("div", { class: "record", data: { testid: "availability" } });
  private readonly month = labelled(
    t("avail.month"),
    el("input", { attributes: { type: "month", name: "month" }, data: { testid: "month" } }),
  );
  private readonly by;
  private readonly centre;
  private readonly subject;
  private readonly told = noteLine();
  private readonly result = el("div", { class: "tabbody" });
  private found: Availability | null = null;
  private asked = 0;
  private closed = false;

  constructor(private readonly desk: Desk) {
    const now = monthOf(dayOf(serverNow()));
    this.month.input.value = now;
    this.month.input.max = now;
    const names = centreNames(desk.session);
    this.by = choose(
      t("avail.by"),
      "by",
      [
        ["unit", t("avail.by.unit")],
        ["device", t("avail.by.device")],
      ],
      "unit",
    );
    this.centre = choose(
      t("register.field.centre"),
      "centre",
      [
        ["", t("register.any")],
        ...desk.session.centres.map(({ code }) => [String(code), names(String(code))] as const),
      ],
      "",
    );
    this.subject = choose(
      t("register.field.kind"),
      "subject",
      [
        ["", t("register.any")],
        ["device", t("register.devices")],
        ["camera", t("register.cameras")],
      ],
      "",
    );
    for (const { input } of [this.month, this.by, this.centre, this.subject])
      input.addEventListener("change", () => void this.load());
    replace(
      this.root,
      el("h2", {}, t("avail.title")),
      el("p", { class: "dim" }, t("avail.what")),
      el(
        "div",
        { class: "availbar" },
        button("‹", () => this.step(-1), { testid: "month-before" }),
        this.month.row,
        button("›", () => this.step(1), { testid: "month-after" }),
        this.by.row,
        this.centre.row,
        this.subject.row,
        button(t("avail.csv"), () => this.export(), { testid: "avail-csv" }),
      ),
      this.told,
      this.result,
    );
    this.root.querySelector('[data-testid="month-before"]')?.setAttribute("aria-label", t("avail.before"));
    this.root.querySelector('[data-testid="month-after"]')?.setAttribute("aria-label", t("avail.after"));
    void this.load();
  }

  close(): void {
    this.closed = true;
  }

  private get wanted(): Asked {
    return {
      month: this.month.input.value,
      by: this.by.input.value === "device" ? "device" : "unit",
      centre: this.centre.input.value,
      subject: this.subject.input.value,
    };
  }

  private step(months: number): void {
    const month = isMonth(this.month.input.value) ? this.month.input.value : this.month.input.max;
    const other = monthAfter(month, months);
    if (other > this.month.input.max) return;
    this.month.input.value = other;
    void this.load();
  }

  private export(): void {
    download(`${BASE}/export?${queryOf(this.wanted)}`, "availability.csv").catch((error: unknown) =>
      setText(this.told, whyNot(error)),
    );
  }

  private async load(more = false): Promise<void> {
    const { wanted } = this;
    if (!isMonth(wanted.month)) {
      setText(this.told, t("avail.nomonth"));
      return;
    }
    this.asked += 1;
    const mine = this.asked;
    this.root.setAttribute("aria-busy", "true");
    try {
      const offset = more ? (this.found?.next ?? 0) : 0;
      const found = readAvailability(await getJson(`${BASE}?${queryOf(wanted, offset)}`));
      if (this.closed || mine !== this.asked) return;
      this.found = more && this.found ? { ...found, things: [...this.found.things, ...found.things] } : found;
      setText(this.told, "");
      this.draw(this.found);
    } catch (error) {
      if (mine === this.asked) setText(this.told, whyNot(error));
    } finally {
      if (mine === this.asked) this.root.removeAttribute("aria-busy");
    }
  }

  private draw(found: Availability): void {
    const now = serverNow();
    const names = centreNames(this.desk.session);
    const byUnit = this.wanted.by === "unit";
    const open = (centre: string) => {
      this.centre.input.value = centre;
      this.by.input.value = "device";
      void this.load();
    };
    const units = [...found.units, ...(found.total && found.units.length > 1 ? [found.total] : [])];
    const rows = byUnit
      ? units.map((row) => unitRow(row, open))
      : found.things.map((row) => thingRow(row, now, names));
    const heads = byUnit
      ? [
          t("avail.unit"),
          t("avail.share"),
          t("avail.things"),
          t("avail.failingnow"),
          t("avail.offenders"),
          t("avail.failures"),
          t("avail.repair"),
        ]
      : [t("avail.thing"), t("avail.share"), t("avail.failures"), t("avail.repair"), t("avail.silent")];
    replace(
      this.result,
      rows.length === 0 ? el("p", { class: "note" }, t("avail.none")) : table(heads, rows, t("avail.title")),
      !byUnit && found.next !== null && button(t("desk.more"), () => void this.load(true)),
    );
  }
}

export const AVAILABILITY: Room = {
  id: "availability",
  named: "avail.title",
  fits: (desk) => desk.session.sees.includes("device"),
  show: (desk) => new AvailabilityRoom(desk),
};

function monthCard(month: string, row: ThingRow | undefined): HTMLElement {
  const now = serverNow();
  const fact = (name: string, value: Child) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el(
    "section",
    { class: "card", data: { testid: `avail-${month}` } },
    el("h3", {}, t("avail.of", { month: month.slice(5), year: month.slice(0, 4) })),
    row
      ? el(
          "dl",
          {},
          fact(t("avail.share"), shareCell(row)),
          fact(
            t("avail.failures"),
            el("span", {}, String(row.failures), row.offends ? ` – ${t("avail.offends")}` : ""),
          ),
          fact(t("avail.repair"), lasting(row.repair)),
          row.unknown > 0 && fact(t("avail.unwatched"), lasting(row.unknown)),
          fact(t("avail.silent"), silentSince(row, now)),
        )
      : el("p", { class: "dim" }, t("avail.notserved")),
  );
}

/** How much of this month and of the last one thing worked. */
class AvailabilityTab implements Shown {
  readonly root = el("div", { class: "tabbody", data: { testid: "avail-tab" } });
  private closed = false;

  constructor(private readonly thing: Thing) {
    replace(this.root, el("p", { class: "note" }, t("desk.loading")));
    void this.load();
  }

  close(): void {
    this.closed = true;
  }

  private async load(): Promise<void> {
    const { code, family } = this.thing;
    const subject = family === "cameras" ? "camera" : "device";
    const now = monthOf(dayOf(serverNow()));
    const of = async (month: string) => {
      const asked: Asked = { month, by: "device", centre: "", subject, code };
      const found = readAvailability(await getJson(`${BASE}?${queryOf(asked)}`));
      return monthCard(
        month,
        found.things.find((row) => row.code === code),
      );
    };
    try {
      const cards = await Promise.all([of(now), of(monthAfter(now, -1))]);
      if (!this.closed) replace(this.root, ...cards);
    } catch (error) {
      if (!this.closed) replace(this.root, el("p", { class: "note" }, whyNot(error)));
    }
  }
}

export const WORKED: Tab = {
  id: "availability",
  named: "avail.tab",
  fits: (thing) => thing.lifecycle !== "draft",
  show: (thing) => new AvailabilityTab(thing),
};
