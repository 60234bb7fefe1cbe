import { Refused, type Session } from "./api";
import { daysOf } from "./charts/calendar";
import { calendarContent } from "./charts/calendarview";
import { Card } from "./charts/card";
import { type Choice, HOURS, hashOf, readChoice } from "./charts/choice";
import { hoursOf } from "./charts/counts";
import { countsContent } from "./charts/countsview";
import {
  alarmsOf,
  openedSince,
  rainOf,
  rainStation,
  readings,
  rules,
  type Station,
  station,
  worstNow,
} from "./charts/load";
import { Picker } from "./charts/picker";
import { gauged, type Hour, type RainLimits, rainLimits, spreadOut } from "./charts/rain";
import { rainContent } from "./charts/rainview";
import { readingContent } from "./charts/reading";
import { spansOf } from "./charts/spans";
import { sumsOf } from "./charts/sums";
import { serverNow } from "./clock";
import { PageHead } from "./desk/head";
import { button, noteLine } from "./desk/parts";
import { startPage } from "./desk/start";
import { replace, setText } from "./dom";
import { fixed, zoneOffset } from "./format";
import { onLanguage, t, word } from "./i18n/language";
import { reason } from "./people/send";
import { readSeries } from "./readings";
import { centreNames } from "./watch/centres";

const HOUR = 3_600_000;
const REFRESH_MS = 60_000;
/** A width that changes while a window is dragged is drawn once it rests. */
const REST_MS = 200;
const DAY_HOURS = 24;

type Drawer = () => void;

/** Charts of a station and of what belongs to it: readings, rain, incidents per hour, what data came. */
class ChartsPage {
  private readonly head: PageHead;
  private readonly note = noteLine();
  private readonly picker: Picker;
  private readonly cards = {
    reading: new Card("reading"),
    rain: new Card("rain"),
    counts: new Card("counts"),
    calendar: new Card("calendar"),
  };
  /** How each card is drawn from what was loaded last. */
  private readonly drawers = new Map<Card, Drawer>();
  private choice: Choice;
  private here: Station | null = null;
  private turn = 0;

  constructor(
    root: HTMLElement,
    private readonly session: Session,
  ) {
    this.choice = readChoice(location.hash);
    this.head = new PageHead(session);
    this.picker = new Picker(session, (change) => this.choose(change));
    const { reading, rain, counts, calendar } = this.cards;
    replace(
      root,
      this.head.root,
      this.picker.root,
      this.note,
      ...[reading, rain, counts, calendar].map((card) => card.root),
    );
    onLanguage(() => this.draw());
    addEventListener("hashchange", () => this.follow());
    setInterval(() => document.hidden || void this.load(), REFRESH_MS);
    let rest: ReturnType<typeof setTimeout> | undefined;
    addEventListener("resize", () => {
      clearTimeout(rest);
      rest = setTimeout(() => this.draw(), REST_MS);
    });
    this.draw();
    void this.start();
  }

  private async start(): Promise<void> {
    setText(this.note, t("charts.loading"));
    try {
      if (this.choice.device === "") Object.assign(this.choice, await worstNow());
      await this.load();
      setText(this.note, this.choice.device === "" ? t("charts.nostation") : "");
    } catch (error) {
      setText(
        this.note,
        error instanceof Refused && error.status === 403 ? t("desk.forbidden") : reason(error),
      );
    }
  }

  /** The address was changed by hand, or by going back. */
  private follow(): void {
    if (hashOf(this.choice) === location.hash) return;
    this.choice = readChoice(location.hash);
    this.here = null;
    void this.start();
  }

  private choose(change: Partial<Choice>): void {
    if (change.device !== undefined && change.device !== this.choice.device) {
      change.property ??= "";
      this.here = null;
    }
    this.choice = { ...this.choice, ...change };
    void this.start();
  }

