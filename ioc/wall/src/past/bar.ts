import { el, replace, setText, svg } from "../dom";
import { clockTime, dayMonth, duration, moment, zoneOffset } from "../format";
import { t } from "../i18n/language";
import type { Reach } from "./feed";
import { barsOf, fieldOf, momentOf, SPEEDS, type Speed, STEPS, stepOf, within } from "./steps";

const MOST_BARS = 248;

/** What the bar tells of. */
export interface Hands {
  seek(at: number): void;
  /** Plays or stops. */
  turn(): void;
  hasten(speed: Speed): void;
  leave(): void;
}

/** The time bar: a slider over all that is kept with bars where incidents were opened, steps, play and the way back. */
export class TimeBar {
  private readonly slider = el("input", {
    attributes: { type: "range", step: "1000" },
    data: { testid: "past-slider" },
  });
  private readonly marks = svg("svg", {
    class: "pastmarks",
    viewBox: "0 0 1000 24",
    preserveAspectRatio: "none",
  });
  private readonly field = el("input", {
    attributes: { type: "datetime-local", step: "1" },
    data: { testid: "past-when" },
  });
  private readonly playing = el("button", {
    class: "primary",
    attributes: { type: "button" },
    data: { testid: "past-play" },
  });
  private readonly speeds = el("div", { class: "pastspeeds" });
  private readonly steps = el("div", { class: "paststeps" });
  private readonly state = el("span", { class: "dim", attributes: { role: "status" } });
  private readonly ends = el("div", { class: "pastends" });
  readonly root = el("section", { class: "pastbar", data: { testid: "past-bar" } });
  private reach: Reach = { oldest: 0, newest: 0, opened: [], changed: [] };
  private at = 0;
  private speed: Speed = 60;
  private plays = false;

  constructor(private readonly hands: Hands) {
    this.slider.addEventListener("input", () => hands.seek(Number(this.slider.value)));
    this.playing.addEventListener("click", () => hands.turn());
    this.root.addEventListener("keydown", (event) => this.key(event));
    const form = el("form", { class: "pastform" }, this.field, el("button", { class: "quiet" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const at = momentOf(this.field.value, zoneOffset);
      if (at !== null) hands.seek(within(this.reach, at));
    });
    const line = el("div", { class: "pastline" }, this.marks, this.slider, this.ends);
    replace(this.root, el("div", { class: "pastrow" }, this.steps, this.playing, this.speeds, form), line);
  }

  /** The span of the slider; what is kept begins later as time goes by, and ends with now. */
  span(reach: Reach): void {
    this.reach = reach;
    this.slider.min = String(reach.oldest);
    this.slider.max = String(reach.newest);
    this.render();
  }

  show(at: number, plays: boolean, speed: Speed, said: string): void {
    this.at = at;
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", `${dayMonth(at)} ${clockTime(at)}`);
    if (document.activeElement !== this.field) this.field.value = fieldOf(at, zoneOffset(at));
    setText(this.state, said || t("past.keys"));
    if (plays === this.plays && speed === this.speed) return;
    this.plays = plays;
    this.speed = speed;
    this.renderPlay();
  }

  focus(): void {
    this.slider.focus();
  }

  /** Draws all texts in the present language. */
  render(): void {
    this.slider.setAttribute("aria-label", t("past.bar"));
    this.field.setAttribute("aria-label", t("past.when"));
    const go = this.root.querySelector("form button");
    if (go) setText(go, t("past.go"));
    const button = (step: number) => {
      const shown = `${step < 0 ? "−" : "+"}${short(step)}`;
      const words = t(step < 0 ? "past.step.back" : "past.step.on", { length: duration(Math.abs(step)) });
      return el(
        "button",
        {
          class: "quiet",
          attributes: { type: "button", "aria-label": `${shown}: ${words}`, title: words },
          on: { click: () => this.hands.seek(within(this.reach, this.at + step)) },
        },
        shown,
      );
    };
    const [hour, ten, one, ...on] = STEPS.map(button);
    replace(this.steps, hour, ten, one, ...on);
    this.renderPlay();
    this.renderMarks();
  }

  private renderPlay(): void {
    setText(this.playing, this.plays ? `❚❚ ${t("past.pause")}` : `► ${t("past.play")}`);
    this.playing.setAttribute("aria-pressed", String(this.plays));
    this.speeds.setAttribute("role", "group");
    this.speeds.setAttribute("aria-label", t("past.speed"));
    replace(
      this.speeds,
      ...SPEEDS.map((speed) =>
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button", "aria-pressed": String(speed === this.speed) },
            data: { speed: String(speed) },
            on: {
              click: () => {
                this.hands.hasten(speed);
                this.slider.focus(); // where the space bar plays, as the bar says
              },
            },
          },
          `${speed}×`,
        ),
      ),
    );
  }

  private renderMarks(): void {
    const { reach } = this;
    const title = t("past.marks", { time: moment(reach.oldest, reach.newest) });
    this.marks.replaceChildren(svg("title", {}, title));
    this.marks.setAttribute("role", "img");
    this.marks.setAttribute("aria-label", title);
    for (const bar of barsOf(reach.opened, reach, MOST_BARS)) {
      const [x, width] = [bar.from * 1000, Math.max(1, bar.width * 1000 - 0.5)];
      const height = Math.max(2, bar.height * 18);
      this.marks.append(svg("rect", { x, width, y: 24 - height, height, class: "pastcount" }));
      if (bar.extreme) this.marks.append(svg("rect", { x, width, y: 0, height: 4, class: "pastextreme" }));
    }
    const end = (at: number) => el("span", {}, moment(at, reach.newest));
    replace(this.ends, end(reach.oldest), this.state, end(reach.newest));
  }

  private key(event: KeyboardEvent): void {
    if (event.target === this.field || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = stepOf(event);
    if (step !== null) this.hands.seek(within(this.reach, this.at + step));
    else if (event.key === " " && event.target === this.slider) this.hands.turn();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function short(step: number): string {
  const minutes = Math.abs(step) / 60_000;
  return minutes < 60 ? `${minutes}′` : `${minutes / 60} h`;
}
