import { getJson } from "../api";
import { serverNow } from "../clock";
import { button, table } from "../desk/parts";
import { el, replace, setText } from "../dom";
import { moment } from "../format";
import { t, word } from "../i18n/language";
import type { Json } from "../model";
import { reason, sendJson, whyNot } from "../people/send";
import { centreNames } from "../watch/centres";
import { choose, labelled, Sheet } from "../work/sheet";
import type { Desk, Room, Shown } from "./desk";
import { drawingOf, Labels } from "./printing";
import { type MadeCode, type OpenCode, readCodes, readMade } from "./queue";

const PATH = "/api/v1/enrolments/codes";
const SCENES = ["street", "indoor", "overhead", "square"] as const;

function line(name: string, label: string, more: Record<string, string> = {}) {
  return labelled(
    label,
    el("input", { attributes: { name, autocomplete: "off", maxlength: "200", ...more } }),
  );
}

/** One-time codes: made, shown once with their labels, and taken back. */
class CodesRoom implements Shown {
  readonly root = el("div", { class: "record", data: { testid: "codes" } });
  private readonly form = el("div", {});
  private readonly made = el("div", { class: "tabbody" });
  private readonly open = el("div", { class: "tabbody" });
  private readonly told = el("p", { class: "message", attributes: { role: "status" } });
  private labels: Labels | null = null;
  private closed = false;

  constructor(private readonly desk: Desk) {
    replace(this.root, el("h2", {}, t("codes.title")), this.form, this.made, this.told, this.open);
    this.ask();
    void this.load();
  }

  close(): void {
    this.closed = true;
    this.labels?.close();
  }

  private ask(): void {
    const names = centreNames(this.desk.session);
    const own = this.desk.session.centre ?? "";
    const centres = this.desk.session.centres.map(({ code }) => [String(code), names(String(code))] as const);
    const subject = choose(
      t("codes.for"),
      "subject",
      [
        ["device", t("register.devices")],
        ["camera", t("register.cameras")],
      ],
      "device",
    );
    const centre = choose(
      t("register.field.centre"),
      "centre",
      own === "" ? [["", t("codes.centre")], ...centres] : centres,
      own,
    );
    centre.input.required = true;
    const profile = line("profile", t("register.field.profile"), { required: "", maxlength: "64" });
    const scene = choose(
      t("register.field.scene"),
      "scene",
      SCENES.map((one) => [one, t(`register.scene.${one}`)] as const),
      "street",
    );
    const count = line("count", t("codes.count"), { type: "number", min: "1", max: "500", required: "" });
    count.input.value = "1";
    const hours = line("hours", t("codes.hours"), { type: "number", min: "1", max: "2160", required: "" });
    hours.input.value = "72";
    const note = line("note", t("codes.note"));
    const turn = () => {
      const camera = subject.input.value === "camera";
      profile.row.hidden = camera;
      profile.input.required = !camera;
      scene.row.hidden = !camera;
    };
    subject.input.addEventListener("change", turn);
    turn();
    const sheet = new Sheet(
      t("codes.make"),
      [
        el("p", { class: "dim" }, t("codes.what")),
        el(
          "div",
          { class: "fields" },
          ...[subject, centre, profile, scene, count, hours, note].map(({ row }) => row),
        ),
      ],
      t("codes.make"),
      async () => {
        const camera = subject.input.value === "camera";
        const body: Json = {
          subject: subject.input.value,
          centre: centre.input.value,
          ...(camera ? { kind: scene.input.value } : { profile: profile.input.value.trim() }),
          count: Number(count.input.value),
          expires_h: Number(hours.input.value),
          note: note.input.value.trim(),
        };
        this.show(readMade(await sendJson("POST", PATH, body)));
        await this.load();
      },
      () => history.back(),
    );
    replace(this.form, sheet.root);
  }

  /** The codes leave the page with it. */
  private show(made: readonly MadeCode[]): void {
    this.labels?.close();
    this.labels = new Labels(
      made.map(({ code, label }) => ({ name: t("label.of", { code }), drawing: drawingOf(label) })),
    );
    replace(
      this.made,
      el(
        "section",
        { class: "card", data: { testid: "made-codes", once: "" } },
        el("h3", {}, t("codes.made", { count: made.length })),
        el("p", { class: "warn" }, t("codes.once")),
        this.labels.root,
        el(
          "details",
          {},
          el("summary", {}, t("codes.text")),
          el(
            "ul",
            { class: "codelist" },
            ...made.map(({ code, link }) =>
              el("li", {}, el("code", { data: { testid: "made-code" } }, code), " ", el("small", {}, link)),
            ),
          ),
        ),
      ),
    );
    this.made.scrollIntoView({ block: "nearest" });
  }

  private async load(): Promise<void> {
    try {
      const codes = readCodes(await getJson(PATH));
      if (!this.closed) this.list(codes);
    } catch (error) {
      if (!this.closed) setText(this.told, whyNot(error));
    }
  }

  private list(codes: readonly OpenCode[]): void {
    const names = centreNames(this.desk.session);
    const now = serverNow();
    const rows = codes.map((one) => [
      one.subject === "camera"
        ? `${t("codes.camera")}, ${word("register.scene", one.kind)}`
        : one.profile || one.kind,
      names(one.centre),
      one.note,
      one.madeBy,
      one.expiresAt === null ? "" : moment(one.expiresAt, now),
      button(t("codes.revoke"), () => void this.revoke(one.id), { testid: "revoke" }),
    ]);
    const heads = [
      t("codes.for"),
      t("register.field.centre"),
      t("register.field.note"),
      t("codes.by"),
      t("codes.until"),
      t("codes.back"),
    ];
    replace(
      this.open,
      el("h3", {}, t("codes.open", { count: codes.length })),
      rows.length === 0 ? el("p", { class: "note" }, t("codes.none")) : table(heads, rows, t("codes.title")),
    );
  }

  private async revoke(id: string): Promise<void> {
    try {
      await sendJson("DELETE", `${PATH}/${encodeURIComponent(id)}`);
      setText(this.told, t("codes.revoked"));
    } catch (error) {
      setText(this.told, reason(error));
    }
    await this.load();
  }
}

export const CODES: Room = {
  id: "codes",
  named: "codes.title",
  fits: (desk) => desk.keeps,
  show: (desk) => new CodesRoom(desk),
};
