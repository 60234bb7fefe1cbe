import { serverNow } from "../clock";
import { el, setText } from "../dom";
import { duration, fixed } from "../format";
import { t, word } from "../i18n/language";
import { Player, plays } from "./player";
import type { Screen } from "./source";

/** A picture that is older than this is not called live. */
export const LIVE_MS = 3_000;
/** So many failures of a browser's decoder in a row, then it has only still pictures. */
const FAILURES = 3;

type Kind = "waiting" | "film" | "still";

/** One camera on the page: video where there is some, else still pictures, and beneath it the truth about its age. */
export class CameraScreen implements Screen {
  private readonly video = el("video", {
    attributes: { muted: "", playsinline: "", autoplay: "" },
    data: { testid: "film" },
  });
  private readonly image = el("img", { attributes: { alt: "" } });
  private readonly note = el("p", { class: "note" });
  readonly frame = el("div", { class: "photo film" }, this.video, this.image, this.note);
  readonly caption = el("figcaption", { attributes: { role: "status" } });
  readonly root = el("figure", { class: "screen", data: { testid: "screen" } }, this.frame, this.caption);
  private readonly player = new Player(this.video, () => this.broken());
  private kind: Kind = "waiting";
  private why = "";
  private state = "";
  private stillAt: number | null = null;
  private address: string | null = null;
  private failures = 0;
  private connected = false;

  constructor(readonly code: string) {
    this.video.muted = true;
    this.video.addEventListener("playing", () => {
      this.failures = 0;
    });
    this.show("waiting");
  }

  begin(codec: string): boolean {
    this.connected = true;
    if (!plays(codec) || this.failures >= FAILURES) {
      this.why = "browser";
      return false;
    }
    this.why = "";
    this.player.begin();
    return true;
  }

  film(bytes: Uint8Array<ArrayBuffer>): boolean {
    this.connected = true;
    this.player.film(bytes);
    if (this.kind !== "film" && this.video.readyState >= 2) this.show("film");
    return this.failures < FAILURES;
  }

  none(why: string): void {
    this.connected = true;
    this.why = why;
  }

  still(jpeg: Uint8Array<ArrayBuffer>, takenAt: number, state: string): void {
    this.connected = true;
    const before = this.address;
    this.address = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
    this.image.src = this.address;
    if (before) URL.revokeObjectURL(before);
    this.stillAt = Number.isNaN(takenAt) ? null : takenAt;
    this.state = state;
    this.show("still");
  }

  lost(): void {
    this.connected = false;
    this.tick();
  }

  close(): void {
    this.player.close();
    if (this.address) URL.revokeObjectURL(this.address);
  }

  /** What is shown, for the page around it. */
  get live(): boolean {
    const late = this.player.late;
    return this.kind === "film" && this.connected && late !== null && late < LIVE_MS;
  }

  /** Tells how old the picture is; called each second. */
  tick(): void {
    if (this.kind === "waiting" && this.video.readyState >= 2) this.show("film");
    setText(this.caption, this.words());
    this.root.dataset.kind = this.kind;
    this.root.dataset.live = String(this.live);
    this.caption.classList.toggle("trouble", this.kind !== "waiting" && !this.live && !this.fresh());
    setText(this.note, t(this.connected ? "film.waiting" : "film.connecting"));
    this.image.alt = t("picture.newest");
    this.video.setAttribute("aria-label", t("film.video"));
  }

  private words(): string {
    if (this.kind === "waiting") return t(this.connected ? "film.waiting" : "film.connecting");
    const parts = this.kind === "film" ? this.filmWords() : this.stillWords();
    if (!this.connected) parts.push(t("film.lost"));
    return parts.join(" · ");
  }

  private filmWords(): string[] {
    const { late } = this.player;
    if (late === null) return [t("film.waiting")];
    if (this.live) return [t("film.live"), t("film.delay", { delay: fixed(late / 1000, 1) })];
    return [t("film.notlive"), t("film.last", { age: duration(late) })];
  }

  private stillWords(): string[] {
    const parts = [t("film.still")];
    if (this.stillAt !== null) parts.push(t("picture.age", { age: duration(serverNow() - this.stillAt) }));
    if (this.state !== "" && this.state !== "live") parts.push(word("state", this.state));
    const told = word("film.why", this.why);
    if (told !== this.why) parts.push(told);
    return parts;
  }

  private fresh(): boolean {
    return this.kind === "still" && this.state === "live";
  }

  private show(kind: Kind): void {
    this.kind = kind;
    this.video.hidden = kind !== "film";
    this.image.hidden = kind !== "still";
    this.note.hidden = kind !== "waiting";
    this.tick();
  }

  /** The browser could not go on with what came; it begins anew, and in the end there are still pictures. */
  private broken(): void {
    this.failures += 1;
    if (this.failures < FAILURES) this.player.again();
  }
}
