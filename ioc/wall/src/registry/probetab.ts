import { table } from "../desk/parts";
import { type Child, el, replace } from "../dom";
import { duration, fixed, quantity } from "../format";
import { t, word } from "../i18n/language";
import { isJson, type Json, number, text } from "../model";
import { sendJson } from "../people/send";
import { labelled, Sheet, Told, tick } from "../work/sheet";
import type { Desk, Shown, Tab } from "./desk";
import { labelOf, shownOf } from "./fields";
import { isSkewed, news, PICTURES, type Probed, type Profile, readProbed, sizeOf } from "./probed";
import { change, Overtaken, one, pathOf } from "./server";
import type { Thing } from "./thing";

function stepRow(step: Probed["steps"][number]): HTMLElement {
  return el(
    "li",
    { class: step.ok ? "went" : "failed", data: { step: step.step } },
    el("b", {}, `${step.ok ? "✓" : "✗"} ${word("probe.step", step.step)}`),
    step.detail !== "" && el("span", {}, step.detail),
  );
}

function skewText(skew: number): string {
  const age = duration(Math.abs(skew) * 1_000);
  if (Math.abs(skew) < 1) return t("probe.skew.none");
  return t(skew > 0 ? "probe.skew.ahead" : "probe.skew.behind", { age });
}

/** Asks a camera by its address what it is and what it shows; what is right is taken over into the record. */
class ProbeTab implements Shown {
  readonly root = el("div", { class: "tabbody", data: { testid: "probe" } });
  private readonly result = el("div", { class: "tabbody" });
  private readonly address: HTMLInputElement;
  private readonly user: HTMLInputElement;
  private readonly password: HTMLInputElement;
  private readonly port: HTMLInputElement;
  /** As whom the camera was asked; only in memory, and gone with this part of the page. */
  private account = { user: "", password: "" };
  private picture = "";
  private closed = false;

  constructor(
    private readonly thing: Thing,
    private readonly desk: Desk,
  ) {
    const known = isJson(thing.raw.address) ? thing.raw.address : {};
    const line = (name: string, label: string, more: Record<string, string> = {}, hint = "") =>
      labelled(label, el("input", { attributes: { name, autocomplete: "off", ...more } }), hint);
    const address = line(
      "address",
      t("probe.address"),
      { required: "", maxlength: "1000" },
      t("probe.address.hint"),
    );
    const user = line("user", t("probe.user"), { maxlength: "200", autocapitalize: "none" });
    const password = line("password", t("probe.password"), {
      type: "password",
      maxlength: "200",
      autocomplete: "new-password",
    });
    const port = line("port", t("probe.port"), {
      type: "number",
      min: "1",
      max: "65535",
      placeholder: "80",
    });
    this.address = address.input;
    this.user = user.input;
    this.password = password.input;
    this.port = port.input;
    this.address.value = text(known.host);
    for (const input of [this.address, this.user]) input.spellcheck = false;
    const sheet = new Sheet(
      t("probe.title"),
      [
        el("p", { class: "dim" }, t("probe.what")),
        el("div", { class: "fields" }, ...[address, user, password, port].map(({ row }) => row)),
      ],
      t("probe.ask"),
      () => this.ask(),
      () => this.desk.open("cameras", thing.code, "record"),
    );
    replace(this.root, sheet.root, this.result);
  }

  close(): void {
    this.closed = true;
    this.forget();
    if (this.picture !== "") URL.revokeObjectURL(this.picture);
  }

  private forget(): void {
    this.password.value = "";
    this.account = { user: "", password: "" };
  }

  private async ask(): Promise<void> {
    const port = Number(this.port.value);
    this.account = { user: this.user.value.trim(), password: this.password.value };
    this.password.value = "";
    replace(this.result, el("p", { class: "note" }, t("probe.asking")));
    try {
      const body: Json = {
        address: this.address.value.trim(),
        ...this.account,
        ...(port ? { port } : {}),
      };
      const found = readProbed(await sendJson("POST", "/api/v1/cameras/probe", body));
      if (!this.closed) this.draw(found);
    } catch (error) {
      replace(this.result);
      this.forget();
      throw error;
    }
  }

  private draw(found: Probed): void {
    if (this.picture !== "") URL.revokeObjectURL(this.picture);
    this.picture = found.picture ? URL.createObjectURL(found.picture) : "";
    if (found.picture) PICTURES.set(this.thing.code, found.picture);
    const failed = found.steps.filter(({ ok }) => !ok).length;
    const summary = failed === 0 ? t("probe.allwell") : t("probe.failed", { count: failed });
    const took = found.took === null ? "" : ` ${t("probe.took", { seconds: fixed(found.took, 1) })}`;
    replace(
      this.result,
      el(
        "section",
        { class: "card", data: { testid: "probe-steps" } },
        el("h3", {}, summary + took),
        el("ol", { class: "probesteps" }, ...found.steps.map(stepRow)),
      ),
      found.picture &&
        el(
          "figure",
          { class: "photo" },
          el("img", {
            attributes: { src: this.picture, alt: t("probe.picture") },
            data: { testid: "probe-picture" },
          }),
        ),
      this.facts(found),
      this.taking(found),
    );
  }

