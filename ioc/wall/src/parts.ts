import { getJson, Refused } from "./api";
import { serverNow } from "./clock";
import { el, replace } from "./dom";
import { moment } from "./format";
import { locale, t, word } from "./i18n/language";
import { readDropped } from "./losses";
import { isJson, number, text, time } from "./model";

const EVERY_MS = 10_000;
const PATIENCE_MS = 8_000;
/** A part gives a sign every five seconds; one that does so and yet does not work is not silent. */
const SILENT_MS = 15_000;
/** The processes that a centre cannot do without. One that never came up is not in the server's list. */
const NEEDED = ["intake", "cameras", "serve"] as const;

/** A process that does not do its work. */
export interface IdlePart {
  name: string;
  /** Its last sign of life in milliseconds since the epoch, null where there was none. */
  seenAt: number | null;
}

/** What waits on the disk of the intake, and why. */
export interface Waiting {
  /** Why PostgreSQL takes nothing or nothing is acknowledged, empty when all goes its way. */
  why: string;
  acknowledging: boolean;
  messages: number;
  /** When the oldest of them arrived, in milliseconds since the epoch. */
  since: number | null;
}

/** What the intake says of its spool; null when nothing waits and nothing stands still. */
export function readWaiting(body: unknown): Waiting | null {
  if (!isJson(body) || !isJson(body.parts)) return null;
  const intake = isJson(body.parts.intake) ? body.parts.intake : {};
  const acknowledging = intake.acknowledging !== false && intake.acknowledging !== 0;
  const messages = number(intake.spool_messages) ?? 0;
  const why = text(intake.why);
  if (acknowledging && messages === 0 && why === "") return null;
  return { why, acknowledging, messages, since: time(text(intake.waiting_since)) };
}

/** Whether evidence of cameras is refused, because there is no room for it and nothing that may go. */
export function readFull(body: unknown): boolean {
  return (
    isJson(body) && isJson(body.parts) && isJson(body.parts.cameras) && body.parts.cameras.media_full === 1
  );
}

/** One sentence on what waits. */
export function waitingSentence(waiting: Waiting, now: number): string {
  const count = t("spool.messages", { count: waiting.messages.toLocaleString(locale()) });
  const why = word("why", waiting.why);
  const cause = why === waiting.why ? t("why.other", { code: waiting.why || "?" }) : why;
  const since = waiting.since === null ? "" : ` (${t("spool.since", { time: moment(waiting.since, now) })})`;
  if (!waiting.acknowledging) return t("spool.stopped", { why: cause, count }) + since;
  return waiting.why
    ? t("spool.away", { why: cause, count }) + since
    : t("spool.draining", { count }) + since;
}

/** What does not work according to `/readyz`; null when the answer does not say. */
export function readIdle(body: unknown): IdlePart[] | null {
  if (!isJson(body) || typeof body.ready !== "boolean") return null;
  if (body.ready) return [];
  const told = isJson(body.parts) ? body.parts : {};
  // While PostgreSQL is away nobody knows of the parts that speak through it alone.
  const blind = isJson(told.database) && told.database.ready === false;
  const names = new Set([...(blind ? [] : NEEDED), ...Object.keys(told)]);
  const idle: IdlePart[] = [];
  for (const name of names) {
    const part = isJson(told[name]) ? told[name] : {};
    // An intake that listens and yet is not ready has its own sentence.
    if (name === "intake" && part.listening === true && readWaiting(body) !== null) continue;
    // One that lives and hears nothing has lost the broker, not its life.
    const what = name === "intake" && part.listening === false ? "broker" : name;
    if (part.ready !== true) idle.push({ name: what, seenAt: time(text(part.seen_at)) });
  }
  return idle;
}

/** One sentence on a part that does not work. */
export function sentence(part: IdlePart, now: number): string {
  const known = word("part", part.name);
  const what = known === part.name ? t("parts.other", { name: part.name }) : known;
  if (part.seenAt === null || now - part.seenAt < SILENT_MS) return what;
  return `${what} (${t("parts.seen", { time: moment(part.seenAt, now) })})`;
}

/** The lines that say which part of the centre does not work and what waits; they stand as long as that is so. */
export class PartsBanner {
  private idle: IdlePart[] = [];
  private waiting: Waiting | null = null;
  private full = false;
  private drawn = "";
  /** How many messages the broker dropped while the intake listened, as it was told last. */
  dropped = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly fetch: (path: string, signal: AbortSignal) => Promise<unknown> = getJson,
  ) {}

  /** Looks now and then every ten seconds. */
  start(): void {
    let busy = false;
    const look = () => {
      if (busy) return;
      busy = true;
      void this.look().finally(() => {
        busy = false;
      });
    };
    look();
    setInterval(look, EVERY_MS);
  }

  /** Asks once. Without an answer the last one stands: a dead server shows in the stream. */
  async look(): Promise<void> {
    const answer = await this.ask();
    const idle = readIdle(answer);
    if (idle === null) return;
    this.idle = idle;
    this.waiting = readWaiting(answer);
    this.full = readFull(answer);
    this.dropped = readDropped(answer);
  }

  /** `lost`: nothing is known of the parts, and the page says so in another line; so many alarms are provisional. */
  tick(lost: boolean, provisional = 0): void {
    const now = serverNow();
    const waits = this.waiting === null ? [] : [waitingSentence(this.waiting, now)];
    const unsaved = provisional > 0 ? [t("provisional.banner", { count: provisional })] : [];
    const full = this.full ? [t("media.full")] : [];
    const lines = lost
      ? []
      : [...waits, ...unsaved, ...full, ...this.idle.map((part) => sentence(part, now))];
    // What is drawn again is spoken again.
    if (lines.join("\n") === this.drawn) return;
    this.drawn = lines.join("\n");
    replace(this.root, ...lines.map((line) => el("strong", {}, line)));
    this.root.hidden = lines.length === 0;
  }

  private async ask(): Promise<unknown> {
    try {
      return await this.fetch("/readyz", AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      // "Not ready" is told with 503.
      return error instanceof Refused ? error.body : null;
    }
  }
}
