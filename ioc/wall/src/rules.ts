import { getJson, getSession, Refused, type Session } from "./api";
import { serverNow } from "./clock";
import { PageHead } from "./desk/head";
import { noteLine } from "./desk/parts";
import { keepingTyped, wouldLose } from "./desk/typed";
import { byId, type Child, el, replace, setText } from "./dom";
import { setTimeZone } from "./format";
import { beforeLanguage, language, onLanguage, startLanguage, t } from "./i18n/language";
import { isJson, type Json } from "./model";
import { reason, SendAgain, sendJson } from "./people/send";
import { overrideTable, ruleFacts, standText, titleOf, versionTable } from "./rules/card";
import { limitFields, RuleForm } from "./rules/edit";
import { keyOf, packList } from "./rules/list";
import { Procedures } from "./rules/procedures";
import { type Override, type Rule, ratesOf, ruleOf, rulesOf, typedNumber, versionsOf } from "./rules/rule";
import { Trial } from "./rules/trial";
import { choose, labelled, Sheet, Told } from "./work/sheet";

const BASE = "/api/v1/rules";
const pathOf = ({ pack, code }: { pack: string; code: string }) =>
  `${BASE}/${encodeURIComponent(pack)}/${encodeURIComponent(code)}`;

/** The rules: which there are, what each asks for, its versions, its limits elsewhere, and what it would have made. */
class RulesPage {
  private rules: Rule[] = [];
  private readonly head: PageHead;
  private readonly note = noteLine();
  private readonly search = el("input", { attributes: { type: "search" } });
  private readonly list = el("ul", { class: "packs" });
  private readonly detail = el("div", { class: "detail", data: { testid: "rule" } });
  private readonly procedures: Procedures;
  private readonly side = el("nav", {}, this.search, this.list);
  private rates = new Map<string, { judged: number; wrong: number }>();
  private chosen = "";
  private turn = 0;
  private readonly manages: boolean;

  constructor(root: HTMLElement, session: Session) {
    this.manages = session.role === "admin";
    this.head = new PageHead(session);
    this.procedures = new Procedures(this.manages);
    void this.procedures.load();
    replace(root, this.head.root, this.note, el("div", { class: "columns" }, this.side, this.detail));
    this.search.addEventListener("input", () => this.drawList());
    addEventListener("hashchange", () => this.follow());
    beforeLanguage(() => !this.asking() || confirm(t("language.lose")));
    onLanguage(() => keepingTyped(this.detail, () => this.draw()));
    this.draw();
  }

  async load(): Promise<void> {
    setText(this.note, t("quality.loading"));
    try {
      const found: Rule[] = [];
      for (let after = ""; ; ) {
        const query = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
        const page = rulesOf(await getJson(`${BASE}?limit=500${query}`));
        found.push(...page.rules);
        after = page.next;
        if (after === "") break;
      }
      this.rules = found;
      setText(this.note, "");
    } catch (error) {
      setText(this.note, error instanceof Refused ? error.message : t("quality.failed"));
    }
    this.drawList();
    this.follow();
    void this.loadRates();
  }

  /** How often people called incidents of a rule false alarms; without it the rules still stand. */
  private async loadRates(): Promise<void> {
    try {
      this.rates = ratesOf(await getJson("/api/v1/false-alarms?days=30"));
    } catch {
      return;
    }
    for (const place of this.detail.querySelectorAll<HTMLElement>("[data-rate]")) {
      setText(place, this.rateText(place.dataset.rate ?? ""));
    }
  }

  private rateText(key: string): string {
    const rate = this.rates.get(key);
    return rate ? t("rules.rate", { wrong: rate.wrong, judged: rate.judged }) : "";
  }

  private follow(): void {
    this.chosen = decodeURIComponent(location.hash.slice(1));
    setText(this.note, "");
    this.drawList();
    this.drawRule();
  }

  private draw(): void {
    this.search.placeholder = t("rules.search");
    this.search.setAttribute("aria-label", t("rules.search"));
    this.side.setAttribute("aria-label", t("rules.title"));
    this.head.draw(t("rules.title"));
    this.drawList();
    this.drawRule();
    this.procedures.draw();
  }

  /** Whether a small form has something typed in it: what opens it is drawn anew with the rule. */
  private asking(): boolean {
    return [...this.detail.querySelectorAll("[data-asks]")].some((form) => wouldLose(form));
  }

  private drawList(): void {
    replace(this.list, ...packList(this.rules, this.chosen, this.search.value));
  }

