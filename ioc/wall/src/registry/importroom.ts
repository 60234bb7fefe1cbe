import { button, table } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { download } from "../download";
import { t, word } from "../i18n/language";
import { reason, sendJson } from "../people/send";
import { choose, labelled, tick } from "../work/sheet";
import type { Desk, Room, Shown } from "./desk";
import { ANY, hashOf } from "./route";
import { sendBytes } from "./server";
import { type DryRun, inOrder, mendable, OUTCOMES, type Row, readDryRun } from "./sheet";
import { FAMILIES, type Family } from "./thing";

const BASE = "/api/v1/register";
/** More rows than these nobody reads at once. */
const STEP = 200;
const CSV = "text/csv";
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** What a file is sent as: by its name, for browsers know the types of few. */
export function typeOf(name: string): string {
  return name.toLowerCase().endsWith(".xlsx") ? XLSX : CSV;
}

/** The list of what waits for approval. */
function draftsOf(family: Family): string {
  return hashOf({ at: "list", family, wish: { ...ANY, lifecycle: "draft" } });
}

function cellText({ column, message, offer }: Row["cells"][number]): Child {
  return el(
    "p",
    {},
    column !== "" && el("b", {}, `${column}: `),
    message,
    offer !== "" && el("span", { class: "offer" }, ` ${t("register.import.offer", { offer })}`),
  );
}

