import { getJson, Refused } from "../api";
import { el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import { send, whyNot } from "../people/send";
import {
  dropped,
  type Layout,
  type Layouts,
  LONGEST,
  MOST,
  NO_LAYOUTS,
  named,
  preferred,
  readLayouts,
  renamed,
  saved,
} from "./layout";

const PATH = "/api/v1/account/layout";

/** What the page is like, and how it becomes so. */
export interface Arranged {
  present(name: string): Layout;
  use(layout: Layout): void;
}

/** The sheet in which a person names what the wall is like, and takes it up again. */
export class LayoutSheet {
  private readonly name = el("input", {
    attributes: { type: "text", maxlength: String(LONGEST), autocomplete: "off", id: "layout-name" },
    data: { testid: "layout-name" },
  });
  private readonly label = el("label", { attributes: { for: "layout-name" } });
  private readonly save = el("button", { class: "primary", attributes: { type: "submit" } });
  private readonly hint = el("small", { class: "dim" });
  private readonly form = el("form", { class: "layoutform" }, this.label, this.name, this.save, this.hint);
  private readonly note = el("p", {
    class: "note",
    attributes: { role: "status" },
    data: { testid: "layout-note" },
  });
  private readonly list = el("ul", { class: "layouts", data: { testid: "layouts" } });
  private readonly title = el("h2", {});
  private readonly shut = el("button", {
    class: "quiet",
    attributes: { type: "button" },
    on: { click: () => this.dialog.close() },
  });
  private readonly dialog = el("dialog", { class: "layoutsheet", data: { testid: "layout-sheet" } });
  private kept: Layouts = NO_LAYOUTS;
  /** The one that is being renamed. */
  private renaming: string | null = null;
  /** Ends, and never fails, with the last request that was asked for. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly page: Arranged) {
    this.dialog.append(this.title, this.form, this.note, this.list, this.shut);
    document.body.append(this.dialog);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.keep();
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** Takes up the one with which this person's wall opens; a page that cannot learn it opens as it always does. */
  async begin(): Promise<void> {
    const kept = await this.inTurn(() => this.read()).catch(() => null);
    const first = kept && named(kept, kept.default);
    if (first) this.page.use(first);
  }

  open(): void {
    if (this.dialog.open) return;
    this.renaming = null;
    this.say("");
    this.draw();
    this.dialog.showModal();
    this.name.focus();
    this.inTurn(() => this.read()).then(
      () => this.draw(),
      (error: unknown) => this.say(t("layout.failed", { why: whyNot(error) })),
    );
  }

  /** One request after the other: what was read before a change must not be taken for what is kept after it. */
  private inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.last.then(ask);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async read(): Promise<Layouts> {
    this.kept = readLayouts(await getJson(PATH));
    return this.kept;
  }

  /** Changes what is kept by then; false where somebody else was quicker, whose state is then shown. */
  private put(change: (kept: Layouts) => Layouts): Promise<boolean> {
    return this.inTurn(() => this.store(change(this.kept)));
  }

  private async store(next: Layouts): Promise<boolean> {
    const layout = { default: next.default, layouts: next.layouts };
    try {
      const body = { expected_version: this.kept.version, layout };
      this.kept = readLayouts(await send("PUT", PATH, body));
      this.draw();
      return true;
    } catch (error) {
      const stale = error instanceof Refused && error.status === 409;
      if (stale) await this.read().catch(() => undefined);
      this.draw();
      this.say(stale ? t("layout.stale") : whyNot(error));
      return false;
    }
  }

  private async keep(): Promise<void> {
    const name = this.name.value.trim();
    if (name === "") return;
    const [from, layout] = [this.renaming, this.page.present(name)];
    await this.last;
    if (from !== null) {
      if (name !== from && named(this.kept, name)) this.say(t("layout.taken", { name }));
      else if (await this.put((kept) => renamed(kept, from, name))) this.done(t("layout.renamed", { name }));
      return;
    }
    if (saved(this.kept, layout).layouts.length > MOST) this.say(t("layout.full", { most: MOST }));
    else if (await this.put((kept) => saved(kept, layout))) this.done(t("layout.saved", { name }));
  }

  private done(said: string): void {
    this.renaming = null;
    this.name.value = "";
    this.draw();
    this.say(said);
  }

  private say(text: string): void {
    setText(this.note, text);
  }

  private draw(): void {
    const renaming = this.renaming !== null;
    this.dialog.setAttribute("aria-label", t("layout.title"));
    setText(this.title, t("layout.title"));
    setText(this.label, t("layout.name"));
    setText(this.save, t(renaming ? "layout.rename" : "layout.save"));
    setText(this.hint, renaming ? (this.renaming ?? "") : t("layout.hint"));
    setText(this.shut, t("layout.close"));
    const at = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.does : "";
    const none = el("li", { class: "dim" }, t("layout.none"));
    replace(
      this.list,
      ...(this.kept.layouts.length > 0 ? this.kept.layouts.map((one) => this.row(one)) : [none]),
    );
    if (at) this.list.querySelector<HTMLElement>(`[data-does="${CSS.escape(at)}"]`)?.focus();
  }

  private row(one: Layout): HTMLElement {
    const { name } = one;
    const button = (does: string, words: string, act: () => void, pressed?: boolean) =>
      el(
        "button",
        {
          class: does === "use" ? "primary" : "quiet",
          attributes: {
            type: "button",
            "aria-label": `${words}: ${name}`,
            ...(pressed === undefined ? {} : { "aria-pressed": String(pressed) }),
          },
          data: { does: `${does} ${name}`, testid: `layout-${does}` },
          on: { click: act },
        },
        words,
      );
    const standard = this.kept.default === name;
    return el(
      "li",
      { data: { layout: name } },
      el("b", {}, name),
      button("use", t("layout.use"), () => this.use(one)),
      button("default", t("layout.default"), () => void this.put((kept) => preferred(kept, name)), standard),
      button("rename", t("layout.rename"), () => this.rename(name)),
      button("drop", t("layout.drop"), () => void this.drop(name)),
    );
  }

  private use(one: Layout): void {
    this.dialog.close();
    this.page.use(one);
  }

  private rename(name: string): void {
    this.renaming = name;
    this.name.value = name;
    this.draw();
    this.name.select();
    this.name.focus();
  }

  private async drop(name: string): Promise<void> {
    if (!(await this.put((kept) => dropped(kept, name)))) return;
    this.done(t("layout.dropped", { name }));
    this.name.focus();
  }
}