  private facts(found: Probed): Child {
    const { device, events, skew } = found;
    const row = (name: string, value: string, bad = false) =>
      value !== "" && el("div", bad ? { class: "bad" } : {}, el("dt", {}, name), el("dd", {}, value));
    const rows = [
      ...(["maker", "model", "serial", "firmware"] as const).map((name) => row(labelOf(name), device[name])),
      row(labelOf("position"), found.position ? shownOf("position", found.position) : ""),
      row(labelOf("bearing"), found.bearing === null ? "" : quantity(found.bearing)),
      row(t("probe.skew"), skew === null ? "" : skewText(skew), isSkewed(skew)),
      row(t("probe.events"), events.join(", ")),
    ].filter((one) => one !== false);
    if (rows.length === 0) return null;
    return el("section", { class: "card" }, el("h3", {}, t("probe.found")), el("dl", {}, ...rows));
  }

  private profileRow(profile: Profile, at: number): Child[] {
    const radio = el("input", {
      attributes: { type: "radio", name: "stream", value: String(at), id: `stream-${at}` },
    });
    radio.checked = at === 0;
    radio.disabled = profile.stream === "";
    return [
      el("label", { class: "tick" }, radio, profile.name || `#${at + 1}`),
      profile.codec,
      sizeOf(profile),
      profile.fps === null ? "" : quantity(profile.fps),
      el("code", {}, profile.stream),
    ];
  }

  private taking(found: Probed): Child {
    const fresh = news(this.thing.raw, found);
    const ticks = Object.entries(fresh).map(([name, value]) => {
      const words = `${labelOf(name)}: ${shownOf(name, this.thing.raw[name])} → ${shownOf(name, value)}`;
      return { name, ...tick(words, { name: "take", value: name }, name !== "position") };
    });
    const streams = found.profiles.filter(({ stream }) => stream !== "");
    if (ticks.length === 0 && streams.length === 0) return null;
    const heads = ["name", "codec", "size", "fps", "stream"] as const;
    const address = tick(t("probe.takeaddress"), { name: "take-address" }, streams.length > 0);
    const sheet = new Sheet(
      t("probe.take"),
      [
        ...ticks.map(({ row }) => row),
        found.profiles.length > 0 &&
          table(
            heads.map((head) => t(`probe.profile.${head}`)),
            found.profiles.map((profile, at) => this.profileRow(profile, at)),
            t("probe.profiles"),
          ),
        streams.length > 0 && address.row,
      ],
      t("probe.take"),
      () => {
        const chosen = ticks.filter(({ input }) => input.checked).map(({ name }) => [name, fresh[name]]);
        const picked = sheet.root.querySelector<HTMLInputElement>("input[name=stream]:checked");
        const stream = address.input.checked ? found.profiles[Number(picked?.value ?? -1)]?.stream : "";
        return this.take(Object.fromEntries(chosen) as Json, stream ?? "");
      },
      () => {
        this.forget();
        replace(this.result);
      },
    );
    sheet.root.dataset.testid = "probe-take";
    return sheet.root;
  }

  /** The address first: it is of no version, and the record shows it then. */
  private async take(set: Json, stream: string): Promise<void> {
    const { code } = this.thing;
    if (Object.keys(set).length === 0 && stream === "") throw new Told(t("register.unchanged"));
    if (stream !== "") {
      await sendJson("PUT", pathOf("cameras", code, "/address"), { url: stream, ...this.account });
      this.forget();
    }
    try {
      const body = { expected_version: this.thing.version, reason: t("probe.reason"), ...set };
      const saved =
        Object.keys(set).length === 0
          ? await one("cameras", code)
          : await change("cameras", "PATCH", pathOf("cameras", code), body);
      this.desk.take(saved);
      this.desk.say(t("probe.taken", { version: number(saved.version) ?? 0 }));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      const { updatedBy, version } = error.current;
      throw new Told(t("register.overtaken", { who: updatedBy, version }));
    }
  }
}

export const PROBE: Tab = {
  id: "probe",
  named: "probe.tab",
  fits: (thing, desk) => desk.keeps && thing.family === "cameras" && thing.lifecycle !== "retired",
  show: (thing, desk) => new ProbeTab(thing, desk),
};
