import { getJson } from "../api";
import { thumbs } from "../detail/timeline";
import type { View } from "../detail/view";
import { el, replace, setText } from "../dom";
import { duration } from "../format";
import { type Host, type MapMark, maySteps } from "../host";
import { language, t, word } from "../i18n/language";
import { isJson, type Json, type Position, type Severity, text } from "../model";
import { reason } from "../people/send";
import { severityIcon } from "../shapes";
import { type Candidate, type Doubt, type Doubts, sharing } from "./doubts";
import { ageText, titled } from "./doubtwords";
import { sendDecision } from "./linking";
import { Together } from "./together";
import { farText } from "./words";

const LETTERS = "ABCDEFGHIJ";
const HELD_MS = 1_500;
const NUMBERS = "123456789";

/**
 * The queue of doubtful matches: one alarm at a time with all that it may belong to; a number links it, `o` opens one,
 * `a` shows all that waits for the same incident, to be linked together.
 */
export class DoubtView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "doubt-message" },
  });
  private readonly one = el("div", { class: "doubt" });
  private readonly many = el("div", {});
  private readonly rest = el("div", {});
  readonly root = el("article", {}, this.head, this.message, this.many, this.one, this.rest);
  private together: Together | null = null;
  private chosen: string | null = null;
  private shown = "";
  private busy = false;
  /** Monotonic: until then keys decide nothing, because what is shown has just become another one by itself. */
  private heldUntil = 0;
  private flown = "";
  private readonly words = new Map<string, string>();

  constructor(
    private readonly doubts: Doubts,
    private readonly host: Host,
  ) {}

  changed(): void {}

  tick(): void {
    const doubt = this.current;
    const age = this.one.querySelector(".age");
    if (age && doubt) setText(age, ageText(doubt));
  }

  /** The queue is another one. */
  refreshed(): void {
    this.render();
  }

  render(): void {
    const { count, list, known } = this.doubts;
    replace(
      this.head,
      el("div", {}, el("h2", {}, t("doubts.title", { count })), el("p", { class: "dim" }, t("doubts.what"))),
    );
    this.together?.update(list);
    if (this.together) {
      this.markTogether(this.together);
      return;
    }
    const doubt = this.current;
    if (!doubt) {
      this.shown = "";
      this.host.mark([]);
      replace(this.one, el("p", { class: "note" }, t(known ? "doubts.none" : "detail.loading")));
      this.rest.replaceChildren();
      return;
    }
    if (this.chosen !== null && this.chosen !== doubt.alarm && !this.busy) {
      this.heldUntil = performance.now() + HELD_MS;
      setText(this.message, t("doubts.gone"));
    }
    this.chosen = doubt.alarm;
    const drawn = `${language()} ${JSON.stringify(doubt)} ${this.words.get(doubt.alarm) ?? ""} ${this.counts(doubt)}`;
    if (drawn !== this.shown) this.draw(doubt);
    this.shown = drawn;
    this.drawRest(list.filter((other) => other !== doubt));
    void this.readText(doubt);
  }

  close(): void {
    this.host.mark([]);
  }

  escape(): boolean {
    if (!this.together) return false;
    void this.endTogether("");
    return true;
  }

  /**
   * 1 to 9 link to that candidate, `o` opens an incident, `a` shows what waits for the nearest candidate that others
   * wait for, too; while that is shown none decides anything. The arrow keys of the page are not taken.
   */
  key(letter: string): boolean {
    const doubt = this.current;
    if (!doubt || !maySteps(this.host.session)) return false;
    if (this.together) return letter === "o" || letter === "a" || NUMBERS.includes(letter);
    if (performance.now() < this.heldUntil) return true;
    const shared = this.sharedOf(doubt)[0];
    if (letter === "o") void this.open(doubt);
    else if (letter === "a" && shared) this.showTogether(shared);
    else {
      const at = NUMBERS.indexOf(letter);
      const candidate = at < 0 ? undefined : doubt.candidates[at];
      if (!candidate) return false;
      void this.link(doubt, candidate);
    }
    return true;
  }

  private get current(): Doubt | undefined {
    return this.doubts.list.find((one) => one.alarm === this.chosen) ?? this.doubts.list[0];
  }

  /** Those that may take an alarm and for which others wait, too, the nearest first. */
  private sharedOf(doubt: Doubt): Candidate[] {
    return doubt.candidates.filter((one) => sharing(this.doubts.list, one.id).length > 1);
  }

  private counts(doubt: Doubt): string {
    return doubt.candidates.map((one) => sharing(this.doubts.list, one.id).length).join(" ");
  }

  private showTogether(candidate: Candidate): void {
    if (this.busy) return;
    setText(this.message, "");
    const { board } = this.host;
    this.together = new Together(candidate, this.doubts.list, {
      version: ({ id, version }) => board.incidents.get(id)?.version ?? version,
      ended: (told) => void this.endTogether(told),
    });
    replace(this.many, this.together.root);
    this.one.hidden = this.rest.hidden = true;
    this.markTogether(this.together);
    this.together.begin();
  }

  private markTogether({ candidate, shown }: Together): void {
    this.host.mark([
      ...shown.flatMap((one) => mark("?", one, null)),
      ...mark(LETTERS[0] ?? "", candidate, candidate.severity),
    ]);
  }

  /**
   * Back to one at a time: what is decided by now is told once. The focus goes to the heading, which decides nothing:
   * the key that ended the sheet may still be down.
   */
  private async endTogether(told: string): Promise<void> {
    const before = this.chosen;
    this.together = null;
    this.many.replaceChildren();
    this.one.hidden = this.rest.hidden = false;
    this.shown = "";
    this.busy = true;
    setText(this.message, told);
    await this.doubts.refresh();
    this.render();
    this.busy = false;
    if (this.chosen !== before) {
      this.heldUntil = performance.now() + HELD_MS;
      if (told === "") setText(this.message, t("doubts.gone"));
    }
    this.one.querySelector<HTMLElement>(".doubttitle")?.focus();
  }

  private draw(doubt: Doubt): void {
    const works = maySteps(this.host.session);
    const said = this.words.get(doubt.alarm) ?? "";
    replace(
      this.one,
      el(
        "div",
        { class: "doubthead" },
        severityIcon(doubt.severity, doubt.holds),
        el(
          "div",
          {},
          el("span", { class: `grade text-${doubt.severity}` }, t(`severity.${doubt.severity}`)),
          el("h3", { class: "doubttitle", attributes: { tabindex: "-1" } }, titled(doubt)),
          el(
            "p",
            { class: "dim" },
            [word("source", doubt.sourceKind), doubt.sourceName].filter(Boolean).join(" · "),
          ),
          el("p", { class: "dim age" }, ageText(doubt)),
        ),
      ),
      doubt.photo !== null && el("div", { class: "doubtphoto" }, thumbs([doubt.photo])),
      said !== "" && el("blockquote", {}, said),
      el("h3", {}, t("doubts.candidates")),
      el(
        "ol",
        { class: "choices" },
        ...doubt.candidates.map((candidate, at) => this.candidate(doubt, candidate, at, works)),
      ),
      works &&
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button", "aria-keyshortcuts": "o" },
            data: { testid: "doubt-open" },
            on: { click: () => void this.open(doubt) },
          },
          t("doubts.open"),
          el("kbd", { attributes: { "aria-hidden": "true" } }, "O"),
        ),
    );
    this.host.mark(marksOf(doubt));
    if (doubt.position && this.flown !== doubt.alarm) this.host.fly(doubt.position);
    this.flown = doubt.alarm;
  }

  private candidate(doubt: Doubt, one: Candidate, at: number, works: boolean): HTMLElement {
    const facts = [
      t("doubts.far", { far: farText(one.metres) }),
      one.minutes > 0 ? t("doubts.apart", { age: duration(one.minutes * 60_000) }) : t("doubts.within"),
      word("status", one.status),
    ];
    const words = [
      el("b", { class: "letter" }, LETTERS[at] ?? ""),
      severityIcon(one.severity),
      el("span", {}, titled(one), el("small", { class: "dim" }, facts.join(" · "))),
    ];
    const link = el(
      "button",
      {
        attributes: { type: "button", "aria-keyshortcuts": String(at + 1) },
        data: { candidate: one.id },
        on: { click: () => void this.link(doubt, one) },
      },
      ...words,
      el("kbd", { attributes: { "aria-hidden": "true" } }, NUMBERS[at] ?? ""),
    );
    link.disabled = !works;
    const count = sharing(this.doubts.list, one.id).length;
    return el(
      "li",
      {},
      link,
      works && count > 1 && this.allButton(one, count, this.sharedOf(doubt)[0] === one),
    );
  }

  private allButton(one: Candidate, count: number, keyed: boolean): HTMLElement {
    return el(
      "button",
      {
        class: "quiet all",
        attributes: { type: "button", ...(keyed ? { "aria-keyshortcuts": "a" } : {}) },
        data: { all: one.id },
        on: { click: () => this.showTogether(one) },
      },
      t("doubts.all", { count }),
      keyed && el("kbd", { attributes: { "aria-hidden": "true" } }, "A"),
    );
  }

  private drawRest(others: Doubt[]): void {
    replace(
      this.rest,
      others.length > 0 && el("h3", {}, t("doubts.rest", { count: this.doubts.count - 1 })),
      el(
        "ul",
        { class: "choices" },
        ...others.slice(0, 50).map((one) =>
          el(
            "li",
            {},
            el(
              "button",
              {
                attributes: { type: "button" },
                data: { doubt: one.alarm },
                on: {
                  click: () => {
                    this.chosen = one.alarm;
                    this.render();
                    this.root.scrollIntoView();
                  },
                },
              },
              severityIcon(one.severity, one.holds),
              el("span", {}, titled(one), el("small", { class: "dim" }, ageText(one))),
            ),
          ),
        ),
      ),
    );
  }

  /** A citizen's own words; whoever may not read them judges by the rest. */
  private async readText(doubt: Doubt): Promise<void> {
    if (doubt.sourceKind !== "citizen" || this.words.has(doubt.alarm)) return;
    this.words.set(doubt.alarm, "");
    try {
      const body = await getJson("/api/v1/reports?state=open&limit=1000");
      const reports = isJson(body) && Array.isArray(body.reports) ? body.reports.filter(isJson) : [];
      for (const one of reports) if (one.alarm) this.words.set(text(one.alarm), text(one.text));
      if (this.words.get(doubt.alarm) !== "") this.render();
    } catch {
      // The photograph, the distance and the age are still there.
    }
  }

  private link(doubt: Doubt, { id, version }: Candidate): Promise<void> {
    const expected = this.host.board.incidents.get(id)?.version ?? version;
    return this.decide(doubt, "link", { incident: id, expected_version: expected });
  }

  private open(doubt: Doubt): Promise<void> {
    return this.decide(doubt, "open", {});
  }

  private async decide(doubt: Doubt, how: "link" | "open", body: Json): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    setText(this.message, "");
    try {
      await sendDecision(`/api/v1/matches/${encodeURIComponent(doubt.alarm)}/${how}`, body);
      setText(this.message, t(how === "link" ? "doubts.linked" : "doubts.opened", { title: titled(doubt) }));
    } catch (error) {
      setText(this.message, reason(error));
    } finally {
      await this.doubts.refresh();
      this.render();
      this.busy = false;
    }
  }
}

function mark(
  letter: string,
  one: { title: string; titleEn: string; position: Position | null },
  severity: Severity | null,
): MapMark[] {
  return one.position ? [{ letter, position: one.position, severity, label: titled(one) }] : [];
}

function marksOf(doubt: Doubt): MapMark[] {
  const others = doubt.candidates.flatMap((one, at) => mark(LETTERS[at] ?? "", one, one.severity));
  return [...others, ...mark("?", doubt, null)];
}
