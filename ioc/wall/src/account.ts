import { getSession } from "./api";
import { byId, el, replace } from "./dom";
import { setTimeZone } from "./format";
import { language, onLanguage, startLanguage, switchLanguage, t } from "./i18n/language";
import { type Json, text } from "./model";
import { ContactsPart } from "./people/contacts";
import { act, type Field, field, form, frame, moment, once, section, told } from "./people/parts";
import { PushPart } from "./people/pushpart";
import { list, send, sendJson } from "./people/send";

const HERE = "/api/v1/account";

function password(label: string, kind: string): Field {
  return field(label, { type: "password", autocomplete: kind, required: "", maxlength: "1024" });
}

function code(): Field {
  return field(t("account.factor.code"), { autocomplete: "one-time-code", maxlength: "64" });
}

/** One's own account: password, second factor, sessions, tokens. */
class AccountPage {
  private shown: HTMLElement | null = null;
  private readonly contacts = new ContactsPart();
  private readonly push = new PushPart();

  constructor(private readonly root: HTMLElement) {
    void this.contacts.load();
  }

  async render(): Promise<void> {
    const [session, own, sessions, tokens] = await Promise.all([
      getSession(),
      sendJson("GET", HERE),
      list(`${HERE}/sessions`),
      list(`${HERE}/tokens`),
    ]);
    setTimeZone(session.timezone);
    this.contacts.draw();
    void this.push.load(session.user);
    frame(
      this.root,
      t("account.title"),
      session.sees,
      section(
        text(own.name, text(own.user)),
        el("p", { class: "note" }, `${text(own.user)} · ${t(`role.${text(own.role)}` as "role.admin")}`),
        own.language === language()
          ? null
          : act(`${t("account.language")}: ${t("people.save")}`, async () => {
              await send("PATCH", HERE, { language: language() });
              await this.render();
            }),
      ),
      this.shown,
      this.contacts.root,
      this.push.root,
      this.passwordPart(),
      this.factorPart(own),
      this.sessionsPart(sessions),
      this.tokensPart(tokens),
    );
  }

  private async reveal(made: HTMLElement): Promise<void> {
    this.shown = made;
    await this.render();
    made.scrollIntoView({ block: "center" });
  }

  private passwordPart(): HTMLElement {
    const now = password(t("account.password.now"), "current-password");
    const next = password(t("account.password.new"), "new-password");
    const again = password(t("account.password.again"), "new-password");
    const made = form(t("people.save"), [now, next, again], async () => {
      if (next.input.value !== again.input.value) throw told(t("account.password.differ"));
      await send("POST", `${HERE}/password`, { password: now.input.value, new_password: next.input.value });
      return t("account.password.changed");
    });
    return section(t("account.password"), made);
  }

  private factorPart(own: Json): HTMLElement {
    const now = password(t("account.password.now"), "current-password");
    if (own.second_factor !== true) {
      const begin = form(t("account.factor.begin"), [now], async () => {
        const made = await sendJson("POST", `${HERE}/factor`, { password: now.input.value });
        await this.reveal(this.confirming(made));
        return undefined;
      });
      return section(t("account.factor"), el("p", {}, t("account.factor.off")), begin);
    }
    const proof = code();
    const body = () => ({ password: now.input.value, code: proof.input.value });
    const renew = form(t("account.factor.codes"), [now, proof], async () => {
      await this.reveal(codesOf(await sendJson("POST", `${HERE}/recovery-codes`, body())));
      return undefined;
    });
    const off = act(t("account.factor.remove"), async () => {
      await send("POST", `${HERE}/factor/remove`, body());
      await this.render();
    });
    const left = typeof own.recovery_codes_left === "number" ? own.recovery_codes_left : 0;
    return section(t("account.factor"), el("p", {}, t("account.factor.on", { count: left })), renew, off);
  }

  private confirming(made: Json): HTMLElement {
    const first = code();
    const groups = text(made.secret).match(/.{1,4}/g) ?? [];
    return el(
      "section",
      { class: "card" },
      once(t("account.factor.secret"), groups.join(" ")),
      el("a", { attributes: { href: text(made.uri) } }, t("account.factor.open")),
      form(t("account.factor.confirm"), [first], async () => {
        await this.reveal(
          codesOf(await sendJson("POST", `${HERE}/factor/confirm`, { code: first.input.value })),
        );
        return undefined;
      }),
    );
  }

  private sessionsPart(sessions: Json[]): HTMLElement {
    const rows = sessions.map((one) =>
      el(
        "li",
        {},
        el("span", {}, `${text(one.address)} · ${text(one.agent)}`),
        el("span", { class: "note" }, t("account.sessions.seen", { time: moment(one.seen_at) })),
        one.current === true
          ? el("b", {}, t("account.sessions.current"))
          : act(t("people.end"), async () => {
              await send("DELETE", `${HERE}/sessions/${text(one.id)}`);
              await this.render();
            }),
      ),
    );
    const others = act(t("account.sessions.others"), async () => {
      await send("DELETE", `${HERE}/sessions`);
      await this.render();
    });
    return section(
      t("account.sessions"),
      el("ul", { class: "rows" }, ...rows),
      rows.length > 1 ? others : null,
    );
  }

  private tokensPart(tokens: Json[]): HTMLElement {
    const label = field(t("account.tokens.label"), { required: "", maxlength: "200" });
    const scopes = field(t("account.tokens.scopes"), { required: "", value: "see:*" });
    const days = field(t("account.tokens.days"), {
      type: "number",
      min: "1",
      max: "366",
      value: "90",
      required: "",
    });
    const make = form(t("account.tokens.make"), [label, scopes, days], async () => {
      const wish = {
        label: label.input.value,
        scopes: scopes.input.value.split(/[\s,]+/).filter(Boolean),
        days: Number(days.input.value),
      };
      const made = await sendJson("POST", `${HERE}/tokens`, wish);
      await this.reveal(section(text(made.label), once(t("account.tokens"), text(made.token))));
      return undefined;
    });
    const rows = tokens.map((one) =>
      el(
        "li",
        {},
        el("span", {}, `${text(one.label)} · ${Array.isArray(one.scopes) ? one.scopes.join(" ") : ""}`),
        el(
          "span",
          { class: "note" },
          one.expires_at
            ? t("account.tokens.until", { time: moment(one.expires_at) })
            : t("account.tokens.forever"),
        ),
        act(t("people.revoke"), async () => {
          await send("DELETE", `${HERE}/tokens/${text(one.id)}`);
          await this.render();
        }),
      ),
    );
    const none = rows.length === 0 ? el("p", { class: "note" }, t("people.none")) : null;
    return section(t("account.tokens"), none, el("ul", { class: "rows" }, ...rows), make);
  }
}

function codesOf(made: Json): HTMLElement {
  const codes = Array.isArray(made.recovery_codes) ? made.recovery_codes.map(String) : [];
  return section(t("account.factor"), once(t("account.recovery"), codes.join("\n")));
}

startLanguage();
const root = byId("account");
const page = new AccountPage(root);
const show = () =>
  page.render().catch(() => {
    replace(
      root,
      el("p", {}, t("people.failed")),
      el("button", { on: { click: switchLanguage } }, t("language.other")),
    );
  });
onLanguage(() => void show());
void show();
