import { button } from "../desk/parts";
import { el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import type { Position } from "../model";
import { onTheme } from "../theme";
import type { Ground, Spot } from "./desk";
import type { Plan } from "./plan";
import type { Thing } from "./thing";

/** The place of the map in the page. The page works without it: it is loaded behind the list, and may fail to. */
export class MapBox implements Ground {
  private readonly canvas = el("div", { class: "canvas" });
  private readonly buttons = el("div", { class: "mapbuttons" });
  private readonly hint = el("p", {
    class: "maphint",
    attributes: { role: "status" },
    data: { testid: "maphint" },
  });
  private readonly cross = el("span", { class: "cross", attributes: { "aria-hidden": "true" } });
  readonly root = el(
    "div",
    { class: "mapbox", data: { testid: "map" } },
    this.canvas,
    this.cross,
    this.buttons,
    this.hint,
  );
  private plan: Plan | null = null;
  /** What is to be done once the map is there, by what it is about: the newest of each counts. */
  private readonly waiting = new Map<string, (plan: Plan) => void>();
  private taking: ((place: Position) => void) | null = null;

  constructor(
    private readonly page: HTMLElement,
    private readonly pick: (code: string) => void,
  ) {
    this.render();
    onTheme(() => this.plan?.restyle());
    new ResizeObserver(() => this.plan?.resize()).observe(this.canvas);
  }

  async load(): Promise<void> {
    try {
      const { Plan } = await import("./plan");
      this.plan = new Plan(this.canvas, this.pick);
      for (const deed of this.waiting.values()) deed(this.plan);
      this.waiting.clear();
    } catch {
      document.body.dataset.map = "failed";
      setText(this.hint, t("register.map.failed"));
    }
  }

  render(): void {
    const sign = (words: string, label: string, act: () => void) => {
      const made = button(words, act);
      made.setAttribute("aria-label", label);
      return made;
    };
    replace(
      this.buttons,
      sign("+", t("map.zoomin"), () => this.plan?.zoomBy(1)),
      sign("−", t("map.zoomout"), () => this.plan?.zoomBy(-1)),
      sign("⤢", t("register.map.all"), () => this.plan?.fit()),
      this.taking && button(t("register.map.middle"), () => this.takeMiddle(), { testid: "take-middle" }),
    );
    this.cross.hidden = this.taking === null;
    if (document.body.dataset.map !== "failed")
      setText(this.hint, this.taking ? t("register.map.point") : "");
    this.plan?.label();
  }

  show(things: readonly Thing[], chosen: string): void {
    this.on("show", (plan) => plan.show(things, chosen));
  }

  reveal(shown: boolean): void {
    this.page.toggleAttribute("data-mapping", shown);
  }

  go(place: Position): void {
    this.on("go", (plan) => plan.go(place));
  }

  middle(): Position | null {
    return this.plan?.middle() ?? null;
  }

  point(take: ((place: Position) => void) | null): void {
    this.taking = take;
    this.reveal(take !== null);
    this.render();
    this.on("point", (plan) => plan.point(take));
  }

  pin(place: Position | null): void {
    this.on("pin", (plan) => plan.pin(place));
  }

  draw(ring: readonly Position[], spots: readonly Spot[] = []): void {
    this.on("draw", (plan) => plan.draw(ring, spots));
  }

  /** For who has no pointer, or a thumb over the place: the map is moved under the cross. */
  private takeMiddle(): void {
    const middle = this.middle();
    if (middle) this.taking?.(middle);
  }

  private on(about: string, deed: (plan: Plan) => void): void {
    if (this.plan) deed(this.plan);
    else this.waiting.set(about, deed);
  }
}