/** A sheet is chosen, looked at row by row, and only then written; what was refused comes back as a file. */
class ImportRoom implements Shown {
  readonly root = el("div", { class: "record", data: { testid: "import" } });
  private readonly kind = choose(
    t("register.import.kind"),
    "kind",
    FAMILIES.map((family) => [family, t(`register.${family}`)] as const),
    "devices",
  );
  private readonly file = labelled(
    t("register.import.file"),
    el("input", {
      attributes: { type: "file", accept: `.csv,.xlsx,${CSV},${XLSX}` },
      data: { testid: "sheet-file" },
    }),
  );
  private readonly told = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "import-told" },
  });
  private readonly result = el("div", { class: "tabbody" });
  private run: DryRun | null = null;
  private outcome = "";
  private shownRows = STEP;
  private accepts = false;
  private busy = false;

  constructor(private readonly desk: Desk) {
    const get = (what: "template" | "export", f: "csv" | "xlsx") =>
      button(
        t("register.import.as", { format: f.toUpperCase() }),
        () => this.get(`${BASE}/${what}?kind=${this.family}&f=${f}`, `${what}.${f}`),
        { testid: `${what}-${f}` },
      );
    const line = (words: string, what: "template" | "export") =>
      el("div", { class: "row" }, el("span", { class: "dim" }, words), get(what, "xlsx"), get(what, "csv"));
    replace(
      this.root,
      el("h2", {}, t("register.import")),
      el(
        "section",
        { class: "card" },
        el("div", { class: "fields" }, this.kind.row, this.desk.keeps && this.file.row),
        this.desk.keeps && line(t("register.import.template"), "template"),
        line(t("register.export"), "export"),
        this.told,
      ),
      this.result,
    );
    this.file.input.addEventListener("change", () => void this.look());
    this.kind.input.addEventListener("change", () => void this.look());
  }

  private get family(): Family {
    return this.kind.input.value === "cameras" ? "cameras" : "devices";
  }

  private get(path: string, name: string): void {
    setText(this.told, "");
    download(path, name).catch((error: unknown) => setText(this.told, reason(error)));
  }

  /** The dry run of the chosen sheet. */
  private async look(): Promise<void> {
    const file = this.file.input.files?.[0];
    if (!file || this.busy) return;
    this.run = null;
    replace(this.result);
    await this.working(t("register.import.reading", { name: file.name }), async () => {
      const path = `${BASE}/imports?kind=${this.family}`;
      this.run = readDryRun(await sendBytes("POST", path, new Blob([file], { type: typeOf(file.name) })));
      this.outcome = "";
      this.shownRows = STEP;
      this.accepts = false;
      this.draw();
      return "";
    });
  }

  private async apply(run: DryRun): Promise<void> {
    await this.working(t("register.import.writing"), async () => {
      const path = `${BASE}/imports/${encodeURIComponent(run.id)}/apply`;
      const done = readDryRun(await sendJson("POST", path, { accept_offers: this.accepts }));
      const of = (name: string) => done.counts[name] ?? 0;
      this.run = null;
      this.outcome = "refused";
      this.desk.reload();
      const told = t("register.import.done", {
        made: of("new"),
        changed: of("changed"),
        same: of("same"),
        refused: of("refused"),
      });
      replace(
        this.result,
        el(
          "section",
          { class: "card", data: { testid: "import-done" } },
          el("p", { attributes: { role: "status" } }, told),
          el(
            "a",
            { attributes: { href: draftsOf(this.family) }, data: { testid: "see-drafts" } },
            t("register.import.drafts"),
          ),
          of("refused") > 0 && this.refusedFiles(run.id),
          of("refused") > 0 && this.rows(done),
        ),
      );
      return "";
    });
  }

  private refusedFiles(id: string): HTMLElement {
    const get = (f: "csv" | "xlsx") =>
      button(
        t("register.import.as", { format: f.toUpperCase() }),
        () => this.get(`${BASE}/imports/${encodeURIComponent(id)}/refused?f=${f}`, `refused.${f}`),
        { testid: `refused-${f}` },
      );
    return el("div", { class: "row" }, el("span", {}, t("register.import.refused")), get("xlsx"), get("csv"));
  }

  private async working(words: string, work: () => Promise<string>): Promise<void> {
    this.busy = true;
    this.root.setAttribute("aria-busy", "true");
    setText(this.told, words);
    try {
      setText(this.told, await work());
    } catch (error) {
      setText(this.told, reason(error));
    } finally {
      this.busy = false;
      this.root.removeAttribute("aria-busy");
      this.file.input.value = "";
    }
  }

  private draw(): void {
    const { run } = this;
    if (!run) return;
    const offers = mendable(run);
    const accept = tick(
      t("register.import.accept", { count: offers }),
      { "data-testid": "accept-offers" },
      this.accepts,
    );
    accept.input.addEventListener("change", () => {
      this.accepts = accept.input.checked;
    });
    const writable = (run.counts.new ?? 0) + (run.counts.changed ?? 0) + offers > 0;
    replace(
      this.result,
      el(
        "section",
        { class: "card", data: { testid: "dry-run" } },
        el("h3", {}, t("register.import.dry")),
        ...run.headings.map(({ heading, message }) =>
          el("p", { class: "warn" }, el("b", {}, `${heading}: `), message),
        ),
        this.outcomes(run),
        this.rows(run),
        offers > 0 && accept.row,
        run.counts.refused !== 0 && this.refusedFiles(run.id),
        writable
          ? button(t("register.import.apply"), () => void this.apply(run), {
              testid: "apply",
              kind: "primary",
            })
          : el("p", {}, t("register.import.nothing")),
      ),
    );
  }

  private outcomes(run: DryRun): HTMLElement {
    const pick = (outcome: string) => () => {
      this.outcome = this.outcome === outcome ? "" : outcome;
      this.shownRows = STEP;
      this.draw();
      this.result.querySelector<HTMLElement>(`[data-testid="outcome-${outcome}"]`)?.focus();
    };
    return el(
      "div",
      { class: "ends", attributes: { role: "group", "aria-label": t("register.import.outcomes") } },
      ...OUTCOMES.map((outcome) =>
        button(`${t(`register.outcome.${outcome}`)}: ${run.counts[outcome] ?? 0}`, pick(outcome), {
          testid: `outcome-${outcome}`,
          pressed: this.outcome === outcome,
        }),
      ),
    );
  }

  private rows(run: DryRun): HTMLElement {
    const fitting = inOrder(run.rows, this.outcome);
    const shown = fitting.slice(0, this.shownRows);
    const heads = [
      t("register.import.row"),
      t("register.field.code"),
      t("register.import.outcome"),
      t("register.import.cells"),
    ];
    const lines = shown.map((row) => [
      String(row.row),
      el("code", {}, row.code),
      el("span", { class: "outcome", data: { outcome: row.outcome } }, word("register.outcome", row.outcome)),
      el("div", {}, ...row.cells.map(cellText)),
    ]);
    return el(
      "div",
      {},
      table(heads, lines, t("register.import.dry")),
      fitting.length > shown.length &&
        button(t("desk.more"), () => {
          this.shownRows += STEP;
          this.draw();
        }),
    );
  }
}

export const IMPORT: Room = {
  id: "import",
  named: "register.import",
  fits: (desk) => desk.session.sees.includes("device"),
  show: (desk) => new ImportRoom(desk),
};
