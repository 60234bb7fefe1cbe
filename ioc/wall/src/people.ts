import { getSession } from "./api";
import { keepingTyped } from "./desk/typed";
import { byId, el } from "./dom";
import { setTimeZone } from "./format";
import { language, onLanguage, startLanguage, t, word } from "./i18n/language";
import { isJson, type Json, text } from "./model";
import { act, choice, field, form, frame, moment, once, section } from "./people/parts";
import { list, reason, send, sendJson } from "./people/send";

const HERE = "/api/v1/people";
const ROLES = ["admin", "operator", "district", "registrar", "viewer", "assessor"] as const;

/** The accounts that the reader administers. */
class PeoplePage {
  private shown: HTMLElement | null = null;
  private centres: Json[] = [];

  constructor(private readonly root: HTMLElement) {}

  /** @param keep whether what is typed for a new account stays */
  async render(keep = false): Promise<void> {
    const session = await getSession();
    setTimeZone(session.timezone);
    if (!session.sees.includes("account")) {
      frame(this.root, t("admin.title"), session.sees, el("p", { class: "card" }, t("desk.forbidden")));
      return;
    }
    const people = await list(HERE);
    this.centres = session.centres;
    const everywhere = session.centre === null;
    const add = section(t("admin.add"), this.adding(everywhere));
    const draw = () =>
      frame(this.root, t("admin.title"), session.sees, this.shown, this.table(people, everywhere), add);
    if (keep) keepingTyped(this.root, draw);
    else draw();
  }

  private centreOptions(everywhere: boolean): Array<readonly [string, string]> {
    const name = (one: Json) => text(language() === "vi" ? one.name : one.name_en, text(one.code));
    const own = this.centres.map((one) => [text(one.code), name(one)] as const);
    return everywhere ? [["", t("admin.everywhere")], ...own] : own;
  }

  private adding(everywhere: boolean): HTMLElement {
    const login = field(t("admin.login"), {
      required: "",
      pattern: "[a-z0-9][a-z0-9._@\\-]{0,62}",
      maxlength: "63",
    });
    const name = field(t("admin.name"), { required: "", maxlength: "200" });
    const role = choice(
      t("admin.role"),
      ROLES.map((one) => [one, t(`role.${one}`)]),
      "viewer",
    );
    const options = this.centreOptions(everywhere);
    const centre = choice(t("admin.centre"), options, options[0]?.[0] ?? "");
    return form(t("admin.create"), [login, name, role, centre], async () => {
      const made = await sendJson("POST", HERE, {
        login: login.input.value,
        name: name.input.value,
        role: role.input.value,
        centre: centre.input.value || null,
        language: language(),
      });
      await this.reveal(login.input.value, isJson(made.invite) ? made.invite : {});
      return undefined;
    });
  }

  private async reveal(login: string, invite: Json): Promise<void> {
    const link = new URL(text(invite.link), location.origin).href;
    this.shown = section(login, once(t("admin.link", { login, time: moment(invite.expires_at) }), link));
    await this.render();
    this.shown.scrollIntoView({ block: "center" });
  }

  private table(people: Json[], everywhere: boolean): HTMLElement {
    const heads = [
      t("admin.login"),
      t("admin.name"),
      t("admin.role"),
      t("admin.centre"),
      t("admin.state"),
      t("admin.seen"),
      "",
    ];
    const head = el("tr", {}, ...heads.map((one) => el("th", { attributes: { scope: "col" } }, one)));
    const rows = people.map((one) => this.row(one, everywhere));
    return el(
      "section",
      { class: "card wide" },
      el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)),
    );
  }

  private row(one: Json, everywhere: boolean): HTMLElement {
    const cell = (...children: Array<Node | string>) => el("td", {}, ...children);
    const login = text(one.login);
    return el(
      "tr",
      { data: { login } },
      cell(login),
      cell(text(one.name)),
      cell(
        this.picker(
          one,
          "role",
          ROLES.map((role) => [role, t(`role.${role}`)] as const),
        ),
      ),
      cell(this.picker(one, "centre", this.centreOptions(everywhere))),
      cell(state(one)),
      cell(moment(one.seen_at)),
      cell(...this.acts(one)),
    );
  }

  /** A choice that asks before it changes somebody's rights. */
  private picker(
    one: Json,
    what: "role" | "centre",
    options: ReadonlyArray<readonly [string, string]>,
  ): HTMLElement {
    const label = t(`admin.${what}`);
    const before = text(one[what]);
    const { input } = choice(label, options, before);
    input.setAttribute("aria-label", label);
    input.addEventListener("change", () => {
      const chosen = options.find(([value]) => value === input.value)?.[1] ?? "";
      if (!confirm(t("admin.sure", { what: `${label} → ${chosen}`, login: text(one.login) }))) {
        input.value = before;
        return;
      }
      send("PATCH", `${HERE}/${encodeURIComponent(text(one.login))}`, { [what]: input.value || null })
        .then(() => this.render())
        .catch((error: unknown) => {
          input.value = before;
          alert(reason(error));
        });
    });
    return input;
  }

  private acts(one: Json): HTMLElement[] {
    const login = text(one.login);
    const path = `${HERE}/${encodeURIComponent(login)}`;
    const sure = (what: string) => t("admin.sure", { what, login });
    const again = async (method: string, address: string, body?: Json) => {
      await send(method, address, body);
      await this.render();
    };
    const disabled = typeof one.disabled_at === "string";
    const toggle = disabled ? t("admin.enable") : t("admin.disable");
    const found = [
      act(
        t("admin.invite"),
        async () => this.reveal(login, await sendJson("POST", `${path}/invite`)),
        sure(t("admin.invite")),
      ),
      act(toggle, () => again("PATCH", path, { disabled: !disabled }), sure(toggle)),
      act(t("admin.sessions"), () => again("DELETE", `${path}/sessions`), sure(t("admin.sessions"))),
    ];
    if (one.second_factor === true) {
      found.push(act(t("admin.reset"), () => again("DELETE", `${path}/factor`), sure(t("admin.reset"))));
    }
    return found;
  }
}

function state(one: Json): string {
  if (typeof one.disabled_at === "string") return word("admin.state", "disabled");
  if (one.has_password !== true)
    return word("admin.state", typeof one.invited_until === "string" ? "invited" : "program");
  return word("admin.state", one.second_factor === true ? "factor" : "plain");
}

startLanguage();
const root = byId("people");
const page = new PeoplePage(root);
const show = (keep = false) =>
  page.render(keep).catch(async (error: unknown) => {
    const sees = await getSession().then(
      (session) => session.sees,
      () => [],
    );
    frame(root, t("admin.title"), sees, el("p", { class: "card" }, reason(error)));
  });
onLanguage(() => void show(true));
void show();
