import { el, replace, setText } from "../dom";
import { clockTime, longDate } from "../format";
import { t } from "../i18n/language";

/** The band over the page that says that it shows what was, with the way back; and the frame around it all. */
export class Band {
  private readonly when = el("strong", { data: { testid: "past-band" } });
  private readonly words = el("span", {});
  private readonly said = el("span", { class: "pastsaid", attributes: { role: "status" } });
  private readonly extreme = el("button", {
    class: "pastextremenow",
    attributes: { type: "button", role: "alert" },
    data: { testid: "past-extreme" },
  });
  private readonly back = el("button", {
    class: "pastback",
    attributes: { type: "button" },
    data: { testid: "past-back" },
  });
  readonly root = el("section", { class: "pastband" });

  constructor(leave: () => void) {
    this.root.hidden = true;
    this.back.addEventListener("click", leave);
    this.extreme.addEventListener("click", leave);
    this.extreme.hidden = true;
    replace(this.root, this.when, this.words, this.said, this.extreme, this.back);
  }

  /** @param fetched whether the picture of the moment is there; until then the page still shows the one before */
  show(at: number, fetched: boolean, said: string, extremes: number): void {
    const time = `${clockTime(at)}, ${longDate(at)}`;
    setText(this.when, t(fetched ? "past.band" : "past.wanted", { time }));
    setText(this.words, t("past.not"));
    setText(this.said, said);
    setText(this.back, t("past.backkey"));
    this.extreme.hidden = extremes === 0;
    if (extremes > 0) setText(this.extreme, t("past.extreme", { count: extremes }));
    this.root.hidden = false;
    document.body.dataset.past = fetched ? "shown" : "wanted";
  }

  hide(): void {
    this.root.hidden = true;
    delete document.body.dataset.past;
  }
}
