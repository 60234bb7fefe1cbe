import { call } from "../api";
import { serverNow } from "../clock";
import { el, setText, svg } from "../dom";
import { duration } from "../format";
import { t, word } from "../i18n/language";
import { past } from "./liveness";
import type { AlarmRecord } from "./record";

const REFRESH_MS = 3_000;

/** A stored picture in its frame; a sentence in its place when it cannot be had. */
function stored(address: string, caption: string, testid: string): [frame: HTMLElement, figure: HTMLElement] {
  const image = el("img", { attributes: { src: address, alt: caption } });
  const frame = el("div", { class: "photo", data: { testid } }, image);
  image.addEventListener("error", () =>
    frame.replaceChildren(el("p", { class: "note" }, t("picture.failed"))),
  );
  return [frame, el("figure", {}, frame, el("figcaption", {}, caption))];
}

/** What a camera showed before its picture went wrong. */
export function pictureBefore(address: string): HTMLElement {
  return stored(address, t("picture.before"), "before")[1];
}

/** The picture that an alarm was made from, with the box around what was seen. */
export function evidencePicture(alarm: AlarmRecord): HTMLElement | null {
  if (alarm.picture === null) return null;
  const noticed = alarm.kind === "system" || alarm.kind === "other";
  const caption = t(noticed ? "picture.after" : "picture.sighting");
  const [frame, figure] = stored(alarm.picture, caption, noticed ? "after" : "sighting");
  if (alarm.box) {
    const [x, y, width, height] = alarm.box.map((part) => part * 100) as [number, number, number, number];
    const box = { x, y, width, height };
    frame.append(
      svg(
        "svg",
        { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { ...box, class: "box", "vector-effect": "non-scaling-stroke" }),
      ),
    );
  }
  return figure;
}

/** The newest picture of a camera and its age, fetched again while it is on the page. */
export class NewestPicture {
  private readonly image = el("img", { attributes: { alt: t("picture.newest") } });
  private readonly caption = el("figcaption", {}, t("picture.newest"));
  private readonly note = el("p", { class: "note" }, t("picture.none"));
  private readonly banner = el("p", { class: "notlive", data: { testid: "notlive" } });
  private readonly photo = el("div", { class: "photo" }, this.image, this.banner, this.note);
  readonly root = el("figure", { data: { testid: "newest" } }, this.photo, this.caption);
  private takenAt: number | null = null;
  private state = "";
  private answered = true;
  private address: string | null = null;
  private readonly gone = new AbortController();
  private readonly timer = setInterval(() => void this.load(), REFRESH_MS);

  constructor(readonly camera: string) {
    this.image.hidden = true;
    void this.load();
  }

  tick(): void {
    const age = this.takenAt === null ? "" : t("picture.age", { age: duration(serverNow() - this.takenAt) });
    const why = past(this.state, this.takenAt, serverNow(), this.answered);
    const words = why === null ? "" : why === "state" ? word("state", this.state) : t(`liveness.${why}`);
    const parts = [t("picture.newest"), age, words].filter((part) => part !== "");
    const shown = !this.image.hidden;
    setText(this.caption, parts.join(" · "));
    setText(this.banner, [t("liveness.not"), words, age].filter((part) => part !== "").join(" · "));
    this.banner.hidden = why === null || !shown;
    this.photo.classList.toggle("past", why !== null && shown);
    this.caption.classList.toggle("trouble", why !== null && shown);
  }

  close(): void {
    this.gone.abort();
    clearInterval(this.timer);
    if (this.address) URL.revokeObjectURL(this.address);
  }

  private async load(): Promise<void> {
    try {
      const path = `/api/v1/cameras/${encodeURIComponent(this.camera)}/picture`;
      const response = await call(path, { signal: this.gone.signal });
      const picture = response.status === 204 ? null : await response.blob();
      if (this.gone.signal.aborted) return;
      const taken = Date.parse(response.headers.get("X-Taken-At") ?? "");
      this.takenAt = Number.isNaN(taken) ? null : taken;
      this.state = response.headers.get("X-Camera-State") ?? "";
      this.answered = true;
      if (picture) this.show(picture);
    } catch {
      // The old picture stays, and says that it is one.
      if (!this.gone.signal.aborted) this.answered = false;
    }
    this.tick();
  }

  private show(picture: Blob): void {
    const before = this.address;
    this.address = URL.createObjectURL(picture);
    this.image.src = this.address;
    this.image.hidden = false;
    this.note.hidden = true;
    if (before) URL.revokeObjectURL(before);
  }
}
