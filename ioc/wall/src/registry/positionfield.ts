import { button } from "../desk/parts";
import { markTyped } from "../desk/typed";
import { el, setText } from "../dom";
import { coordinates, quantity } from "../format";
import { t } from "../i18n/language";
import type { Json, Position } from "../model";
import { labelled, Told } from "../work/sheet";
import type { Ground } from "./desk";
import { placeOfPhone } from "./phone";
import { readTyped, writtenOf } from "./position";

/** Where something stands: typed, pointed at on the map, or taken from the phone; a pin follows it. */
export class PositionField {
  private readonly input = el("input", {
    attributes: { name: "position", autocomplete: "off", maxlength: "80" },
    data: { testid: "position" },
  });
  private readonly told = el("p", {
    class: "dim",
    attributes: { role: "status" },
    data: { testid: "position-told" },
  });
  private readonly pointing: HTMLButtonElement;
  private readonly first: string;
  readonly root: HTMLElement;

  constructor(
    private readonly ground: Ground,
    place: Position | null,
  ) {
    this.first = place ? writtenOf(place) : "";
    this.input.value = this.first;
    this.pointing = button(t("register.position.map"), () => this.point(), {
      testid: "point",
      pressed: false,
    });
    this.root = el(
      "div",
      { class: "position" },
      labelled(t("register.field.position"), this.input, t("register.position.hint")).row,
      el(
        "div",
        { class: "ends" },
        this.pointing,
        button(t("register.position.phone"), () => void this.phone(), { testid: "phone" }),
      ),
      this.told,
    );
    this.input.addEventListener("input", () => this.read());
    if (place) this.ground.pin(place);
  }

  /** What is to be sent; undefined when it is as it was. Told when it is none. */
  value(): Position | Json | undefined {
    const typed = readTyped(this.input.value);
    if (this.input.value.trim() === this.first || typed.kind === "empty") return undefined;
    if (typed.kind === "fault") throw new Told(t(`register.position.${typed.fault}`));
    if (typed.kind === "degrees") return typed.position;
    return { crs: "vn2000", x: typed.easting, y: typed.northing };
  }

  /** Somewhere else, from outside: where a camera itself says that it stands. */
  set(place: Position): void {
    this.input.value = writtenOf(place);
    markTyped(this.input);
    this.read();
    this.ground.go(place);
  }

  close(): void {
    this.ground.point(null);
    this.ground.pin(null);
  }

  private read(): void {
    const typed = readTyped(this.input.value);
    if (typed.kind === "degrees") {
      this.ground.pin(typed.position);
      const read = coordinates(...typed.position);
      this.say(typed.swapped ? t("register.position.swapped", { read }) : read);
    } else if (typed.kind === "plane") {
      this.ground.pin(null);
      const figures = { x: quantity(typed.northing), y: quantity(typed.easting) };
      this.say(t("register.position.plane", figures));
    } else this.say(typed.kind === "fault" ? t(`register.position.${typed.fault}`) : "");
  }

  private say(words: string): void {
    setText(this.told, words);
  }

  private point(): void {
    const on = this.pointing.getAttribute("aria-pressed") !== "true";
    this.pointing.setAttribute("aria-pressed", String(on));
    this.ground.point(on ? (place) => this.pointed(place) : null);
  }

  /** One place is enough: the map chooses things again, and the form is before the reader. */
  private pointed(place: Position): void {
    this.input.value = writtenOf(place);
    markTyped(this.input);
    this.read();
    this.point();
    this.input.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  private async phone(): Promise<void> {
    this.say(t("register.position.asking"));
    try {
      const { position, accuracy } = await placeOfPhone();
      this.set(position);
      const metres = quantity(Math.round(accuracy), "m");
      this.say(t("register.position.from", { read: coordinates(...position), metres }));
    } catch {
      this.say(t("register.phone.failed"));
    }
  }
}
