import { serverNow } from "../clock";
import type { IncidentRecord } from "../detail/record";
import { el, replace } from "../dom";
import { moment } from "../format";
import { t } from "../i18n/language";
import { isJson, type Json, text } from "../model";
import { SendAgain, sendJson } from "../people/send";
import { lines, Sheet } from "../work/sheet";
import { unitChoice } from "./forms";
import { type Proposal, readProposal } from "./proposal";
import { unitName } from "./units";

/** Asks the policy who is responsible for an incident; null where it cannot say. */
export async function propose(record: IncidentRecord): Promise<Proposal | null> {
  const [lon, lat] = record.position ?? [null, null];
  if (lon === null || lat === null) return null;
  const body = { category: record.category, severity: record.severity, lon, lat };
  return readProposal(await sendJson("POST", "/api/v1/ticket-policy/dry-run", body));
}

function proposalText(found: Proposal): string {
  const now = serverNow();
  const at = (ms: number | null) => (ms === null ? "–" : moment(ms, now));
  return [
    t("ticket.proposed", { unit: unitName(found.unit) }),
    found.why,
    t("ticket.proposed.clock", { accept: at(found.acceptBy), due: at(found.dueAt) }),
    ...found.along.map((one) => t("ticket.proposed.along", { unit: unitName(one.unit), task: one.task })),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Opens a ticket by hand: the policy proposes the unit and says why, the person decides. */
export function openTicketForm(
  record: IncidentRecord,
  done: (id: string, number: string) => void,
  cancel: () => void,
): Sheet {
  const told = el("p", { class: "dim", attributes: { role: "status" }, data: { testid: "proposal" } });
  const unit = unitChoice(t("ticket.unit"), "");
  const task = lines(t("ticket.task.may"), "task", false, t("ticket.task.hint"));
  replace(told, t("ticket.proposing"));
  Promise.all([propose(record), unit.ready]).then(
    ([found]) => {
      replace(told, found ? proposalText(found) : t("ticket.unproposed"));
      if (found && unit.input.value === "") unit.input.value = found.unit;
    },
    () => replace(told, t("ticket.unproposed")),
  );
  const again = new SendAgain();
  return new Sheet(
    t("ticket.open"),
    [told, unit.row, task.row],
    t("ticket.open"),
    async () => {
      const body: Json = { incident: record.id, unit: unit.input.value };
      if (task.input.value.trim() !== "") body.task = task.input.value;
      const made = await sendJson("POST", "/api/v1/tickets", body, again.keyOf(body));
      done(isJson(made) ? text(made.id) : "", String(made.number ?? ""));
    },
    cancel,
  );
}
