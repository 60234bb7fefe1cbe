import { getJson } from "./api";
import { el, setText } from "./dom";
import { readGapCount } from "./gaps";
import { locale, t } from "./i18n/language";
import { isJson, number } from "./model";

const EVERY_MS = 30_000;
/** Gaps and refused messages that are older than a week are the business of a list, not of the wall. */
const WEEK_MS = 7 * 86_400_000;
/** The server counts no further. */
const MOST = 10_000;

/** How many refused messages wait to be mended, as `/api/v1/dead-letters` gives it; nought where it does not say. */
export function readRefused(value: unknown): number {
  return isJson(value) ? (number(value.count) ?? 0) : 0;
}

/** How many messages the broker itself dropped while the intake listened, as `/readyz` gives it. */
export function readDropped(value: unknown): number {
  const parts = isJson(value) && isJson(value.parts) ? value.parts : {};
  const intake = isJson(parts.intake) ? parts.intake : {};
  return number(intake.dropped_since_start) ?? 0;
}

/** The sentence on a number of refused messages. */
export function refusedText(count: number): string {
  const written = count.toLocaleString(locale());
  return t("refused.messages", { count: count >= MOST ? `≥ ${written}` : written });
}

/** What did not come through: gaps of devices, refused messages, drops of the broker. Nothing where all did. */
export class Losses {
  private readonly gaps = el("span", { data: { testid: "gaps" } });
  private readonly refused = el("span", { data: { testid: "refused" } });
  private readonly dropped = el("span", { data: { testid: "dropped" } });
  readonly root = el("div", { class: "losses" }, this.gaps, this.refused, this.dropped);
  private devices = 0;
  private letters = 0;

  /** `refused`: whether the reader may see refused messages; what he may not is not asked for. */
  constructor(
    private readonly mayRefused: boolean,
    private readonly fetch: (path: string) => Promise<unknown> = getJson,
  ) {}

  /** Asks now and every thirty seconds. */
  start(now: () => number): void {
    const ask = () => void this.look(now());
    setInterval(ask, EVERY_MS);
    ask();
  }

  /** Asks once; an answer that does not come leaves the last one. */
  async look(now: number): Promise<void> {
    const since = encodeURIComponent(new Date(now - WEEK_MS).toISOString());
    try {
      this.devices = readGapCount(await this.fetch("/api/v1/gaps?limit=1"));
      if (!this.mayRefused) return;
      this.letters = readRefused(await this.fetch(`/api/v1/dead-letters?limit=1&since=${since}`));
    } catch {
      // The banner tells that the server is away.
    }
  }

  /** `dropped`: what `readDropped` found last. */
  tick(dropped: number): void {
    const write = (node: HTMLElement, count: number, sentence: string, hint: string) => {
      node.hidden = count === 0;
      setText(node, sentence);
      node.title = hint;
    };
    write(this.gaps, this.devices, t("gaps.devices", { count: this.devices }), t("gaps.hint"));
    write(this.refused, this.letters, refusedText(this.letters), t("refused.hint"));
    const lost = t("dropped.messages", { count: dropped.toLocaleString(locale()) });
    write(this.dropped, dropped, lost, t("dropped.hint"));
  }
}
