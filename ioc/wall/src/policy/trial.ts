import { getJson } from "../api";
import { serverNow } from "../clock";
import { nothing, section, table } from "../desk/parts";
import { keepingTyped } from "../desk/typed";
import { el, replace } from "../dom";
import { instantOf } from "../duty/week";
import { moment } from "../format";
import { language, t, word } from "../i18n/language";
import { vi } from "../i18n/vi";
import { isJson, type Json, type Position, pointOf, SEVERITIES, text } from "../model";
import { reason, sendJson } from "../people/send";
import { type Proposal, readProposal } from "../tickets/proposal";
import { unitName } from "../tickets/units";
import { choose, labelled, Told } from "../work/sheet";
import { whomText } from "./show";

interface Area {
  name: string;
  place: Position;
}

/** The areas of today with a point each, by name. */
export function readAreas(body: unknown): Area[] {
  const features = isJson(body) && Array.isArray(body.features) ? body.features.filter(isJson) : [];
  return features
    .flatMap((one) => {
      const place = pointOf(one);
      const name = isJson(one.properties) ? text(one.properties.name) : "";
      return place && name !== "" ? [{ name, place }] : [];
    })
    .sort((a, b) => a.name.localeCompare(b.name, language()));
}

/** A coordinate that somebody typed, with a comma or a point; null where it is none. */
export function degrees(typed: string): number | null {
  const value = Number(typed.trim().replace(",", "."));
  return typed.trim() === "" || Number.isNaN(value) || Math.abs(value) > 180 ? null : value;
}

const categories = () =>
  Object.keys(vi)
    .filter((key) => key.startsWith("category."))
    .map((key) => key.slice("category.".length))
    .map((code): [string, string] => [code, word("category", code)])
    .sort(([, a], [, b]) => a.localeCompare(b, language()));

/** Tries the policy: what would happen with an incident of a kind at a place, who would be told when. Changes nothing. */
/** What a step is about; who is reminded before the deadline is not late yet. */
export function stageOf(step: { stage: string; at: number | null }, found: { dueAt: number | null }): string {
  const early = step.stage === "due" && step.at !== null && found.dueAt !== null && step.at < found.dueAt;
  return early ? t("policy.beforedue") : word("stage", step.stage);
}

export class PolicyTrial {
  readonly root = el("div", {});
  private readonly result = el("div", { data: { testid: "trial-result" }, attributes: { role: "status" } });
  private areas: Area[] = [];
  private found: Proposal | null = null;

  constructor() {
    getJson("/api/v1/areas/labels").then(
      (body) => {
        this.areas = readAreas(body);
        this.draw();
      },
      () => undefined,
    );
  }

  draw(): void {
    const category = choose(t("detail.category"), "category", categories(), "flood");
    const severity = choose(
      t("policy.severity"),
      "severity",
      SEVERITIES.map((one) => [one, t(`severity.${one}`)] as const),
      "severe",
    );
    const area = choose(t("policy.area"), "area", [
      ["", t("policy.area.none")],
      ...this.areas.map((one, at) => [String(at), one.name] as const),
    ]);
    const lon = labelled(t("policy.lon"), el("input", { attributes: { name: "lon", inputmode: "decimal" } }));
    const lat = labelled(t("policy.lat"), el("input", { attributes: { name: "lat", inputmode: "decimal" } }));
    const at = labelled(
      t("policy.trialat"),
      el("input", { attributes: { name: "at", type: "datetime-local" } }),
      t("policy.trialat.hint"),
    );
    area.input.addEventListener("change", () => {
      const place = this.areas[Number(area.input.value)]?.place;
      if (area.input.value === "" || !place) return;
      lon.input.value = String(place[0]);
      lat.input.value = String(place[1]);
    });
    const message = el("p", { class: "message", attributes: { role: "alert" } });
    const form = el(
      "form",
      {},
      el("div", { class: "fields" }, category.row, severity.row, area.row, lon.row, lat.row, at.row),
      el(
        "div",
        { class: "ends" },
        el("button", { class: "primary", attributes: { type: "submit" } }, t("policy.try")),
      ),
      message,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      message.textContent = "";
      this.ask(
        category.input.value,
        severity.input.value,
        lon.input.value,
        lat.input.value,
        at.input.value,
      ).catch((error: unknown) => {
        message.textContent = error instanceof Told ? error.message : reason(error);
      });
    });
    const what = el("p", { class: "dim" }, t("policy.trial.what"));
    keepingTyped(this.root, () =>
      replace(this.root, section(t("policy.trial"), "trial", what, form, this.result)),
    );
    this.drawResult();
  }

  private async ask(
    category: string,
    severity: string,
    east: string,
    north: string,
    at: string,
  ): Promise<void> {
    const [lon, lat] = [degrees(east), degrees(north)];
    if (lon === null || lat === null) throw new Told(t("policy.needplace"));
    const body: Json = { category, severity, lon, lat };
    const when = at === "" ? null : instantOf(at);
    if (when !== null) body.at = new Date(when).toISOString();
    this.found = readProposal(await sendJson("POST", "/api/v1/ticket-policy/dry-run", body));
    this.drawResult();
  }

  private drawResult(): void {
    const { found } = this;
    if (!found) {
      replace(this.result);
      return;
    }
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? t("policy.never") : moment(ms, now));
    replace(
      this.result,
      el("h3", {}, t("policy.trial.unit", { unit: unitName(found.unit) })),
      el("p", {}, [found.areaName, found.why].filter(Boolean).join(" · ")),
      found.task !== "" && el("p", {}, t("policy.trial.task", { task: found.task })),
      el("p", {}, t(found.needed ? "policy.trial.needed" : "policy.trial.byhand")),
      ...found.along.map((one) =>
        el("p", {}, t("ticket.proposed.along", { unit: unitName(one.unit), task: one.task })),
      ),
      el("p", {}, t("ticket.proposed.clock", { accept: at(found.acceptBy), due: at(found.dueAt) })),
      found.unannounced.length > 0 &&
        el("p", { class: "bad" }, t("policy.missing", { years: found.unannounced.join(", ") })),
      found.escalation.length === 0
        ? nothing(t("policy.trial.noone"))
        : table(
            [
              t("policy.when"),
              t("policy.stage"),
              t("policy.do"),
              t("policy.unit"),
              t("policy.whom"),
              t("policy.told"),
            ],
            found.escalation.map((one) => [
              at(one.at),
              stageOf(one, found),
              word("do", one.act),
              unitName(one.unit),
              whomText(one.whom),
              one.told.length === 0 ? t("policy.nobody") : one.told.join(", "),
            ]),
          ),
    );
  }
}
