import { getJson, Refused, type Session } from "./api";
import { serverNow } from "./clock";
import { PageHead } from "./desk/head";
import { button, noteLine } from "./desk/parts";
import { startPage } from "./desk/start";
import { keepingTyped } from "./desk/typed";
import { el, replace, setText } from "./dom";
import { moment } from "./format";
import { onLanguage, t } from "./i18n/language";
import { type Json, number } from "./model";
import { reason, sendJson } from "./people/send";
import { faultsOf, type Policy, readAnswer, readPolicy, readVersions, type Version } from "./policy/document";
import { clockForm, generalForm, needForm, wholeForm } from "./policy/edit";
import * as show from "./policy/show";
import { PolicyTrial } from "./policy/trial";
import { keepUnits } from "./tickets/units";
import { type Sheet, Told } from "./work/sheet";

const BASE = "/api/v1/ticket-policy";

/** The policy of tickets: who gets what, by when, who is told when nobody moves; its versions; a trial; editing. */
class PolicyPage {
  private readonly head: PageHead;
  private readonly note = noteLine();
  private readonly place = el("div", {});
  private readonly body = el("div", { class: "stack" });
  private readonly trial = new PolicyTrial();
  private document: Json = {};
  private policy: Policy | null = null;
  private gaps: number[] = [];
  private versions: Version[] = [];
  private readonly manages: boolean;
  /** What makes the form that is open, in the present language. */
  private sheet: (() => Sheet) | null = null;

  constructor(root: HTMLElement, session: Session) {
    this.manages = session.role === "admin";
    this.head = new PageHead(session);
    replace(root, this.head.root, this.note, this.place, this.body);
    onLanguage(() => {
      this.draw();
      keepingTyped(this.place, () => this.sheet && replace(this.place, this.sheet().root));
    });
    this.draw();
    setText(this.note, t("desk.loading"));
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const [body, versions] = await Promise.all([getJson(BASE), getJson(`${BASE}/versions`)]);
      const { document, gaps } = readAnswer(body);
      this.document = document;
      this.gaps = gaps;
      this.policy = readPolicy(this.document);
      keepUnits(this.policy.units);
      this.versions = readVersions(versions);
      setText(this.note, "");
    } catch (error) {
      const refused = error instanceof Refused && error.status === 403;
      setText(this.note, refused ? t("desk.forbidden") : reason(error));
    }
    this.draw();
  }

  private draw(): void {
    this.head.draw(t("policy.title"));
    const { policy } = this;
    if (!policy) {
      replace(this.body);
      return;
    }
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? "" : moment(ms, now));
    const ifAdmin = <F>(form: F) => (this.manages ? form : null);
    this.trial.draw();
    replace(
      this.body,
      el(
        "div",
        { class: "row" },
        el("p", { class: "dim", data: { testid: "version" } }, this.standing(policy, at)),
        this.manages &&
          button(
            t("policy.whole.edit"),
            () => this.open(() => wholeForm(this.document, this.save, this.shut)),
            {
              testid: "edit-whole",
            },
          ),
      ),
      show.jumps(),
      this.trial.root,
      show.clocks(
        policy,
        ifAdmin((index: number) =>
          this.open(() => clockForm(this.document, policy, index, this.save, this.shut)),
        ),
      ),
      show.routes(policy),
      el(
        "div",
        { class: "two" },
        show.needs(
          policy,
          ifAdmin((index: number) =>
            this.open(() => needForm(this.document, policy, index, this.save, this.shut)),
          ),
        ),
        show.general(
          policy,
          ifAdmin(() => this.open(() => generalForm(this.document, policy, this.save, this.shut))),
        ),
      ),
      show.plans(policy),
      show.calendar(policy, this.gaps),
      show.units(policy),
      show.versions(this.versions, at),
    );
  }

  private standing(policy: Policy, at: (ms: number | null) => string): string {
    const newest = this.versions.find((one) => one.version === policy.version);
    const told = newest ? [at(newest.at), newest.who].filter(Boolean).join(", ") : "";
    return [t("policy.standing", { version: policy.version }), told].filter(Boolean).join(" · ");
  }

  private open(make: () => Sheet): void {
    this.sheet = make;
    const sheet = make();
    replace(this.place, sheet.root);
    sheet.begin();
  }

  private readonly shut = () => {
    this.sheet = null;
    this.place.replaceChildren();
  };

  private readonly save = async (document: Json, why: string) => {
    const { version, ...policy } = document;
    const asked = {
      policy,
      why,
      expected_version: number(version) ?? this.policy?.version ?? 0,
    };
    try {
      await sendJson("PUT", BASE, asked);
    } catch (error) {
      const faults = error instanceof Refused ? faultsOf(error.body) : [];
      throw faults.length > 1 ? new Told(faults.join("\n")) : error;
    }
    this.shut();
    await this.load();
    setText(this.note, t("policy.saved"));
  };
}

void startPage((root, session) => {
  new PolicyPage(root, session);
});