  private drawRule(): void {
    this.turn += 1;
    scrollTo({ top: 0 });
    const rule = this.rules.find((one) => keyOf(one) === this.chosen);
    document.body.toggleAttribute("data-chosen", rule !== undefined);
    if (!rule) {
      replace(this.detail, el("p", { class: "dim" }, t("rules.choose")), this.procedures.root);
      return;
    }
    const form = new RuleForm(rule);
    const trial = new Trial(
      rule,
      () => (this.manages ? form.body() : null),
      serverNow(),
      () => Math.max(240, this.detail.clientWidth - 40),
    );
    const versions = el(
      "section",
      { class: "card", data: { testid: "versions" } },
      el("h2", {}, t("rules.versions")),
    );
    void this.drawVersions(rule, versions, this.turn);
    replace(
      this.detail,
      el("a", { class: "back", attributes: { href: "#" } }, t("rules.back")),
      el(
        "section",
        { class: "card" },
        el("h2", {}, titleOf(rule)),
        el(
          "p",
          {},
          el("code", {}, `${keyOf(rule)}@${rule.version}`),
          ` ${t(rule.enabled ? "rules.on" : "rules.off")}`,
        ),
        el("p", { class: "dim" }, standText(rule)),
        rule.judged < rule.version &&
          el(
            "p",
            { class: "message" },
            rule.judged === 0 ? t("rules.notyet") : t("rules.lag", { version: rule.judged }),
          ),
        rule.fault !== "" && el("p", { class: "message" }, t("rules.fault", { why: rule.fault })),
        ruleFacts(rule),
        el("p", { class: "rate", data: { rate: keyOf(rule) } }, this.rateText(keyOf(rule))),
        this.manages && this.switching(rule),
      ),
      this.overrides(rule),
      this.manages && this.editing(rule, form),
      this.manages && trial.root,
      versions,
    );
  }

  private switching(rule: Rule): HTMLElement {
    const place = el("div", {});
    const key = rule.enabled ? "rules.disable" : "rules.enable";
    const button = el(
      "button",
      {
        class: "quiet",
        attributes: { type: "button" },
        data: { testid: "switch" },
        on: {
          click: () =>
            this.ask(place, t(key), [], async (why) => {
              const path = `${pathOf(rule)}/${rule.enabled ? "disable" : "enable"}`;
              return this.send("POST", path, { expected_version: rule.version, reason: why });
            }),
        },
      },
      t(key),
    );
    const restore =
      rule.origin === "changed" &&
      el(
        "button",
        {
          class: "quiet",
          attributes: { type: "button" },
          on: {
            click: () =>
              this.ask(place, t("rules.aspack"), [], (why) =>
                this.send("POST", `${pathOf(rule)}/restore`, { expected_version: rule.version, reason: why }),
              ),
          },
        },
        t("rules.aspack"),
      );
    const copy = el(
      "button",
      {
        class: "quiet",
        attributes: { type: "button" },
        data: { testid: "copy" },
        on: { click: () => this.copying(rule, place) },
      },
      t("rules.copy"),
    );
    return el("div", { class: "acts" }, el("div", { class: "ends" }, button, restore, copy), place);
  }

  /** A rule of the installation's own, out of one that is there; it begins disabled, to be changed and tried first. */
  private copying(rule: Rule, place: HTMLElement): void {
    const name = (label: string, value: string) => {
      const input = el("input", {
        attributes: { required: "", pattern: "[a-z0-9][a-z0-9\\-]*", maxlength: "60" },
      });
      input.value = value;
      return labelled(label, input);
    };
    const pack = name(t("rules.newpack"), rule.origin === "people" ? rule.pack : "own");
    const code = name(t("rules.newcode"), `${rule.code}-2`);
    this.ask(place, t("rules.copy"), [pack.row, code.row], async (why) => {
      const body = { ...rule.body, pack: pack.input.value, code: code.input.value };
      const made = ruleOf(await sendJson("POST", BASE, { rule: body, reason: why, enabled: false }));
      if (!made) return;
      this.rules = [...this.rules, made].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      location.hash = encodeURIComponent(keyOf(made));
    });
  }

