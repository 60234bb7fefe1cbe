import type { Board } from "../board";
import { el, replace } from "../dom";
import { hourMinute } from "../format";
import { t } from "../i18n/language";
import { extremeWaiting } from "../model";
import { lineIcon } from "../shapes";
import { PAGE_KEYS } from "../work/keys";
import { Calling, MUTE_MS, readMute } from "./calling";

const STORED = "ioc.sound.muted";
const SPEAKER = "M3 9.5H7L12 5V19L7 14.5H3ZM15 9A4.5 4.5 0 0 1 15 15";
const SPEAKER_OFF = "M3 9.5H7L12 5V19L7 14.5H3ZM15 9 21 15M21 9 15 15";
/** Two falling notes, the fifth and the first of C: heard without a start. */
const NOTES = [
  { hertz: 659.3, after: 0 },
  { hertz: 523.3, after: 0.28 },
] as const;
const LOUD = 0.22;
const LASTS_S = 0.7;

/** Plays the notes, once a browser allows it: that is after somebody has touched the page. */
class Chime {
  private context: AudioContext | null = null;

  /** Whether it would be heard. A browser that is asked too early only complains, so that it is not asked. */
  get allowed(): boolean {
    if (navigator.userActivation?.hasBeenActive) this.arm();
    return this.context?.state === "running";
  }

  /** Makes ready what plays. */
  arm(done?: () => void): void {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") this.context.resume().then(done, () => undefined);
  }

  play(): void {
    const context = this.context;
    if (!context) return;
    for (const { hertz, after } of NOTES) {
      const at = context.currentTime + after;
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUD, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.001, at + LASTS_S);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + LASTS_S);
    }
  }
}

/** Calls somebody to an extreme incident that nobody has taken, and the button that says whether it may. */
export class Sound {
  private readonly chime = new Chime();
  private readonly calling = new Calling();
  private until: number | null;
  private drawn = "";
  readonly root = el("button", {
    class: "quiet sound",
    attributes: { type: "button", "aria-keyshortcuts": PAGE_KEYS.mute },
    data: { testid: "sound" },
    on: { click: () => this.press() },
  });

  constructor(private readonly board: Board) {
    this.until = readMute(this.kept(), Date.now());
  }

  /** Called each second, and when incidents have changed. */
  tick(): void {
    if (this.until !== null && Date.now() >= this.until) this.until = null;
    const waiting = extremeWaiting(this.board.incidents.values());
    const may = this.chime.allowed;
    if (may && this.until === null && this.calling.due(waiting, performance.now())) this.chime.play();
    this.draw(may);
  }

  /** Allows the sound where it was not; else mutes this wall for a while, or ends that. */
  press(): void {
    const allowed = this.root.dataset.sound !== "blocked";
    this.chime.arm(() => this.tick());
    if (allowed) this.mute(this.until === null ? Date.now() + MUTE_MS : null);
    this.tick();
  }

  private mute(until: number | null): void {
    this.until = until;
    try {
      if (until === null) localStorage.removeItem(STORED);
      else localStorage.setItem(STORED, String(until));
    } catch {
      // It then lasts until the page closes.
    }
  }

  private kept(): string | null {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  }

  private draw(allowed: boolean): void {
    const state = !allowed ? "blocked" : this.until === null ? "on" : "muted";
    const words =
      state === "muted" ? t("sound.muted", { time: hourMinute(this.until ?? 0) }) : t(`sound.${state}`);
    if (this.drawn === words + state) return;
    this.drawn = words + state;
    this.root.dataset.sound = state;
    this.root.title = t("tools.key", { what: t("help.mute"), key: PAGE_KEYS.mute });
    replace(this.root, lineIcon(state === "on" ? SPEAKER : SPEAKER_OFF), words);
  }
}
