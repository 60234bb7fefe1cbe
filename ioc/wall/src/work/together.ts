import { el, setText } from "../dom";
import { language, t, word } from "../i18n/language";
import { type Json, number } from "../model";
import { severityIcon } from "../shapes";
import { type Candidate, type Doubt, sharing } from "./doubts";
import { ageText, titled } from "./doubtwords";
import { sendDecision } from "./linking";
import { Sheet, Told, tick } from "./sheet";
import { farText } from "./words";

/** What the sheet asks of the queue in which it stands. */
export interface Asked {
  /** The version in which the incident is known now. */
  version(candidate: Candidate): number;
  /** It was done, or given up; `told` is for the reader. */
  ended(told: string): void;
}

/**
 * All that waits for one incident, ticked, to be linked by one deed. What comes while it is open stands there unticked;
 * what waits no more goes.
 */
export class Together {
  readonly root = el("div", { data: { testid: "together" } });
  private readonly rows = new Map<string, { input: HTMLInputElement; line: HTMLElement }>();
  private list = el("ul", { class: "together" });
  private sheet: Sheet | null = null;
  private drawn = "";
  private sending = false;
  private doubts: Doubt[];

  constructor(
    readonly candidate: Candidate,
    doubts: readonly Doubt[],
    private readonly asked: Asked,
  ) {
    this.doubts = sharing(doubts, candidate.id);
    this.draw(new Set(this.doubts.map((one) => one.alarm)));
  }

  get shown(): readonly Doubt[] {
    return this.doubts;
  }

  begin(): void {
    this.submit?.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  /**
   * The queue is another one, or the language is. While the own request is under way the sheet stays: the queue may
   * hear of it before the answer is here, and what that says is what is told.
   */
  update(doubts: readonly Doubt[]): void {
    const chosen = new Set(this.chosen);
    this.doubts = sharing(doubts, this.candidate.id);
    if (this.sending) this.follow();
    else if (this.doubts.length === 0) this.asked.ended(t("doubts.nonewaits"));
    else if (this.drawn !== language()) this.draw(chosen);
    else this.follow();
  }

  private follow(): void {
    for (const [alarm, { line }] of this.rows)
      if (!this.doubts.some((one) => one.alarm === alarm)) this.drop(alarm, line);
    for (const one of this.doubts) if (!this.rows.has(one.alarm)) this.add(one, false);
    this.counted();
  }

  private get chosen(): string[] {
    return [...this.rows].filter(([, { input }]) => input.checked).map(([alarm]) => alarm);
  }

  private get submit(): HTMLButtonElement | null {
    return this.root.querySelector<HTMLButtonElement>("button[type=submit]");
  }

  private draw(chosen: ReadonlySet<string>): void {
    this.drawn = language();
    this.rows.clear();
    this.list = el("ul", { class: "together", attributes: { "aria-label": t("doubts.together") } });
    this.sheet = new Sheet(
      t("doubts.into", { title: titled(this.candidate) }),
      [el("p", { class: "dim" }, t("doubts.choose")), this.list],
      "",
      () => this.send(),
      () => this.asked.ended(""),
    );
    for (const one of this.doubts) this.add(one, chosen.has(one.alarm));
    this.root.replaceChildren(this.sheet.root);
    this.counted();
  }

  private add(doubt: Doubt, checked: boolean): void {
    const metres = doubt.candidates.find((one) => one.id === this.candidate.id)?.metres ?? 0;
    const facts = [
      t("doubts.far", { far: farText(metres) }),
      ageText(doubt),
      word("source", doubt.sourceKind),
      doubt.sourceName,
    ];
    const words = el(
      "span",
      {},
      severityIcon(doubt.severity, doubt.holds),
      " ",
      titled(doubt),
      el("small", { class: "dim" }, facts.filter(Boolean).join(" · ")),
    );
    const { input, row } = tick(words, { value: doubt.alarm }, checked);
    input.addEventListener("change", () => this.counted());
    const line = el("li", { data: { together: doubt.alarm } }, row);
    this.rows.set(doubt.alarm, { input, line });
    this.list.append(line);
  }

  private drop(alarm: string, line: HTMLElement): void {
    const focused = line.contains(document.activeElement);
    this.rows.delete(alarm);
    line.remove();
    if (focused) this.submit?.focus();
  }

  /** The button says how many it links. */
  private counted(): void {
    if (this.submit) setText(this.submit, t("doubts.linkchosen", { count: this.chosen.length }));
  }

  private async send(): Promise<void> {
    const alarms = this.chosen;
    if (alarms.length === 0) throw new Told(t("doubts.choosesome"));
    const { id } = this.candidate;
    const body = { incident: id, expected_version: this.asked.version(this.candidate), alarms };
    const linked = await this.ask(body);
    const left = alarms.length - linked;
    const told = t("doubts.linkedall", { count: linked, title: titled(this.candidate) });
    this.asked.ended(left > 0 ? `${told} ${t("doubts.leftover", { count: left })}` : told);
  }

  /** How many were linked. */
  private async ask(body: Json): Promise<number> {
    this.sending = true;
    try {
      return number((await sendDecision("/api/v1/matches/link", body)).linked) ?? 0;
    } finally {
      this.sending = false;
    }
  }
}
