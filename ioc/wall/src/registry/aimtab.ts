import { call } from "../api";
import { button } from "../desk/parts";
import { wouldLose } from "../desk/typed";
import { type Child, el, replace, setText } from "../dom";
import { coordinates, fixed, quantity } from "../format";
import { t } from "../i18n/language";
import { type Json, number, type Position } from "../model";
import { whyNot } from "../people/send";
import { labelled, Sheet, Told } from "../work/sheet";
import {
  bearingOf,
  EMPTY,
  LEAST,
  type Mark,
  MOST,
  marksOf,
  sectorOf,
  seenBy,
  tied,
  turned,
  verdictOf,
  wanting,
} from "./aim";
import type { AimMap } from "./aimmap";
import { AimPicture } from "./aimpicture";
import type { Desk, Shown, Tab } from "./desk";
import { labelOf } from "./fields";
import { PICTURES } from "./probed";
import { change, Overtaken, pathOf } from "./server";
import { useWide } from "./stage";
import type { Thing } from "./thing";

function figureField(name: "bearing" | "fov", value: number | null, most: number) {
  const input = el("input", {
    attributes: { name, type: "number", min: name === "fov" ? "1" : "0", max: String(most), step: "any" },
  });
  input.value = value === null ? "" : String(value);
  return labelled(labelOf(name), input);
}

/** Ties a camera's picture to the ground: the same places are pointed at in the picture and on the map. */
class AimTab implements Shown {
  readonly root = el("div", { class: "tabbody aim", data: { testid: "aim" } });
  private readonly picture = new AimPicture(
    (spot) => this.placePicture(spot),
    (at, spot) => this.set(at, { picture: spot }),
  );
  private readonly canvas = el("div", { class: "aimcanvas", data: { testid: "aim-map" } });
  private readonly pictured = el("p", { class: "dim", attributes: { role: "status" } });
  private readonly told = el("p", {
    class: "aimtold",
    attributes: { role: "status" },
    data: { testid: "aim-told" },
  });
  private readonly list = el("ol", { class: "aimlist" });
  private readonly bearing;
  private readonly fov;
  private marks: Mark[];
  private active = 0;
  private map: AimMap | null = null;
  private closed = false;
  /** A mark or a handle has been moved, and that is not saved yet. */
  private moved = false;
  private readonly narrow = useWide();

  constructor(
    private readonly thing: Thing,
    private readonly desk: Desk,
  ) {
    this.marks = marksOf(thing.raw.calibration);
    this.active = wanting(this.marks)?.at ?? 0;
    this.bearing = figureField("bearing", number(thing.raw.bearing), 360);
    this.fov = figureField("fov", number(thing.raw.fov), 360);
    for (const { input } of [this.bearing, this.fov]) input.addEventListener("input", () => this.draw());
    const sheet = new Sheet(
      t("aim.title"),
      [
        this.verdict(),
        this.told,
        el("div", { class: "aimpair" }, this.pictureSide(), this.mapSide()),
        this.list,
        el("div", { class: "fields" }, this.bearing.row, this.fov.row),
      ],
      t("aim.save"),
      () => this.save(),
      () => this.desk.open("cameras", this.thing.code, "record"),
    );
    sheet.root.noValidate = true;
    replace(this.root, sheet.root);
    this.draw();
    void this.loadPicture();
    void this.loadMap();
  }

  speaks(): boolean {
    return !this.moved && !wouldLose(this.root);
  }

  close(): void {
    this.closed = true;
    this.narrow();
    this.picture.close();
    this.map?.close();
  }

  /** How good it is, by what the server answered when it was saved. */
  private verdict(): Child {
    const error = number(this.thing.raw.error_m);
    if (error === null) return null;
    const verdict = verdictOf(error);
    return el(
      "p",
      { class: "verdict", data: { verdict, testid: "verdict" }, attributes: { role: "status" } },
      t(`aim.verdict.${verdict}`, { metres: quantity(Math.round(error * 10) / 10, "m") }),
    );
  }

