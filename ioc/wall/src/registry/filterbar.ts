import type { Session } from "../api";
import { el, replace } from "../dom";
import { language, t, word } from "../i18n/language";
import { text } from "../model";
import { choose, labelled } from "../work/sheet";
import { keepingFocus } from "./focus";
import { ANY, FAULTS, type Wish } from "./route";
import { type Family, LIFECYCLE } from "./thing";

/** Typing rests for so long before the server is asked. */
const REST_MS = 200;

/** Where the list is searched and narrowed; tells of every change, of typing once it rests. */
export class FilterBar {
  readonly root = el("form", { class: "filters", attributes: { role: "search" } });
  private readonly search = el("input", {
    attributes: { type: "search", name: "q", maxlength: "100", autocomplete: "off" },
    data: { testid: "search" },
  });
  private readonly kinds = el("datalist", { attributes: { id: "kinds" } });
  private timer: ReturnType<typeof setTimeout> | null = null;
  private drawn = "";

  constructor(
    private readonly session: Session,
    private readonly changed: (wish: Wish) => void,
  ) {
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.tell();
    });
    this.root.addEventListener("change", (event) => {
      if (event.target !== this.search) this.tell();
    });
    this.search.addEventListener("input", () => {
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tell(), REST_MS);
    });
  }

  /** Draws the fields; one in which somebody types is left alone. */
  draw(family: Family, wish: Wish): void {
    const drawn = JSON.stringify([family, { ...wish, q: "" }, language()]);
    if (this.search !== document.activeElement) this.search.value = wish.q;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.search.placeholder = t("register.search");
    this.search.setAttribute("aria-label", t("register.search"));
    const name = (one: Session["centres"][number]) =>
      text(language() === "vi" ? one.name : one.name_en, text(one.code));
    const any: readonly [string, string] = ["", t("register.any")];
    const faults = FAULTS.map((one) => [one, t(`register.fault.${one}`)] as const);
    const life = LIFECYCLE.map((one) => [one, t(`lifecycle.${one}`)] as const);
    const centres = this.session.centres.map((one) => [text(one.code), name(one)] as const);
    const kind = el("input", { attributes: { name: "kind", list: "kinds", maxlength: "60" } });
    kind.value = wish.kind;
    const tag = el("input", { attributes: { name: "tag", maxlength: "60" } });
    tag.value = wish.tag;
    const more = el(
      "details",
      { class: "more" },
      el("summary", {}, t("register.filter.more")),
      el(
        "div",
        { class: "morefields" },
        choose(t("register.field.centre"), "centre", [any, ...centres], wish.centre).row,
        labelled(t("register.field.kind"), kind).row,
        labelled(t("register.field.tag"), tag).row,
      ),
      this.kinds,
    );
    more.open = wish.centre !== "" || wish.kind !== "" || wish.tag !== "";
    keepingFocus(this.root, () =>
      replace(
        this.root,
        this.search,
        el(
          "div",
          { class: "pair" },
          choose(t("register.field.lifecycle"), "lifecycle", [any, ...life], wish.lifecycle).row,
          choose(t("register.fault"), "fault", [any, ...faults], wish.fault).row,
        ),
        more,
      ),
    );
  }

  /** Offers these kinds while one is typed. */
  offer(kinds: readonly string[]): void {
    replace(
      this.kinds,
      ...kinds.map((kind) => el("option", { attributes: { value: kind } }, word("register.kind", kind))),
    );
  }

  focus(): void {
    this.search.focus();
  }

  private tell(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const data = new FormData(this.root);
    const names = Object.keys(ANY) as Array<keyof Wish>;
    this.changed(
      Object.fromEntries(names.map((name) => [name, String(data.get(name) ?? "")])) as unknown as Wish,
    );
  }
}
