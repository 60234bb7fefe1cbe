import { getJson } from "../api";
import { serverNow } from "../clock";
import { el } from "../dom";
import { personText } from "../duty/forms";
import { readCrew, readTeams } from "../duty/week";
import { t } from "../i18n/language";
import { commenting, type Filling, NOTHING } from "../work/filling";
import { PhotoField } from "../work/photos";
import { choose, lines, Told } from "../work/sheet";
import type { TicketDeed } from "./deeds";
import { isLive, type TicketRecord } from "./ticket";
import { loadUnits, unitOptions } from "./units";
import { dueText, unitOf } from "./words";

function because(must: boolean, label = must ? t("deed.why.must") : t("deed.why.may")) {
  return lines(label, "why", must);
}

/** A choice of units that fills itself when the list has come. */
export function unitChoice(label: string, without: string, chosen = "") {
  const unit = choose(label, "unit", [["", t("detail.loading")]]);
  unit.input.required = true;
  const ready = loadUnits().then(
    (list) => {
      const before = unit.input.value || chosen;
      unit.input.replaceChildren(
        el("option", { attributes: { value: "" } }, t("ticket.chooseunit")),
        ...unitOptions(list, without).map(([value, name]) => el("option", { attributes: { value } }, name)),
      );
      unit.input.value = before;
    },
    () => {
      const option = unit.input.options[0];
      if (option) option.textContent = t("ticket.nounits");
    },
  );
  return { ...unit, ready };
}

function reasoned(deed: TicketDeed): Filling {
  const must = deed.asks === "why";
  const why = because(must);
  const hints: Partial<Record<TicketDeed["name"], string>> = {
    refuse: t("ticket.refuse.what"),
    wait: t("ticket.wait.what"),
    reopen: t("ticket.reopen.what"),
    cancel: t("ticket.cancel.what"),
    verify: t("ticket.verify.what"),
  };
  const hint = hints[deed.name];
  return {
    rows: [hint !== undefined && el("p", { class: "dim" }, hint), why.row],
    body: () => ({ why: why.input.value }),
    close: NOTHING,
  };
}

function forwarding(record: TicketRecord): Filling {
  const unit = unitChoice(t("ticket.forward.to"), record.unit);
  const why = because(true);
  return {
    rows: [el("p", { class: "dim" }, t("ticket.forward.what", { count: record.bounces })), unit.row, why.row],
    body: () => {
      if (unit.input.value === "") throw new Told(t("ticket.chooseunit"));
      return { unit: unit.input.value, why: why.input.value };
    },
    close: NOTHING,
  };
}

function parting(record: TicketRecord): Filling {
  const unit = unitChoice(t("ticket.sub.unit"), record.unit);
  const task = lines(t("ticket.task.must"), "task", true);
  return {
    rows: [unit.row, task.row],
    body: () => {
      if (unit.input.value === "") throw new Told(t("ticket.chooseunit"));
      return { unit: unit.input.value, task: task.input.value };
    },
    close: NOTHING,
  };
}

function resolving(): Filling {
  const result = lines(t("ticket.result"), "result", true, t("ticket.result.hint"), 4_000);
  const photos = new PhotoField();
  return {
    rows: [result.row, photos.row],
    body: async () => ({ result: result.input.value, pictures: await photos.read() }),
    close: () => photos.close(),
  };
}

/** Who of the unit it may be given to: the reader, the people of its teams, a whole team. */
function assigning(record: TicketRecord, self: string): Filling {
  const people = new Map<string, string>();
  if (record.owner !== self) people.set(self, t("deed.assign.self", { login: self }));
  const owner = choose(
    t("deed.assign.to"),
    "owner",
    [["", t("ticket.noowner")], ...people],
    people.has(self) ? self : "",
  );
  const team = choose(t("ticket.team"), "team", [["", t("ticket.noteam")]]);
  const unit = encodeURIComponent(record.unit);
  getJson(`/api/v1/units/${unit}/people`).then(
    (body) => {
      for (const one of readCrew(body).people) {
        if (people.has(one.login) || one.login === record.owner) continue;
        people.set(one.login, personText(one));
        owner.input.append(el("option", { attributes: { value: one.login } }, personText(one)));
      }
    },
    // Whose unit it is not can still take it on in person.
    () => undefined,
  );
  getJson(`/api/v1/teams?unit=${unit}`).then(
    (body) => {
      for (const one of readTeams(body)) {
        team.input.append(el("option", { attributes: { value: one.code } }, one.name));
      }
      team.input.value = record.team;
    },
    () => undefined,
  );
  return {
    rows: [owner.row, team.row],
    body: () => {
      if (owner.input.value === "" && team.input.value === "") throw new Told(t("ticket.assign.nobody"));
      return { owner: owner.input.value, team: team.input.value };
    },
    close: NOTHING,
  };
}

/** Closing while parts of the work still run needs a reason. */
function closing(record: TicketRecord): Filling {
  const running = record.subs.filter(isLive);
  const why = because(running.length > 0);
  return {
    rows: [
      running.length > 0 && el("p", {}, t("ticket.close.subs", { count: running.length })),
      running.length > 0 &&
        el(
          "ul",
          { class: "plain" },
          ...running.map((one) =>
            el("li", {}, `#${one.number} ${unitOf(one)} · ${dueText(one, serverNow())}`),
          ),
        ),
      why.row,
    ],
    body: () => ({ why: why.input.value }),
    close: NOTHING,
  };
}

export function ticketFilling(deed: TicketDeed, record: TicketRecord, self: string): Filling {
  switch (deed.asks) {
    case "unit":
      return forwarding(record);
    case "task":
      return parting(record);
    case "result":
      return resolving();
    case "text":
      return commenting("pictures");
    case "owner":
      return assigning(record, self);
    case "ending":
      return closing(record);
    default:
      return reasoned(deed);
  }
}
