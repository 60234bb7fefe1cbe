import { getJson, Refused, type Session } from "./api";
import { serverNow } from "./clock";
import { PageHead } from "./desk/head";
import { button, noteLine, nothing, section, table } from "./desk/parts";
import { startPage } from "./desk/start";
import { type Child, el, replace, setText } from "./dom";
import {
  dutyForm,
  firstDay,
  type LayOut,
  personText,
  rosterForm,
  type TeamWish,
  teamForm,
} from "./duty/forms";
import { nameOf, weekGrid } from "./duty/grid";
import {
  type Crew,
  type Duty,
  dayOf,
  daysAfter,
  instantOf,
  readCrew,
  readDuties,
  readTeams,
  type Team,
  weekOf,
} from "./duty/week";
import { moment } from "./format";
import { maySteps } from "./host";
import { onLanguage, t } from "./i18n/language";
import { reason, send } from "./people/send";
import { keepUnits, readUnits, type Unit, unitName, unitOptions } from "./tickets/units";
import { choose, type Sheet } from "./work/sheet";

/** Teams and duty rosters: who is on call now, a unit's week, one time more or less, a roster for weeks. */
class DutyPage {
  private readonly head: PageHead;
  private readonly note = noteLine();
  private readonly place = el("div", {});
  private readonly body = el("div", { class: "stack" });
  private readonly works: boolean;
  private units: Unit[] = [];
  private unit = "";
  private week = weekOf(dayOf(serverNow()));
  private duties: Duty[] = [];
  private teams: Team[] = [];
  private crew: Crew = { people: [], onDuty: [], by: "" };
  private turn = 0;

  constructor(
    root: HTMLElement,
    private readonly session: Session,
  ) {
    this.works = maySteps(session);
    this.head = new PageHead(session);
    replace(root, this.head.root, this.note, this.place, this.body);
    onLanguage(() => this.draw());
    this.draw();
    setText(this.note, t("desk.loading"));
    void this.begin();
    setInterval(() => this.draw(), 60_000);
  }

