import { getJson, type Session } from "../api";
import { button, nothing, section, table } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { quantity } from "../format";
import { t, word } from "../i18n/language";
import { type Json, number, text } from "../model";
import { reason, sendJson } from "../people/send";
import { parsed } from "../policy/document";
import { loadUnits, type Unit, unitName, unitOptions } from "../tickets/units";
import { choose, labelled, lines, Sheet, Told, tick } from "../work/sheet";
import { type Endpoint, readEndpoints } from "./message";

const BASE = "/api/v1/endpoints";
const KINDS = ["webhook", "mail", "gateway", "channel"] as const;
const GATEWAY = {
  method: "POST",
  url: "https://gateway.example/send",
  headers: { Authorization: "Bearer {secret}" },
  format: "json",
  body: { to: "{phone}", text: "{text}", ref: "{id}" },
};

/** Where units and citizens' channels are told: webhooks, mailboxes, gateways. Secrets go in and are never shown. */
export class Endpoints {
  readonly root = el("div", {});
  private readonly note = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "endpoint-note" },
  });
  private readonly place = el("div", {});
  private list: Endpoint[] | null = null;
  private units: Unit[] = [];
  private readonly manages: boolean;

  constructor(session: Session) {
    this.manages = session.role === "admin";
  }

  /** Only who manages endpoints may see where units are told. */
  async load(): Promise<void> {
    this.root.hidden = !this.manages;
    if (!this.manages) return;
    try {
      this.list = readEndpoints(await getJson(BASE));
    } catch (error) {
      setText(this.note, reason(error));
    }
    this.units = await loadUnits().catch(() => []);
    this.draw();
  }

  draw(): void {
    replace(
      this.root,
      section(
        t("endpoints.title"),
        "endpoints",
        el("p", { class: "dim" }, t("endpoints.what")),
        this.note,
        this.place,
        this.table(),
        this.manages && button(t("endpoints.add"), () => this.edit(null), { testid: "add-endpoint" }),
      ),
    );
  }

  private table(): HTMLElement {
    if (this.list === null) return nothing(t("desk.loading"));
    if (this.list.length === 0) return nothing(t("endpoints.none"));
    const acts = (one: Endpoint): Child =>
      this.manages &&
      el(
        "span",
        { class: "ends" },
        button(t("endpoints.try"), () => void this.tryOut(one), { testid: `try-${one.code}` }),
        button(t("desk.edit"), () => this.edit(one), { testid: `edit-${one.code}` }),
      );
    return table(
      [
        t("endpoints.name"),
        t("endpoints.kind"),
        t("policy.unit"),
        t("endpoints.address"),
        t("endpoints.state"),
        "",
      ],
      this.list.map((one) => [
        el("span", {}, one.name, el("small", {}, `@${one.code}`)),
        word("endpoint", one.kind),
        one.unit === "" ? "" : unitName(one.unit),
        one.address,
        one.enabled ? t("endpoints.on") : el("span", { class: "bad" }, t("endpoints.off")),
        acts(one),
      ]),
    );
  }

  /** Sends a test message; a gateway for people's own numbers is told which one. */
  private async tryOut(one: Endpoint): Promise<void> {
    const asks = one.kind === "gateway" && one.address === "";
    const to = asks ? prompt(t("endpoints.try.to"), "+84") : "";
    if (to === null) return;
    setText(this.note, t("endpoints.trying", { name: one.name }));
    try {
      const answer = await sendJson("POST", `${BASE}/${encodeURIComponent(one.code)}/try`, { to });
      const took = number(answer.took_ms);
      const words = [text(answer.words), text(answer.reason), took === null ? "" : quantity(took, "ms")];
      setText(this.note, `${one.name}: ${words.filter(Boolean).join(" · ")}`);
    } catch (error) {
      setText(this.note, `${one.name}: ${reason(error)}`);
    }
  }

  private readonly shut = () => {
    this.place.replaceChildren();
  };

  private edit(one: Endpoint | null): void {
    const line = (label: string, name: string, value: string, more: Record<string, string> = {}, hint = "") =>
      labelled(label, el("input", { attributes: { name, value, maxlength: "1000", ...more } }), hint);
    const code = line(
      t("endpoints.code"),
      "code",
      one?.code ?? "",
      { pattern: "[a-z0-9][a-z0-9-]*" },
      t("endpoints.code.hint"),
    );
    code.input.required = true;
    code.input.readOnly = one !== null;
    const name = line(t("endpoints.name"), "name", one?.name ?? "");
    name.input.required = true;
    const kinds = KINDS.map((kind) => [kind, t(`endpoint.${kind}`)] as const);
    const kind = choose(t("endpoints.kind"), "kind", kinds, one?.kind ?? "webhook");
    kind.input.disabled = one !== null;
    const unit = choose(
      t("policy.unit"),
      "unit",
      [["", t("endpoints.nounit")], ...unitOptions(this.units)],
      one?.unit ?? "",
    );
    const address = line(
      t("endpoints.address"),
      "address",
      one?.address ?? "",
      {},
      t("endpoints.address.hint"),
    );
    const secret = line(
      t("endpoints.secret"),
      "secret",
      "",
      { type: "password", autocomplete: "new-password" },
      t(one?.hasSecret ? "endpoints.secret.kept" : "endpoints.secret.hint"),
    );
    const template = lines(t("endpoints.template"), "template", false, t("endpoints.template.hint"), 20_000);
    template.input.classList.add("code");
    template.input.value = JSON.stringify(one?.template ?? GATEWAY, null, 2);
    const only = () => {
      template.row.hidden = kind.input.value !== "gateway";
      secret.row.hidden = kind.input.value === "mail";
    };
    kind.input.addEventListener("change", only);
    only();
    const enabled = tick(t("endpoints.on"), { name: "enabled" }, one?.enabled ?? true);
    const sheet = new Sheet(
      one ? t("endpoints.edit", { name: one.name }) : t("endpoints.add"),
      [
        el("div", { class: "fields" }, kind.row, code.row, name.row, unit.row, address.row, secret.row),
        template.row,
        enabled.row,
      ],
      t("desk.save"),
      async () => {
        const body: Json = {
          kind: kind.input.value,
          name: name.input.value,
          unit: unit.input.value,
          address: address.input.value,
          enabled: enabled.input.checked,
          expected_version: one?.version ?? 0,
        };
        if (secret.input.value !== "") body.secret = secret.input.value;
        if (kind.input.value === "gateway") {
          const typed = parsed(template.input.value);
          if (typed === null) throw new Told(t("rules.badjson"));
          body.template = typed;
        }
        try {
          await sendJson("PUT", `${BASE}/${encodeURIComponent(code.input.value)}`, body);
        } finally {
          secret.input.value = "";
        }
        this.shut();
        await this.load();
        setText(this.note, t("desk.saved"));
      },
      this.shut,
    );
    replace(this.place, sheet.root);
    sheet.begin();
  }
}
