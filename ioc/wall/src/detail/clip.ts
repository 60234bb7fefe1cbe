import { el } from "../dom";
import { quantity } from "../format";
import { t } from "../i18n/language";
import type { AlarmRecord } from "./record";

/** The film of a sighting beside its picture; it is fetched only when somebody plays it. */
export function evidenceClip(alarm: AlarmRecord): HTMLElement | null {
  const { clip } = alarm;
  if (clip === null) return null;
  const frame = el("div", { class: "photo film", data: { testid: "clip" } });
  const label = clip.stills ? t("clip.stills") : t("clip.sighting");
  const shown = clip.stills ? still(clip.url, label) : player(clip.url, label);
  shown.addEventListener("error", () => frame.replaceChildren(el("p", { class: "note" }, t("clip.failed"))));
  frame.append(shown);
  const length = clip.seconds === null ? "" : ` · ${quantity(Math.round(clip.seconds), "s")}`;
  return el("figure", {}, frame, el("figcaption", {}, label + length));
}

function still(url: string, label: string): HTMLElement {
  return el("img", { attributes: { src: url, alt: label, loading: "lazy" } });
}

function player(url: string, label: string): HTMLVideoElement {
  const video = el("video", { attributes: { src: url, "aria-label": label, preload: "none" } });
  video.controls = true;
  video.muted = true;
  video.playsInline = true;
  return video;
}