  private pictureSide(): HTMLElement {
    const input = el("input", {
      attributes: { type: "file", accept: "image/*", id: "aim-file" },
      data: { testid: "aim-file" },
    });
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) this.picture.take(file);
      if (file) setText(this.pictured, t("aim.picture.file"));
    });
    return el(
      "section",
      { class: "aimside", attributes: { "aria-label": t("aim.picture") } },
      this.picture.root,
      el(
        "div",
        { class: "row" },
        button(t("aim.newest"), () => void this.loadPicture(true)),
        el("label", { class: "quiet", attributes: { for: "aim-file" } }, t("aim.choose")),
        input,
        this.pictured,
      ),
    );
  }

  private mapSide(): HTMLElement {
    const sign = (words: string, label: string, by: number) => {
      const made = button(words, () => this.map?.zoomBy(by));
      made.setAttribute("aria-label", label);
      return made;
    };
    return el(
      "section",
      { class: "aimside", attributes: { "aria-label": t("aim.map") } },
      el(
        "div",
        { class: "aimmap" },
        this.canvas,
        el("div", { class: "mapbuttons" }, sign("+", t("map.zoomin"), 1), sign("−", t("map.zoomout"), -1)),
      ),
    );
  }

  private async loadPicture(newest = false): Promise<void> {
    const probed = PICTURES.get(this.thing.code);
    if (probed && !newest) {
      this.picture.take(probed);
      setText(this.pictured, t("aim.picture.probed"));
      return;
    }
    try {
      const answer = await call(`/api/v1/cameras/${encodeURIComponent(this.thing.code)}/picture`);
      const picture = await answer.blob();
      if (this.closed) return;
      this.picture.take(picture);
      setText(this.pictured, "");
    } catch (error) {
      setText(this.pictured, t("aim.picture.none", { why: whyNot(error) }));
    }
  }

  private async loadMap(): Promise<void> {
    try {
      const { AimMap } = await import("./aimmap");
      if (this.closed) return;
      this.map = new AimMap(this.canvas, {
        clicked: (place) => this.placeGround(place),
        moved: (at, place) => this.set(at, { ground: place }),
        turned: (bearing) => this.turn(bearing),
        opened: (fov) => {
          this.moved = true;
          this.fov.input.value = String(fov);
          this.draw();
        },
      });
      const known = this.marks.flatMap(({ ground }) => (ground ? [ground] : []));
      this.map.begin(this.thing.position ? [this.thing.position, ...known] : known);
      this.draw();
    } catch {
      setText(this.told, t("register.map.failed"));
    }
  }

  private figure(name: "bearing" | "fov"): number | null {
    const typed = this[name].input.value.trim();
    const value = Number(typed);
    return typed === "" || !Number.isFinite(value) ? null : value;
  }

  private turn(bearing: number): void {
    this.moved = true;
    this.bearing.input.value = String(turned(bearing));
    if (this.figure("fov") === null) this.fov.input.value = "60";
    this.draw();
  }

  private set(at: number, change: Partial<Mark>): void {
    this.moved = true;
    this.marks = this.marks.map((mark, number) => (number === at ? { ...mark, ...change } : mark));
    this.active = at;
    this.draw();
  }

  /** A click goes to the chosen mark if that has no such place yet or is whole, else to the next that wants one. */
  private placePicture(spot: readonly [number, number]): void {
    this.set(this.active, { picture: spot });
    this.goOn();
  }

  private placeGround(place: Position): void {
    this.set(this.active, { ground: place });
    this.goOn();
  }

  private goOn(): void {
    const mark = this.marks[this.active];
    if (!mark?.picture || !mark.ground) return;
    const next = wanting(this.marks);
    if (next) this.active = next.at;
    this.draw();
  }

  private ring(): Position[] {
    const seen = seenBy(tied(this.marks));
    if (seen.length > 0) return seen;
    const [bearing, fov] = [this.figure("bearing"), this.figure("fov")];
    const place = this.thing.position;
    return place && bearing !== null && fov !== null && fov > 0 && fov <= 360
      ? sectorOf(place, bearing, fov)
      : [];
  }

  private draw(): void {
    this.picture.show(this.marks, this.active);
    this.map?.show({
      place: this.thing.position,
      marks: this.marks.map(({ ground }) => ground),
      active: this.active,
      bearing: this.figure("bearing"),
      fov: this.figure("fov"),
      ring: this.ring(),
    });
    setText(this.told, this.hint());
    this.drawList();
  }

  private hint(): string {
    const mark = this.marks[this.active];
    const number = this.active + 1;
    if (mark && !mark.picture) return t("aim.hint.picture", { number });
    if (mark && !mark.ground) return t("aim.hint.ground", { number });
    if (wanting(this.marks)) return t("aim.hint.choose");
    return seenBy(tied(this.marks)).length > 0 ? t("aim.hint.whole") : t("aim.hint.crooked");
  }

  private drawList(): void {
    const focused = document.activeElement;
    const kept = focused instanceof HTMLElement && this.list.contains(focused) ? focused.dataset.testid : "";
    const rows = this.marks.map((mark, at) => this.rowOf(mark, at));
    const add =
      this.marks.length < MOST &&
      wanting(this.marks) === null &&
      el(
        "li",
        {},
        button(t("aim.more"), () => this.add(), { testid: "aim-more" }),
      );
    replace(this.list, ...rows, add);
    if (kept) this.list.querySelector<HTMLElement>(`[data-testid="${kept}"]`)?.focus();
  }

  private rowOf({ picture, ground }: Mark, at: number): HTMLElement {
    const choose = button(
      String(at + 1),
      () => {
        this.active = at;
        this.draw();
      },
      { testid: `mark-${at + 1}`, pressed: at === this.active },
    );
    choose.setAttribute("aria-label", t("aim.choose.mark", { number: at + 1 }));
    const percent = (value: number) => fixed(value * 100, 1);
    return el(
      "li",
      {},
      choose,
      el(
        "div",
        { class: "aimplaces" },
        picture
          ? el("span", {}, t("aim.at.picture", { x: percent(picture[0]), y: percent(picture[1]) }))
          : button(t("aim.middle.picture"), () => this.set(at, { picture: [0.5, 0.5] }), {
              testid: `middle-picture-${at + 1}`,
            }),
        ground
          ? el("span", {}, t("aim.at.ground", { place: coordinates(...ground) }))
          : button(t("aim.middle.ground"), () => this.middle(at), { testid: `middle-ground-${at + 1}` }),
      ),
      (picture || ground) && button(t("aim.drop"), () => this.drop(at), { testid: `drop-${at + 1}` }),
    );
  }

  private middle(at: number): void {
    const place = this.map?.middle() ?? this.thing.position;
    if (place) this.set(at, { ground: place });
  }

  private add(): void {
    this.marks = [...this.marks, EMPTY];
    this.active = this.marks.length - 1;
    this.draw();
  }

  private drop(at: number): void {
    this.marks = this.marks.filter((_, number) => number !== at);
    while (this.marks.length < LEAST) this.marks.push(EMPTY);
    this.active = wanting(this.marks)?.at ?? 0;
    this.draw();
  }

  private async save(): Promise<void> {
    const calibration = tied(this.marks);
    if (calibration.length > 0 && calibration.length < LEAST) throw new Told(t("aim.toofew"));
    const [bearing, fov] = [this.figure("bearing"), this.figure("fov")];
    const body: Json = {
      expected_version: this.thing.version,
      calibration,
      bearing: bearing === null ? this.guessed(calibration) : turned(bearing),
      fov,
    };
    try {
      const path = pathOf("cameras", this.thing.code, "/calibration");
      const saved = await change("cameras", "PUT", path, body);
      this.desk.take(saved);
      this.desk.say(t("register.saved", { version: saved.version }));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      const { updatedBy, version } = error.current;
      throw new Told(t("register.overtaken", { who: updatedBy, version }));
    }
  }

  /** Nobody said where it looks: towards the middle of its marks. */
  private guessed(marks: ReadonlyArray<{ lon: number; lat: number }>): number | null {
    const { position } = this.thing;
    if (!position || marks.length === 0) return null;
    const mean = (of: "lon" | "lat") => marks.reduce((sum, mark) => sum + mark[of], 0) / marks.length;
    return bearingOf(position, [mean("lon"), mean("lat")]);
  }
}

export const AIM: Tab = {
  id: "aim",
  named: "aim.tab",
  fits: (thing, desk) => desk.keeps && thing.family === "cameras" && thing.lifecycle !== "retired",
  show: (thing, desk) => new AimTab(thing, desk),
};
