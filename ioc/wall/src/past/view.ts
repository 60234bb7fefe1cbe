import type { Board } from "../board";
import { shownNow } from "../clock";
import { type Fact, facts } from "../detail/facts";
import { Timeline } from "../detail/timeline";
import type { View } from "../detail/view";
import { el, replace } from "../dom";
import { coordinates, duration, moment } from "../format";
import { t, word } from "../i18n/language";
import { titleOf } from "../list";
import { type Incident, isWaiting, type Place } from "../model";
import { CAMERA_SHAPE, lineIcon, severityIcon, stationShape } from "../shapes";
import type { Ticket } from "../tickets/ticket";

export type Kind = "incident" | "ticket" | "device" | "camera";

/** A thing as it was: what was told of it by the moment that is shown, and nothing that came later. */
export class PastView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly body = el("div", {});
  private readonly timeline: Timeline | null;
  readonly root: HTMLElement;

  /** @param refuse says why a step cannot be taken here; whether the letter was one */
  constructor(
    private readonly kind: Kind,
    private readonly id: string,
    private readonly board: Board,
    private readonly refuse: (letter: string) => boolean,
  ) {
    this.timeline = kind === "incident" ? new Timeline(id, shownNow) : null;
    this.root = el("article", { class: "aswas" }, this.head, this.body, this.timeline?.root);
    this.timeline?.refresh();
  }

  /** What is told now is not shown here. */
  changed(): void {}

  tick(): void {}

  /** Draws what the thing was at the moment that is shown. */
  render(): void {
    const { id, board } = this;
    const now = shownNow();
    const when = el(
      "p",
      { class: "pastwhen", data: { testid: "as-it-was" } },
      t("past.aswas", { time: moment(now, Date.now()) }),
    );
    const incident = this.kind === "incident" ? board.incidents.get(id) : undefined;
    const ticket = this.kind === "ticket" ? board.tickets.get(id) : undefined;
    const place = this.kind === "device" || this.kind === "camera" ? board.place(this.kind, id) : undefined;
    if (incident) this.drawIncident(incident, when, now);
    else if (ticket) this.drawTicket(ticket, when, now);
    else if (place) this.drawPlace(place, when, now);
    else {
      replace(this.head, el("p", { class: "note" }, t("past.gone", { time: moment(now, Date.now()) })));
      replace(this.body);
    }
    this.timeline?.draw();
  }

  close(): void {
    this.timeline?.close();
  }

  key(letter: string): boolean {
    return this.refuse(letter);
  }

  private drawIncident(one: Incident, when: HTMLElement, now: number): void {
    const owner = one.owner === "" ? t("past.nobody") : one.owner;
    const facts = [word("status", one.status), word("category", one.category), one.areaName];
    this.drawHead(
      severityIcon(one.severity, isWaiting(one)),
      t(`severity.${one.severity}`),
      titleOf(one),
      facts,
    );
    this.drawFacts(when, [
      [t("detail.opened"), `${moment(one.openedAt, now)} · ${duration(now - one.openedAt)}`],
      [t("past.owner"), owner],
      [t("detail.position"), one.position && coordinates(...one.position)],
    ]);
  }

  private drawTicket(one: Ticket, when: HTMLElement, now: number): void {
    const number = t("past.ticket", { number: one.number });
    this.drawHead(severityIcon(one.severity, false), number, titleOf(one), [
      word("ticket", one.state),
      one.unitName,
    ]);
    this.drawFacts(when, [
      [t("detail.opened"), one.openedAt === null ? null : moment(one.openedAt, now)],
      [t("past.due"), one.dueAt === null ? null : moment(one.dueAt, now)],
      [t("past.owner"), one.owner === "" ? t("past.nobody") : one.owner],
    ]);
  }

  private drawPlace(one: Place, when: HTMLElement, now: number): void {
    const camera = this.kind === "camera";
    const icon = lineIcon(camera ? CAMERA_SHAPE : stationShape(one.kind));
    this.drawHead(icon, t(camera ? "place.camera" : "place.station"), one.name, []);
    const since =
      one.stateSince === null ? "" : ` ${t("place.since", { time: moment(one.stateSince, now) })}`;
    this.drawFacts(when, [
      [t("place.state"), word("state", one.state) + since],
      [t("detail.position"), one.position && coordinates(...one.position)],
    ]);
    if (!camera) this.body.append(el("p", { class: "dim" }, t("past.values")));
  }

  private drawHead(icon: SVGElement, grade: string, title: string, under: string[]): void {
    const words = under.filter((one) => one !== "").join(" · ");
    replace(
      this.head,
      icon,
      el(
        "div",
        {},
        el("span", { class: "grade" }, grade),
        el("h2", {}, title),
        el("p", { class: "dim" }, words),
      ),
    );
  }

  private drawFacts(when: HTMLElement, entries: Fact[]): void {
    replace(this.body, when, facts(entries));
  }
}