  private async load(): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    const { choice } = this;
    if (choice.device !== "") {
      const found = await station(choice.device);
      if (turn !== this.turn) return;
      this.here = found;
      if (found && choice.property === "") choice.property = found.properties[0] ?? "";
    }
    history.replaceState(null, "", hashOf(choice));
    this.draw();
    const current = (card: Card, make: () => Promise<Drawer>) => this.fill(card, turn, make);
    await Promise.all([
      current(this.cards.reading, () => this.reading()),
      current(this.cards.rain, () => this.rain()),
      current(this.cards.counts, () => this.counts()),
      current(this.cards.calendar, () => this.calendar()),
    ]);
  }

  /** Loads what a card shows and draws it; what cannot be had is said in its place. */
  private async fill(card: Card, turn: number, make: () => Promise<Drawer>): Promise<void> {
    let drawer: Drawer;
    try {
      drawer = await make();
    } catch (error) {
      const why = error instanceof Refused && error.status === 403 ? t("desk.forbidden") : t("chart.failed");
      drawer = () => card.say(t(`charts.card.${card.testid as "rain"}`), why);
    }
    if (turn !== this.turn) return;
    this.drawers.set(card, drawer);
    if (!card.busy) drawer();
  }

  private draw(): void {
    this.head.draw(t("charts.title"));
    this.picker.draw(this.choice, this.here);
    this.drawCountButtons();
    for (const drawer of this.drawers.values()) drawer();
  }

  private async reading(): Promise<Drawer> {
    const { device, property, range } = this.choice;
    const { reading: card } = this.cards;
    const title = t("charts.card.reading");
    if (device === "" || property === "") return () => card.say(title, t("charts.noreadings"));
    const back = HOURS[range] * HOUR;
    const [body, alarms] = await Promise.all([
      readings(device, property, HOURS[range]),
      this.session.sees.includes("alarm") ? alarmsOf(device, property, serverNow() - back) : [],
    ]);
    const [series, spans] = [readSeries(body), spansOf(alarms)];
    const now = serverNow();
    return () => {
      const content = readingContent({
        ...{ series, spans, device, now, back, width: card.width, offset: zoneOffset(now) },
        replayed: this.session.replay !== null,
      });
      if (content) card.show(content);
      else card.say(`${word("property", property)} — ${series.name}`, t("chart.empty"));
    };
  }

  private async rain(): Promise<Drawer> {
    const { rain: card } = this.cards;
    const found = this.here && (await rainStation(this.here));
    const property = found && rainOf(found.station);
    if (!found || !property) return () => card.say(t("charts.card.rain"), t("charts.rain.none"));
    const { code, name, areaCode } = found.station;
    const hours = HOURS[this.choice.range];
    const [told, limits] = await Promise.all([
      this.rainHours(code, property, hours),
      this.rainLimits(code, property, areaCode),
    ]);
    const now = serverNow();
    const to = told.recorded ? (told.hours.at(-1)?.at ?? now) + HOUR : now;
    const from = told.recorded
      ? Math.max(to - HOURS["31d"] * HOUR, told.hours[0]?.at ?? to)
      : now - hours * HOUR;
    const near = found.km > 0 && this.here ? `${this.here.name}, ${fixed(found.km, 0)} km` : "";
    return () => {
      const content = rainContent({
        ...{ name, device: code, near, hours: told.hours, limits, from, to, now },
        ...{ width: card.width, offset: zoneOffset(now) },
      });
      if (content) card.show(content);
      else card.say(t("charts.rain.title", { name }), t("chart.empty"));
    };
  }

  private async rainHours(
    code: string,
    property: string,
    hours: number,
  ): Promise<{ hours: Hour[]; recorded: boolean }> {
    if (property === "rain")
      return { hours: gauged(await readings(code, property, hours + DAY_HOURS, "hour")), recorded: false };
    const ask = (name: string) => readings(code, name, hours + DAY_HOURS, "reading");
    const [sums, periods] = await Promise.all([ask("rain_sum"), ask("rain_hours")]);
    const told = sumsOf(sums, periods, this.session.replay !== null);
    return { hours: spreadOut(told.sums), recorded: told.recorded };
  }

  private async rainLimits(code: string, property: string, area: string): Promise<RainLimits> {
    if (!this.session.sees.includes("rule")) return {};
    return rainLimits(await rules(code, property), code, area);
  }

  private async counts(): Promise<Drawer> {
    const { counts: card } = this.cards;
    const { centre, days } = this.choice;
    const now = serverNow();
    const offset = zoneOffset(now);
    const hour = Math.floor((now + offset) / HOUR) * HOUR - offset;
    const from = hour - (days * DAY_HOURS - 1) * HOUR;
    const { found, cut } = await openedSince(from, centre);
    const hours = hoursOf(found, from, now, offset);
    return () => {
      const where = centre === "" ? t("charts.counts.everywhere") : centreNames(this.session)(centre);
      const content = countsContent({ where, centre, hours, cut, now, width: card.width, offset });
      if (content) card.show(content);
    };
  }

  private drawCountButtons(): void {
    const of = (days: 1 | 7) => {
      const pressed = this.choice.days === days;
      return button(t(`charts.counts.${days}`), () => this.choose({ days }), {
        testid: `count-${days}`,
        pressed,
      });
    };
    this.cards.counts.choose(of(1), of(7));
  }

  private async calendar(): Promise<Drawer> {
    const { calendar: card } = this.cards;
    const { device, property, range } = this.choice;
    const name = this.here?.name ?? device;
    if (device === "" || property === "")
      return () => card.say(t("charts.card.calendar"), t("charts.noreadings"));
    const days = range === "31d" ? 31 : 14;
    const body = await readings(device, property, days * DAY_HOURS, "hour");
    const now = serverNow();
    const offset = zoneOffset(now);
    const list = daysOf(body, days, now, offset);
    return () => {
      const content = calendarContent({
        ...{ name, device, days: list, now, offset, width: card.width },
        ...{ property: word("property", property), code: property },
      });
      if (content) card.show(content);
      else
        card.say(
          t("charts.calendar.title", { name, property: word("property", property) }),
          t("charts.calendar.notyet"),
        );
    };
  }
}

void startPage((root, session) => {
  new ChartsPage(root, session);
});