  private async begin(): Promise<void> {
    try {
      const all = readUnits(await getJson("/api/v1/units"));
      keepUnits(all);
      this.units = all.filter((one) => one.mine);
      const own = this.units.find((one) => one.centre === this.session.centre);
      const asked = decodeURIComponent(location.hash.slice(1));
      this.unit = (this.units.find((one) => one.code === asked) ?? own ?? this.units[0])?.code ?? "";
      setText(this.note, "");
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const refused = error instanceof Refused && error.status === 403;
    setText(this.note, refused ? t("desk.forbidden") : reason(error));
  }

  private async load(): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    const unit = encodeURIComponent(this.unit);
    const from = new Date(instantOf(`${this.week[0]}T00:00`) ?? 0).toISOString();
    const to = new Date(instantOf(`${daysAfter(this.week[6] ?? "", 1)}T00:00`) ?? 0).toISOString();
    try {
      const [duties, teams, crew, units] = await Promise.all([
        getJson(`/api/v1/duties?unit=${unit}&from=${from}&to=${to}&limit=2000`),
        getJson(`/api/v1/teams?unit=${unit}`),
        getJson(`/api/v1/units/${unit}/people`),
        getJson("/api/v1/units?duty=true"),
      ]);
      if (turn !== this.turn) return;
      this.duties = readDuties(duties);
      this.teams = readTeams(teams);
      this.crew = readCrew(crew);
      this.units = readUnits(units).filter((one) => one.mine);
      this.draw();
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  private draw(): void {
    this.head.draw(t("duty.title"));
    if (this.units.length === 0) {
      replace(this.body);
      return;
    }
    const now = serverNow();
    replace(
      this.body,
      this.unitRow(),
      el("div", { class: "two" }, this.nowPart(), this.teamsPart()),
      section(
        t("duty.week"),
        "week",
        this.weekRow(),
        weekGrid(this.week, this.duties, now, this.works ? (duty) => void this.takeOff(duty) : null),
      ),
      this.units.length > 1 && this.everyPart(),
    );
  }

  private unitRow(): HTMLElement {
    const unit = choose(t("policy.unit"), "unit", unitOptions(this.units), this.unit);
    unit.input.dataset.testid = "unit";
    unit.input.addEventListener("change", () => this.choose(unit.input.value));
    return unit.row;
  }

  /** Who is told of the unit's work at this moment, and why these. */
  private nowPart(): HTMLElement {
    const { onDuty, by } = this.crew;
    return section(
      t("duty.now"),
      "now",
      onDuty.length === 0
        ? nothing(t("duty.none"))
        : el("ul", { class: "plain" }, ...onDuty.map((one) => el("li", {}, personText(one)))),
      by !== "" &&
        by !== "duty" &&
        el("p", { class: "bad" }, t(by === "team" ? "duty.by.team" : "duty.by.instead")),
    );
  }

  /** Who is told now, unit by unit. */
  private everyPart(): HTMLElement {
    const choose = (one: Unit) => button(unitName(one.code), () => this.choose(one.code), { kind: "link" });
    return section(
      t("duty.every"),
      "every",
      table(
        [t("policy.unit"), t("duty.now"), t("figure.open"), t("queue.late")],
        this.units.map((one) => [
          choose(one),
          (one.onDuty ?? []).map(personText).join(", "),
          String(one.open),
          one.late > 0 ? el("b", { class: "bad" }, String(one.late)) : "0",
        ]),
      ),
    );
  }

  private choose(code: string): void {
    this.unit = code;
    history.replaceState(null, "", `#${encodeURIComponent(code)}`);
    this.shut();
    scrollTo({ top: 0 });
    void this.load();
  }

  private teamsPart(): HTMLElement {
    const acts = (team: Team): Child =>
      this.works &&
      el(
        "span",
        { class: "ends" },
        button(t("desk.edit"), () => this.editTeam(team)),
        button(t("desk.remove"), () => void this.dropTeam(team)),
      );
    return section(
      t("duty.teams"),
      "teams",
      this.teams.length === 0
        ? nothing(t("duty.noteams"))
        : table(
            [t("duty.team"), t("duty.members"), ""],
            this.teams.map((one) => [one.name, one.members.map(personText).join(", "), acts(one)]),
          ),
      this.works && button(t("duty.team.add"), () => this.editTeam(null), { testid: "add-team" }),
    );
  }

  private weekRow(): HTMLElement {
    const shift = (days: number) => {
      this.week = days === 0 ? weekOf(dayOf(serverNow())) : weekOf(daysAfter(this.week[0] ?? "", days));
      void this.load();
    };
    const day = firstDay(this.week, serverNow());
    const form = (make: typeof dutyForm) => () =>
      this.open(make(this.crew.people, this.teams, day, this.layOut, this.shut));
    return el(
      "div",
      { class: "spans" },
      button(t("duty.before"), () => shift(-7), { testid: "week-before" }),
      button(t("duty.this"), () => shift(0), { testid: "week-this" }),
      button(t("duty.after"), () => shift(7), { testid: "week-after" }),
      this.works && button(t("duty.add"), form(dutyForm), { testid: "add-duty", kind: "primary" }),
      this.works && button(t("duty.roster"), form(rosterForm), { testid: "lay-out" }),
    );
  }

  private open(sheet: Sheet): void {
    replace(this.place, sheet.root);
    sheet.begin();
  }

  private readonly shut = () => {
    this.place.replaceChildren();
  };

  private readonly layOut: LayOut = async (who, spans, weeks, note) => {
    const duties = spans.map((one) => ({
      from: new Date(one.starts).toISOString(),
      until: new Date(one.until).toISOString(),
      ...who,
      note,
      weeks,
    }));
    await send("POST", "/api/v1/duties", { unit: this.unit, duties });
    this.shut();
    await this.load();
    setText(this.note, t("duty.laid", { count: spans.length * weeks }));
  };

  /** One time, or with the reader's word all later ones that were laid out together with it. */
  private async takeOff(duty: Duty): Promise<void> {
    const now = serverNow();
    const what = `${nameOf(duty)}, ${moment(duty.starts, now)}`;
    if (!confirm(t("desk.sure", { what }))) return;
    const later = this.duties.some((one) => one.series === duty.series && one.starts > duty.starts);
    const all = later && confirm(t("duty.later"));
    await this.change("DELETE", `/api/v1/duties/${encodeURIComponent(duty.id)}${all ? "?later=true" : ""}`);
  }

  private editTeam(team: Team | null): void {
    const save = async ({ code, name, members }: TeamWish) => {
      const path = `/api/v1/teams/${encodeURIComponent(this.unit)}/${encodeURIComponent(code)}`;
      if (team) await send("PUT", path, { name, members, expected_version: team.version });
      else await send("POST", "/api/v1/teams", { unit: this.unit, code, name, members });
      this.shut();
      await this.load();
      setText(this.note, t("desk.saved"));
    };
    this.open(teamForm(team, this.crew.people, save, this.shut));
  }

  private async dropTeam(team: Team): Promise<void> {
    if (!confirm(t("desk.sure", { what: team.name }))) return;
    await this.change(
      "DELETE",
      `/api/v1/teams/${encodeURIComponent(this.unit)}/${encodeURIComponent(team.code)}`,
    );
  }

  private async change(method: string, path: string): Promise<void> {
    try {
      await send(method, path);
      await this.load();
      setText(this.note, t("desk.saved"));
    } catch (error) {
      this.fail(error);
    }
  }
}

void startPage((root, session) => {
  new DutyPage(root, session);
});
