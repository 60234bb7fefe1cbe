import { call } from "../api";
import { serverNow } from "../clock";
import { el, setText, svg } from "../dom";
import { duration } from "../format";
import { t, word } from "../i18n/language";
import type { AlarmRecord } from "./record";

const REFRESH_MS = 5_000;

/** The picture that a sighting was made from, with the box around what was seen. */
export function evidencePicture(alarm: AlarmRecord): HTMLElement | null {
  if (alarm.picture === null) return null;
  const image = el("img", { attributes: { src: alarm.picture, alt: t("picture.sighting") } });
  const frame = el("div", { class: "photo", data: { testid: "sighting" } }, image);
  image.addEventListener("error", () =>
    frame.replaceChildren(el("p", { class: "note" }, t("picture.failed"))),
  );
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
  return el("figure", {}, frame, el("figcaption", {}, t("picture.sighting")));
}

/** The newest picture of a camera and its age, fetched again while it is on the page. */
export class NewestPicture {
  private readonly image = el("img", { attributes: { alt: t("picture.newest") } });
  private readonly caption = el("figcaption", {}, t("picture.newest"));
  private readonly note = el("p", { class: "note" }, t("picture.none"));
  readonly root = el(
    "figure",
    { data: { testid: "newest" } },
    el("div", { class: "photo" }, this.image, this.note),
    this.caption,
  );
  private takenAt: number | null = null;
  private state = "";
  private address: string | null = null;
  private readonly gone = new AbortController();
  private readonly timer = setInterval(() => void this.load(), REFRESH_MS);

  constructor(readonly camera: string) {
    this.image.hidden = true;
    void this.load();
  }

  tick(): void {
    const parts = [t("picture.newest")];
    if (this.takenAt !== null) parts.push(t("picture.age", { age: duration(serverNow() - this.takenAt) }));
    if (this.state !== "" && this.state !== "live") parts.push(word("state", this.state));
    setText(this.caption, parts.join(" · "));
    this.caption.classList.toggle("trouble", this.state !== "" && this.state !== "live");
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
      if (picture) this.show(picture);
    } catch {
      // The old picture stays; its age says how old it is.
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
