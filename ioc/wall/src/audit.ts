import { getJson, getSession, postJson, Refused } from "./api";
import { exportPath, type Page, pageOf, pathOf, type Row, type Wanted } from "./audit-rows";
import { setTitle, waysOut } from "./desk/head";
import { byId, el, replace, setText } from "./dom";
import { clockTime, dayMonth, setTimeZone } from "./format";
import { type Key, onLanguage, startLanguage, t, word } from "./i18n/language";
import { isJson, number, text } from "./model";

const COLUMNS: Key[] = [
  "audit.seq",
  "audit.at",
  "audit.who",
  "audit.act",
  "audit.thing",
  "audit.outcome",
  "audit.change",
  "audit.centre",
  "audit.address",
];

const OUTCOMES = ["", "done", "refused", "failed"];

/** Why something did not work, in words. */
function reason(error: unknown): string {
  if (error instanceof Refused) return error.status === 403 ? t("audit.forbidden") : error.message;
  return t("audit.failed");
}

/** The audit trail: search, export, state of the chain, test of the feed to the security centre. */
class AuditPage {
  private wanted: Wanted = {};
  private rows: Row[] = [];
  private page: Page | null = null;
  private note = "";
  private busy = false;
  private last: Promise<void> = Promise.resolve();
  private readonly top = el("header");
  private readonly message = el("p", {
    class: "note",
    attributes: { role: "status" },
    data: { testid: "audit-note" },
  });
  private readonly found = el("div", { class: "scroll", attributes: { tabindex: "0" } });
  private readonly foot = el("footer");

  /** What the reader may see, as soon as that is known. */
  sees: readonly string[] = [];

  constructor(private readonly root: HTMLElement) {}

  async search(after: number | null = null): Promise<void> {
    await this.act(t("audit.loading"), async () => {
      const page = pageOf(await getJson(pathOf(this.wanted, after)));
      this.rows = after === null ? page.rows : [...this.rows, ...page.rows];
      this.page = page;
      return "";
    });
  }

  /** Everything anew, in the language of now; what was typed stays. */
  render(): void {
    setTitle(t("audit.title"));
    replace(this.root, this.top, this.form(), this.message, this.found, this.foot);
    this.update();
  }

  /** What changes with an answer; the form stays untouched under the fingers. */
  private update(): void {
    const more = this.page?.next ?? null;
    replace(this.top, ...this.header());
    setText(this.message, this.note);
    replace(this.found, this.table());
    replace(
      this.foot,
      more !== null &&
        el("button", { class: "quiet", on: { click: () => void this.search(more) } }, t("audit.more")),
    );
  }

  private header(): HTMLElement[] {
    const button = (key: Key, run: () => Promise<void>) =>
      el(
        "button",
        { class: "quiet", attributes: { type: "button" }, on: { click: () => void run() } },
        t(key),
      );
    return [
      el("h1", {}, t("audit.title")),
      el("p", { data: { testid: "audit-chain" } }, this.chain()),
      button("audit.verify", () => this.verify()),
      button("audit.soc", () => this.trySoc()),
      el(
        "a",
        { class: "quiet", attributes: { href: exportPath(this.wanted), download: "" } },
        t("audit.export"),
      ),
      waysOut(this.sees),
    ];
  }

  private chain(): string {
    if (this.page === null) return "";
    const sealed = t("audit.chain", { seq: this.page.sealed });
    const waiting = this.page.waiting > 0 ? ` · ${t("audit.waiting", { count: this.page.waiting })}` : "";
    return sealed + waiting;
  }

  private form(): HTMLElement {
    const field = (name: keyof Wanted, label: Key, type = "text") =>
      el(
        "label",
        {},
        t(label),
        el("input", { attributes: { name, type, value: this.wanted[name] ?? "", autocapitalize: "none" } }),
      );
    const outcome = el("select", { attributes: { name: "outcome" } });
    for (const value of OUTCOMES) {
      const option = el("option", { attributes: { value } }, value ? word("outcome", value) : t("audit.any"));
      option.selected = value === (this.wanted.outcome ?? "");
      outcome.append(option);
    }
    const form = el(
      "form",
      { on: { input: () => this.remember(form) } },
      field("who", "audit.who"),
      field("act", "audit.act"),
      field("thing", "audit.thing"),
      el("label", {}, t("audit.outcome"), outcome),
      field("from", "audit.from", "date"),
      field("to", "audit.to", "date"),
      el("button", { class: "primary", attributes: { type: "submit" } }, t("audit.search")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.remember(form);
      void this.search();
    });
    return form;
  }

  private remember(form: HTMLFormElement): void {
    const filled = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    this.wanted = Object.fromEntries(filled) as Wanted;
  }

  private table(): HTMLElement {
    const heads = COLUMNS.map((key) => el("th", { attributes: { scope: "col" } }, t(key)));
    const body = this.rows.map((row) => this.line(row));
    const empty = el(
      "tr",
      {},
      el("td", { attributes: { colspan: String(COLUMNS.length) } }, t("audit.none")),
    );
    return el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads)),
      el("tbody", { data: { testid: "audit-rows" } }, ...(body.length > 0 || this.busy ? body : [empty])),
    );
  }

  private line(row: Row): HTMLElement {
    const at = row.at === null ? "" : `${dayMonth(row.at)} ${clockTime(row.at)}`;
    const seq = el(
      "td",
      { attributes: { title: row.hash } },
      row.seq === null ? t("audit.pending") : String(row.seq),
    );
    const cells = [
      at,
      row.who,
      row.act,
      row.thing,
      word("outcome", row.outcome),
      row.change,
      row.centre,
      row.address,
    ];
    return el("tr", { class: row.outcome }, seq, ...cells.map((cell) => el("td", {}, cell)));
  }

  private async verify(): Promise<void> {
    await this.act(t("audit.verifying"), async () => {
      const answer = await postJson("/api/v1/audit/verify", {});
      const told = isJson(answer) ? answer : {};
      if (told.holds === true) return t("audit.holds", { rows: number(told.rows) ?? 0 });
      return t("audit.broken", { at: number(told.at) ?? 0, sentence: text(told.sentence) });
    });
  }

  private async trySoc(): Promise<void> {
    await this.act(t("audit.loading"), async () => {
      const answer = await postJson("/api/v1/audit/soc-test", {});
      return word("soc", isJson(answer) ? text(answer.problem) : "");
    });
  }

  /** For a reader whose role may not see the trail: nothing is asked of the server. */
  refuse(): void {
    this.note = t("desk.forbidden");
    this.update();
  }

  /** Runs one thing after the other and leaves its answer, or why it failed, in the note. */
  private act(meanwhile: string, work: () => Promise<string>): Promise<void> {
    this.last = this.last.then(async () => {
      this.busy = true;
      this.note = meanwhile;
      this.update();
      try {
        this.note = await work();
      } catch (error) {
        this.note = reason(error);
      }
      this.busy = false;
      this.update();
    });
    return this.last;
  }
}

startLanguage();
const page = new AuditPage(byId("audit"));
onLanguage(() => page.render());
page.render();
const session = await getSession();
setTimeZone(session.timezone);
startLanguage(session.language);
page.sees = session.sees;
page.render();
if (session.sees.includes("audit")) await page.search();
else page.refuse();
