import { getJson } from "../api";
import { el, replace, setText } from "../dom";
import { LiveFigure } from "../film/figure";
import { fixed } from "../format";
import type { Host } from "../host";
import { t, word } from "../i18n/language";
import { isJson, number, type Position, text } from "../model";
import { SEER_KEYS } from "../work/keys";

/** A camera that sees a place, as the server tells it. */
interface Seer {
  code: string;
  name: string;
  state: string;
  live: boolean;
  distance: number;
}

/** The cameras of an answer, in its order: live ones first, the nearest among them first. */
export function readSeers(body: unknown): Seer[] {
  const list = isJson(body) && Array.isArray(body.cameras) ? body.cameras.filter(isJson) : [];
  return list.map((one) => ({
    code: text(one.code),
    name: text(one.name, text(one.code)),
    state: text(one.state),
    live: one.live === true,
    distance: number(one.distance_m) ?? 0,
  }));
}

function distanceText(metres: number): string {
  return metres < 1_000 ? `${fixed(metres, 0)} m` : `${fixed(metres / 1_000, 1)} km`;
}

/** The cameras that see an incident, each with its key; one of them is shown as it comes. */
export class SeerList {
  private readonly list = el("ol", { class: "seers", data: { testid: "seers" } });
  private readonly title = el("h3", {});
  private readonly place = el("div", { class: "seen" });
  private readonly note = el("p", { class: "note", attributes: { role: "status" } });
  readonly root = el("section", { class: "seersection" }, this.title, this.note, this.list, this.place);
  private seers: Seer[] = [];
  private at: string | null = null;
  private pressed: string | null = null;
  private asked = false;
  private failed = false;
  private shown: LiveFigure | null = null;
  private readonly gone = new AbortController();

  constructor(private readonly host: Host) {
    this.root.hidden = true;
  }

  /** Where the incident is; the cameras are asked for when that is new. */
  see(position: Position | null): void {
    if (!position || !this.host.session.sees.includes("camera")) return;
    const at = position.join(",");
    if (at === this.at) return;
    this.at = at;
    void this.load(at);
  }

  /** `1` is the nearest live camera; the key of the one that is shown closes it. Pressed too early, it waits. */
  key(letter: string): boolean {
    const at = SEER_KEYS.indexOf(letter as (typeof SEER_KEYS)[number]);
    if (at < 0) return false;
    if (!this.asked) {
      this.pressed = letter;
      return true;
    }
    const seer = this.seers[at];
    if (seer) this.toggle(seer);
    return seer !== undefined;
  }

  escape(): boolean {
    if (!this.shown) return false;
    this.shut();
    return true;
  }

  tick(): void {
    this.shown?.tick();
  }

  draw(): void {
    this.root.hidden = !this.asked;
    const none = this.failed ? "detail.failed" : "seers.none";
    setText(this.title, t("seers.title", { count: this.seers.length }));
    setText(this.note, this.seers.length === 0 ? t(none) : "");
    replace(this.list, ...this.seers.map((seer, at) => el("li", {}, this.button(seer, SEER_KEYS[at] ?? ""))));
  }

  close(): void {
    this.gone.abort();
    this.shut();
    this.host.showCameras([]);
  }

  private async load(at: string): Promise<void> {
    const path = `/api/v1/cameras?sees=${encodeURIComponent(at)}&limit=${SEER_KEYS.length}`;
    const found = await getJson(path, this.gone.signal).then(readSeers, () => null);
    if (this.gone.signal.aborted || at !== this.at) return;
    this.asked = true;
    this.failed = found === null;
    this.seers = found ?? [];
    this.host.showCameras(this.seers.map(({ code }) => code));
    this.draw();
    const pressed = this.pressed;
    this.pressed = null;
    if (pressed !== null) this.key(pressed);
  }

  private button(seer: Seer, key: string): HTMLElement {
    const open = this.shown?.camera === seer.code;
    return el(
      "button",
      {
        class: seer.live ? "quiet" : "quiet away",
        attributes: { type: "button", "aria-keyshortcuts": key, "aria-pressed": String(open) },
        data: { testid: "seer", camera: seer.code },
        on: { click: () => this.toggle(seer) },
      },
      el("kbd", { attributes: { "aria-hidden": "true" } }, key),
      el("span", { class: "seername" }, seer.name),
      el("span", { class: "dim" }, distanceText(seer.distance)),
      !seer.live && el("span", { class: "trouble" }, word("state", seer.state)),
    );
  }

  private toggle(seer: Seer): void {
    const again = this.shown?.camera === seer.code;
    this.shut();
    if (!again) {
      this.shown = new LiveFigure(seer.code);
      replace(this.place, el("p", { class: "dim" }, seer.name), this.shown.root);
      this.place.scrollIntoView({ block: "nearest" });
    }
    this.draw();
  }

  private shut(): void {
    this.shown?.close();
    this.shown = null;
    this.place.replaceChildren();
    if (!this.gone.signal.aborted) this.draw();
  }
}
