import { duration, moment } from "../format";
import { language, t, word } from "../i18n/language";
import { deadline, type Line, type Ticket } from "./ticket";
import { unitName } from "./units";

export function titleOf(one: { title: string; titleEn: string }): string {
  return language() === "vi" ? one.title : one.titleEn;
}

/** The unit's name as the ticket told it, or as the list of units has it. */
export function unitOf(ticket: Ticket): string {
  const told = language() === "vi" ? ticket.unitName : ticket.unitNameEn;
  return told !== "" && told !== ticket.unit ? told : unitName(ticket.unit);
}

/** "phải nhận trong 12 phút", "QUÁ HẠN 2 giờ", "đồng hồ dừng": what of the clock counts now. */
export function dueText(ticket: Ticket, now: number): string {
  const counts = deadline(ticket);
  if (counts !== null) {
    const left = counts.at - now;
    const key = counts.kind === "accept" ? "accept" : "done";
    return left < 0
      ? t(`ticket.late.${key}`, { age: duration(-left) })
      : t(`ticket.left.${key}`, { age: duration(left) });
  }
  if (ticket.rest !== null) return t("ticket.still", { age: duration(ticket.rest * 1_000) });
  return "";
}

/** A timer of the policy says what it was ("accept:khan/0"), and to which roles ("duty,unit"). */
const TIMER = /^(accept|due|resolved):/;

function byTimer(line: Line): boolean {
  return (line.who === "" || line.who === "system") && TIMER.test(line.text);
}

/** The other end of a line in words: a unit's name, a severity, roles, or as it was written. */
function toText(line: Line): string {
  if (line.what === "severity") return word("severity", line.to);
  if (line.what !== "notified" && line.what !== "reminded") return unitName(line.to);
  const roles = line.to.split(",").filter((role) => role !== "");
  return roles.map((role) => word("whom", role)).join(", ");
}

/** Why, in a person's own words or in those of a timer's stage; a reminder says all by its name. */
function whyText(line: Line): string {
  if (!byTimer(line)) return line.text;
  return line.what === "reminded" ? "" : word("stage", line.text.split(":", 1)[0] ?? "");
}

/** What a line of the log says; a step that this wall does not know is shown as it was written. */
export function lineText(line: Line): string {
  if (line.what === "comment") return line.text;
  const to = toText(line);
  if (line.what === "bounced_up") return t("tlog.bounced_up", { to, wanted: unitName(line.text) });
  const known = word("tlog", line.what);
  const head = to === "" ? known : `${known} → ${to}`;
  const why = whyText(line);
  return why === "" ? head : `${head}: ${why}`;
}

export function whoText(who: string): string {
  return who === "" || who === "system" ? word("who", "system") : who;
}

/** Why a step was refused: somebody was quicker, who, with what, when. */
export function conflictText(since: readonly Line[], self: string, now: number): string {
  const told = since
    .filter((line) => line.what !== "")
    .map((line) => {
      const who = line.who === self ? t("stale.self") : whoText(line.who);
      return `${who}: “${lineText(line)}”${line.at === null ? "" : ` (${moment(line.at, now)})`}`;
    });
  if (told.length === 0) return t("ticket.conflict.plain");
  return t("ticket.conflict", { what: told.join("; ") });
}
