import { getJson, Refused } from "./api";
import { serverNow } from "./clock";
import { el, replace } from "./dom";
import { moment } from "./format";
import { t, word } from "./i18n/language";
import { isJson, text, time } from "./model";

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

/** What does not work according to `/readyz`; null when the answer does not say. */
export function readIdle(body: unknown): IdlePart[] | null {
  if (!isJson(body) || typeof body.ready !== "boolean") return null;
  if (body.ready) return [];
  const told = isJson(body.parts) ? body.parts : {};
  const names = new Set([...NEEDED, ...Object.keys(told)]);
  const idle: IdlePart[] = [];
  for (const name of names) {
    const part = isJson(told[name]) ? told[name] : {};
    if (part.ready !== true) idle.push({ name, seenAt: time(text(part.seen_at)) });
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

/** The line that says which part of the centre does not work; it stands as long as that is so. */
export class PartsBanner {
  private idle: IdlePart[] = [];
  private drawn = "";

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
    this.idle = readIdle(await this.ask()) ?? this.idle;
  }

  /** `lost`: nothing is known of the parts, and the page says so in another line. */
  tick(lost: boolean): void {
    const now = serverNow();
    const lines = lost ? [] : this.idle.map((part) => sentence(part, now));
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
