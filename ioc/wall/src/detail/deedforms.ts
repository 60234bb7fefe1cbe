import { getJson } from "../api";
import { serverNow } from "../clock";
import { el } from "../dom";
import { moment } from "../format";
import type { Host } from "../host";
import { language, t, word } from "../i18n/language";
import { isJson, SEVERITIES, text } from "../model";
import { IncidentChoice } from "../work/choice";
import { commenting, type Filling, NOTHING } from "../work/filling";
import { type Deed, needsReason } from "../work/keys";
import { choose, labelled, lines, Told, tick } from "../work/sheet";
import type { IncidentRecord } from "./record";

/** Who may be given the incident: not its owner; the reader first. */
function assigning(record: IncidentRecord, host: Host): Filling {
  const self = host.session.user;
  const own = record.owner === self;
  const first = own ? [] : [[self, t("deed.assign.self", { login: self })] as const];
  const who = choose(t("deed.assign.to"), "to", first, own ? "" : self);
  void getJson(`/api/v1/incidents/${encodeURIComponent(record.id)}/assignees`).then(
    (body) => {
      const people = isJson(body) && Array.isArray(body.people) ? body.people.filter(isJson) : [];
      for (const one of people) {
        const login = text(one.login);
        if (login === self || login === record.owner || login === "") continue;
        who.input.append(
          el("option", { attributes: { value: login } }, `${text(one.name, login)} (${login})`),
        );
      }
    },
    () => undefined,
  );
  const why = lines(t("deed.why.may"), "why", false);
  return {
    rows: [who.row, why.row],
    body: () => {
      if (who.input.value === "") throw new Told(t("deed.assign.nobody"));
      return { to: who.input.value, why: why.input.value };
    },
    close: NOTHING,
  };
}

function grading(record: IncidentRecord): Filling {
  const grades = SEVERITIES.filter((one) => one !== record.severity);
  const grade = choose(
    t("deed.severity.to"),
    "severity",
    grades.map((one) => [one, t(`severity.${one}`)] as const),
    grades[0] ?? "",
  );
  const why = lines(t("deed.why.must"), "why", true);
  return {
    rows: [grade.row, why.row],
    body: () => ({ severity: grade.input.value, why: why.input.value }),
    close: NOTHING,
  };
}

function titling(record: IncidentRecord): Filling {
  const line = (label: string, name: string, value: string) =>
    labelled(label, el("input", { attributes: { name, value, maxlength: "300" } }));
  const vi = line(t("deed.title.vi"), "title", record.title);
  const en = line(t("deed.title.en"), "title_en", record.titleEn);
  vi.input.required = true;
  return {
    rows: [vi.row, en.row],
    body: () => ({ title: vi.input.value, title_en: en.input.value }),
    close: NOTHING,
  };
}

function joining(record: IncidentRecord, host: Host, deed: "merge" | "duplicate"): Filling {
  const choice = new IncidentChoice(host, { id: record.id, position: record.position });
  const why = lines(t("deed.why.may"), "why", false);
  return {
    rows: [el("p", {}, t(deed === "merge" ? "deed.merge.what" : "deed.duplicate.what")), choice.row, why.row],
    body: () => {
      const other = choice.incident;
      if (!other) throw new Told(t("choice.needed"));
      const of = host.board.incidents.get(other.id)?.version ?? other.version;
      const both =
        deed === "merge" ? { other: other.id, other_version: of } : { of: other.id, of_version: of };
      return { ...both, why: why.input.value };
    },
    close: () => choice.close(),
  };
}

function splitting(record: IncidentRecord): Filling {
  const boxes = record.alarms.map((alarm) => {
    const title = language() === "vi" ? alarm.title : alarm.titleEn;
    return tick(`${title || alarm.sourceName} · ${alarm.sourceName}`, { name: "alarm", value: alarm.id });
  });
  const why = lines(t("deed.why.may"), "why", false);
  return {
    rows: [
      el(
        "fieldset",
        { class: "many" },
        el("legend", {}, t("deed.split.what")),
        ...boxes.map((one) => one.row),
      ),
      record.alarmCount > record.alarms.length &&
        el("p", { class: "dim" }, t("deed.split.newest", { count: record.alarms.length })),
      why.row,
    ],
    body: () => {
      const alarms = boxes.filter(({ input }) => input.checked).map(({ input }) => input.value);
      if (alarms.length === 0) throw new Told(t("deed.split.none"));
      return { alarms, why: why.input.value };
    },
    close: NOTHING,
  };
}

/** What an undo takes back, of whom and when. */
export function undoText({ kind, who, at }: NonNullable<IncidentRecord["undo"]>): string {
  return t("deed.undo.what", {
    what: word("log", kind === "merge" ? "merged" : kind),
    who,
    time: at === null ? "" : moment(at, serverNow()),
  });
}

function reasoned(deed: Deed, record: IncidentRecord): Filling {
  const must = needsReason(deed.reason, record.holding);
  const why = lines(t(must ? "deed.why.must" : "deed.why.may"), "why", must);
  const note = deed.name === "resolve" && record.holding > 0;
  return {
    rows: [
      deed.name === "undo" && record.undo && el("p", {}, undoText(record.undo)),
      note && el("p", {}, t("deed.resolve.holding", { count: record.holding })),
      deed.name === "false-alarm" && el("p", {}, t("deed.false.what")),
      why.row,
    ],
    body: () => ({ why: why.input.value }),
    close: NOTHING,
  };
}

/** What a deed asks for. Of muting the silences themselves ask. */
export function fillingOf(deed: Deed, record: IncidentRecord, host: Host): Filling {
  switch (deed.name) {
    case "assign":
      return assigning(record, host);
    case "comment":
      return commenting("photos");
    case "severity":
      return grading(record);
    case "title":
      return titling(record);
    case "merge":
    case "duplicate":
      return joining(record, host, deed.name);
    case "split":
      return splitting(record);
    default:
      return reasoned(deed, record);
  }
}
