import { el } from "../dom";
import { t, word } from "../i18n/language";
import { choose, labelled, Sheet, Told, tick } from "../work/sheet";
import { dayOf, instantOf, type Person, type Shift, shiftsOf, type Team } from "./week";

/** What a roster entry is about: a person, or a team whole. */
export interface Subject {
  login: string;
  team: string;
}

/** Lays out spans for somebody, each again in so many weeks. */
export type LayOut = (
  who: Subject,
  spans: readonly { starts: number; until: number }[],
  weeks: number,
  note: string,
) => Promise<void>;

const MOST_WEEKS = 53;

/** "Lan (lan)"; of an account that is gone only the login. */
export function personText(one: Person): string {
  return one.name === "" || one.name === one.login ? one.login : `${one.name} (${one.login})`;
}

/** Persons by their login, teams by `@` and their code. */
function whoChoice(people: readonly Person[], teams: readonly Team[]) {
  const who = choose(t("duty.who"), "who", [
    ["", t("duty.choose")],
    ...teams.map((one) => [`@${one.code}`, t("duty.teamof", { name: one.name })] as const),
    ...people.map((one) => [one.login, personText(one)] as const),
  ]);
  who.input.required = true;
  const subject = (): Subject => {
    const { value } = who.input;
    if (value === "") throw new Told(t("duty.choose"));
    return value.startsWith("@") ? { login: "", team: value.slice(1) } : { login: value, team: "" };
  };
  return { row: who.row, subject };
}

const field = (label: string, attributes: Record<string, string>) => {
  const made = labelled(label, el("input", { attributes }));
  made.input.required = attributes.name !== "note";
  return made;
};

/** One time on duty. */
export function dutyForm(
  people: readonly Person[],
  teams: readonly Team[],
  day: string,
  layOut: LayOut,
  cancel: () => void,
): Sheet {
  const who = whoChoice(people, teams);
  const from = field(t("duty.from"), { name: "from", type: "datetime-local", value: `${day}T07:00` });
  const to = field(t("duty.to"), { name: "to", type: "datetime-local", value: `${day}T19:00` });
  const note = field(t("duty.note"), { name: "note", maxlength: "200" });
  return new Sheet(
    t("duty.add"),
    [el("div", { class: "fields" }, who.row, from.row, to.row, note.row)],
    t("desk.add"),
    async () => {
      const [starts, until] = [instantOf(from.input.value), instantOf(to.input.value)];
      if (starts === null || until === null || until <= starts) throw new Told(t("duty.badspan"));
      await layOut(who.subject(), [{ starts, until }], 1, note.input.value);
    },
    cancel,
  );
}

/** Times on duty that come back every week. */
export function rosterForm(
  people: readonly Person[],
  teams: readonly Team[],
  day: string,
  layOut: LayOut,
  cancel: () => void,
): Sheet {
  const who = whoChoice(people, teams);
  const first = field(t("duty.first"), { name: "first", type: "date", value: day });
  const weeks = field(t("duty.weeks"), {
    name: "weeks",
    type: "number",
    min: "1",
    max: String(MOST_WEEKS),
    value: "4",
  });
  const from = field(t("duty.hourfrom"), { name: "hourfrom", type: "time", value: "07:00" });
  const to = labelled(
    t("duty.hourto"),
    el("input", { attributes: { name: "hourto", type: "time", value: "19:00" } }),
    t("duty.hourto.hint"),
  );
  const days = [1, 2, 3, 4, 5, 6, 7].map((one) =>
    tick(word("day", String(one)), { name: "day", value: String(one) }, one <= 5),
  );
  const note = field(t("duty.note"), { name: "note", maxlength: "200" });
  return new Sheet(
    t("duty.roster"),
    [
      el("div", { class: "fields" }, who.row, first.row, weeks.row, from.row, to.row, note.row),
      el("fieldset", { class: "many" }, el("legend", {}, t("duty.days")), ...days.map((one) => one.row)),
    ],
    t("duty.roster.send"),
    async () => {
      const shift: Shift = {
        days: days.filter(({ input }) => input.checked).map(({ input }) => Number(input.value)),
        from: from.input.value,
        to: to.input.value,
        first: first.input.value,
      };
      const spans = shiftsOf(shift);
      if (spans.length === 0) throw new Told(t("duty.nodays"));
      await layOut(who.subject(), spans, Number(weeks.input.value) || 1, note.input.value);
    },
    cancel,
  );
}

export interface TeamWish {
  code: string;
  name: string;
  members: string[];
}

/** A team: its name and who is in it. */
export function teamForm(
  team: Team | null,
  people: readonly Person[],
  save: (wish: TeamWish) => Promise<void>,
  cancel: () => void,
): Sheet {
  const name = field(t("duty.team.name"), { name: "name", maxlength: "100", value: team?.name ?? "" });
  const code = labelled(
    t("duty.team.code"),
    el("input", {
      attributes: { name: "code", maxlength: "63", pattern: "[a-z0-9][a-z0-9-]*", value: team?.code ?? "" },
    }),
    t("duty.team.code.hint"),
  );
  code.input.required = true;
  code.input.readOnly = team !== null;
  const known = new Set(people.map((one) => one.login));
  const inside = new Set(team?.members.map((one) => one.login));
  const gone = (team?.members ?? []).filter((one) => !known.has(one.login));
  const boxes = [...people, ...gone].map((one) =>
    tick(personText(one), { name: "member", value: one.login }, inside.has(one.login)),
  );
  return new Sheet(
    team ? t("duty.team.edit", { name: team.name }) : t("duty.team.add"),
    [
      el("div", { class: "fields" }, name.row, code.row),
      el("fieldset", { class: "many" }, el("legend", {}, t("duty.members")), ...boxes.map((one) => one.row)),
    ],
    t("desk.save"),
    () => {
      const members = boxes.filter(({ input }) => input.checked).map(({ input }) => input.value);
      return save({ code: code.input.value, name: name.input.value, members });
    },
    cancel,
  );
}

/** The day a form begins with: that of today within the week that is shown, else its Monday. */
export function firstDay(week: readonly string[], now: number): string {
  const today = dayOf(now);
  return week.includes(today) ? today : (week[0] ?? today);
}
