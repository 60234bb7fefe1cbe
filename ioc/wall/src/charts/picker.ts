import type { Session } from "../api";
import { button } from "../desk/parts";
import { el, replace, setText } from "../dom";
import { t, word } from "../i18n/language";
import { text } from "../model";
import { centreNames } from "../watch/centres";
import { labelled } from "../work/sheet";
import { type Choice, RANGES } from "./choice";
import { type Station, stations } from "./load";

/** Who types is not asked for at each letter. */
const PAUSE_MS = 250;

/** Which station, which of its properties, how far back, and whose incidents are counted. */
export class Picker {
  readonly root = el("form", { class: "row picker", attributes: { role: "search" } });
  private readonly search = el("input", {
    attributes: { type: "search", name: "search" },
    data: { testid: "search" },
  });
  private readonly device = el("select", { attributes: { name: "device" }, data: { testid: "device" } });
  private readonly property = el("select", {
    attributes: { name: "property" },
    data: { testid: "property" },
  });
  private readonly centre = el("select", { attributes: { name: "centre" }, data: { testid: "centre" } });
  private readonly ranges = el("div", { class: "spans", attributes: { role: "group" } });
  private found: Station[] = [];
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last: [Choice, Station | null] | null = null;
  private readonly nameOf: (centre: string) => string;

  constructor(
    private readonly session: Session,
    private readonly choose: (change: Partial<Choice>) => void,
  ) {
    this.nameOf = centreNames(session);
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.ask(), PAUSE_MS);
    });
    this.device.addEventListener("change", () => choose({ device: this.device.value }));
    this.property.addEventListener("change", () => choose({ property: this.property.value }));
    this.centre.addEventListener("change", () => choose({ centre: this.centre.value }));
    void this.ask();
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    try {
      const found = await stations(this.search.value.trim());
      if (asked !== this.asked) return;
      this.found = found;
      if (this.last) this.fill(...this.last);
    } catch {
      // The list stays as it was; the charts say themselves what cannot be had.
    }
  }

  draw(choice: Choice, here: Station | null): void {
    this.last = [choice, here];
    if (!this.root.firstChild) this.build();
    for (const [name, input] of this.inputs()) {
      const label = this.root.querySelector(`label[for="${input.id}"]`);
      if (label) setText(label, t(`charts.${name}`));
    }
    this.fill(choice, here);
    this.drawRanges(choice);
  }

  private inputs() {
    return [
      ["search", this.search],
      ["station", this.device],
      ["property", this.property],
      ["centre", this.centre],
    ] as const;
  }

  private build(): void {
    const rows = this.inputs().map(([name, input]) => labelled(t(`charts.${name}`), input).row);
    const centre = rows.at(-1);
    if (centre) centre.hidden = this.session.centres.length < 2;
    replace(this.root, ...rows, this.ranges);
  }

  private fill(choice: Choice, here: Station | null): void {
    const listed = this.found.some((one) => one.code === choice.device);
    const first = here && !listed ? [here] : [];
    const option = (value: string, words: string, chosen: string) =>
      el("option", { attributes: { value, ...(value === chosen ? { selected: "" } : {}) } }, words);
    const list = [...first, ...this.found].map((one) => option(one.code, one.name, choice.device));
    if (choice.device !== "" && !here && !listed)
      list.unshift(option(choice.device, choice.device, choice.device));
    replace(this.device, ...list);
    const properties = here?.properties ?? [];
    const known = choice.property === "" || properties.includes(choice.property);
    replace(
      this.property,
      ...[...properties, ...(known ? [] : [choice.property])].map((one) =>
        option(one, word("property", one), choice.property),
      ),
    );
    const codes = this.session.centres.map((one) => text(one.code));
    replace(
      this.centre,
      option("", t("charts.counts.everywhere"), choice.centre),
      ...codes.map((code) => option(code, this.nameOf(code), choice.centre)),
    );
  }

  private drawRanges(choice: Choice): void {
    this.ranges.setAttribute("aria-label", t("chart.span"));
    const held = this.ranges.contains(document.activeElement);
    replace(
      this.ranges,
      ...RANGES.map((range) =>
        button(t(`charts.range.${range}`), () => this.choose({ range }), {
          testid: `range-${range}`,
          pressed: range === choice.range,
        }),
      ),
    );
    if (held) this.ranges.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }
}