  private overrides(rule: Rule): HTMLElement {
    const place = el("div", {});
    const release = (one: Override) =>
      this.ask(place, t("rules.releaseof", { subject: one.subject }), [], (why) => {
        const query = `expected_version=${rule.version}&reason=${encodeURIComponent(why)}`;
        return this.send("DELETE", `${subjectPath(rule, one)}?${query}`);
      });
    const add = () => {
      const kind = choose(
        t("rules.kind"),
        "kind",
        [
          ["device", t("rules.device")],
          ["area", t("rules.area")],
        ],
        "device",
      );
      const subject = labelled(
        t("rules.subject"),
        el("input", { attributes: { name: "subject", required: "", maxlength: "200" } }),
        t("rules.subject.hint"),
      );
      const limits = limitFields({}, "override");
      this.ask(place, t("rules.addoverride"), [kind.row, subject.row, limits.row], (why) => {
        const levels: Json = {};
        for (const [one, value] of Object.entries(limits.read())) {
          if (value.trim() === "") continue;
          const limit = typedNumber(value);
          if (limit === null) throw new Told(t("rules.badnumber"));
          levels[one] = limit;
        }
        const of: Override = {
          kind: kind.input.value === "area" ? "area" : "device",
          subject: subject.input.value.trim(),
          limits: {},
        };
        return this.send("PUT", subjectPath(rule, of), {
          expected_version: rule.version,
          reason: why,
          levels,
        });
      });
    };
    return el(
      "section",
      { class: "card", data: { testid: "overrides" } },
      el("h2", {}, t("rules.overrides")),
      overrideTable(rule, this.manages ? release : null),
      this.manages &&
        el(
          "button",
          { class: "quiet", attributes: { type: "button" }, on: { click: add } },
          t("rules.addoverride"),
        ),
      place,
    );
  }

  private editing(rule: Rule, form: RuleForm): HTMLElement {
    const why = labelled(t("deed.why.must"), reasonInput());
    const sheet = new Sheet(
      t("rules.edit"),
      [...form.rows, why.row],
      t("rules.save"),
      async () => {
        await this.send("PUT", pathOf(rule), {
          expected_version: rule.version,
          reason: why.input.value,
          rule: form.body(),
        });
      },
      () => this.drawRule(),
    );
    return el("section", { class: "card" }, el("h2", {}, t("rules.edit")), sheet.root);
  }

  private async drawVersions(rule: Rule, root: HTMLElement, turn: number): Promise<void> {
    const place = el("div", {});
    try {
      const found = versionsOf(await getJson(`${pathOf(rule)}/versions?limit=100`));
      if (turn !== this.turn) return;
      const restore = (version: number) =>
        this.ask(place, t("rules.restoreof", { version }), [], (why) =>
          this.send("POST", `${pathOf(rule)}/restore`, {
            expected_version: rule.version,
            reason: why,
            version,
          }),
        );
      root.append(versionTable(found, rule.newest, this.manages ? restore : null), place);
    } catch (error) {
      root.append(el("p", { class: "note" }, reason(error)));
    }
  }

  /** A small form with a reason. */
  private ask(place: HTMLElement, title: string, rows: Child[], work: (why: string) => Promise<void>): void {
    const why = labelled(t("deed.why.must"), reasonInput());
    const sheet = new Sheet(
      title,
      [...rows, why.row],
      title,
      () => work(why.input.value),
      () => place.replaceChildren(),
    );
    sheet.root.dataset.asks = "";
    replace(place, sheet.root);
    sheet.begin();
  }

  /** Sends a change and shows what is there then; where somebody was quicker, what they did. */
  private async send(method: string, path: string, body?: Json): Promise<void> {
    try {
      const again = new SendAgain();
      const answer = ruleOf(await sendJson(method, path, body, again.keyOf(body ?? { path })));
      if (answer) this.take(answer);
      setText(this.note, t("rules.saved", { version: answer?.version ?? "" }));
    } catch (error) {
      if (!(error instanceof Refused) || error.body.code !== "stale-rule") throw error;
      const current = ruleOf(isJson(error.body.current) ? error.body.current : null);
      if (current) this.take(current);
      setText(
        this.note,
        current
          ? t("rules.stale", { who: current.who || t("rules.pack"), version: current.version })
          : error.message,
      );
    }
  }

  private take(rule: Rule): void {
    this.rules = this.rules.map((one) => (keyOf(one) === keyOf(rule) ? rule : one));
    this.drawList();
    this.drawRule();
  }
}

function subjectPath(rule: Rule, { kind, subject }: { kind: string; subject: string }): string {
  return `${pathOf(rule)}/${kind === "area" ? "areas" : "devices"}/${encodeURIComponent(subject)}`;
}

function reasonInput(): HTMLInputElement {
  return el("input", { attributes: { name: "reason", required: "", minlength: "3", maxlength: "500" } });
}

async function main(): Promise<void> {
  startLanguage();
  const session = await getSession();
  startLanguage(session.language);
  setTimeZone(session.timezone);
  document.documentElement.lang = language();
  await new RulesPage(byId("rules"), session).load();
}

void main();
