import { getJson } from "../api";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { duration, moment } from "../format";
import { clockTrouble, type Gap, type Gaps, readGaps } from "../gaps";
import { t } from "../i18n/language";
import { facts } from "./facts";

const REFRESH_MS = 10_000;
/** As many gaps are written out; the rest is a number. */
const WRITTEN = 5;

/** Which messages of a device are missing, and whether its clock is wrong; nothing where all is well. */
export class Missing {
  readonly root = el("div", { class: "missing", data: { testid: "missing" } });
  private found: Gaps | null = null;
  private readonly gone = new AbortController();
  private readonly timer = setInterval(() => void this.load(), REFRESH_MS);

  constructor(readonly device: string) {
    void this.load();
  }

  draw(): void {
    const found = this.found;
    const trouble = clockTrouble(found?.lagMs ?? null);
    const lag = duration(Math.abs(found?.lagMs ?? 0));
    replace(
      this.root,
      facts([
        [t("gaps.messages"), found && found.missing > 0 ? gapsText(found, serverNow()) : null],
        [t("gaps.clock"), trouble && t(`gaps.${trouble}`, { lag })],
      ]),
    );
    this.root.hidden = !(found && found.missing > 0) && trouble === null;
  }

  close(): void {
    this.gone.abort();
    clearInterval(this.timer);
  }

  private async load(): Promise<void> {
    try {
      const path = `/api/v1/devices/${encodeURIComponent(this.device)}/gaps`;
      this.found = readGaps(await getJson(path, this.gone.signal));
      this.draw();
    } catch {
      // The last answer stays; the banner tells that the server is away.
    }
  }
}

function gapText(gap: Gap, now: number): string {
  const numbers = gap.first === gap.last ? `${gap.first}` : `${gap.first}–${gap.last}`;
  const at = gap.since ?? gap.until;
  return at === null ? numbers : `${numbers} (${moment(at, now)})`;
}

function gapsText(found: Gaps, now: number): HTMLElement {
  const written = found.gaps.slice(0, WRITTEN).map((gap) => gapText(gap, now));
  const more = found.gaps.length - written.length;
  if (more > 0) written.push(t("gaps.more", { count: more }));
  return el(
    "span",
    {},
    el("b", { class: "trouble" }, t("gaps.missing", { count: found.missing })),
    `: ${written.join(", ")}`,
  );
}
