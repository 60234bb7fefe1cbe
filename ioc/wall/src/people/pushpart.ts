import { type Child, el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import { isJson, number, text } from "../model";
import { PushFailed } from "../push";
import { browserPush } from "../signout";
import { section } from "./parts";
import { reason, sendJson } from "./send";

/** What the server says of web push. */
export interface PushStand {
  enabled: boolean;
  key: string;
  /** Browsers of the reader that take messages. */
  browsers: number;
}

export function readPush(body: unknown): PushStand {
  const of = isJson(body) ? body : {};
  const key = text(of.public_key);
  return { enabled: of.enabled === true && key !== "", key, browsers: number(of.subscriptions) ?? 0 };
}

/** Whether this browser takes the reader's messages while no page is open, and the button that changes it. */
export class PushPart {
  readonly root = el("div", { data: { testid: "push" } });
  private readonly push = browserPush();
  private stand: PushStand = { enabled: false, key: "", browsers: 0 };
  private login = "";
  private on = false;
  private busy = false;
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "push-message" },
  });

  /** Without an answer the page stays as it is where push is off. */
  async load(login: string): Promise<void> {
    this.login = login;
    try {
      this.stand = readPush(await sendJson("GET", "/api/v1/push"));
      this.on = (await this.push?.takes(login)) ?? false;
    } catch {
      this.stand = { enabled: false, key: "", browsers: 0 };
    }
    this.draw();
  }

  draw(): void {
    if (!this.stand.enabled) {
      replace(this.root);
      return;
    }
    replace(
      this.root,
      section(
        t("push.title"),
        el("p", { class: "note" }, t("push.what", { channel: t("channel.push"), part: t("contacts.title") })),
        el("p", { data: { testid: "push-state" } }, this.state()),
        this.push && this.button(),
        this.message,
      ),
    );
  }

  private state(): string {
    if (!this.push) return t("push.unknown");
    const others = Math.max(0, this.stand.browsers - Number(this.on));
    return `${t(this.on ? "push.on" : "push.off")} ${t("push.others", { count: others })}`;
  }

  private button(): Child {
    const made = el(
      "button",
      {
        class: this.on ? "quiet" : "primary",
        attributes: { type: "button" },
        data: { testid: "push-turn" },
        on: { click: () => void this.turn() },
      },
      t(this.on ? "push.end" : "push.begin"),
    );
    made.disabled = this.busy;
    return made;
  }

  private async turn(): Promise<void> {
    if (!this.push || this.busy) return;
    this.busy = true;
    setText(this.message, "");
    this.draw();
    let said = "";
    try {
      if (this.on) await this.push.signOff();
      else await this.push.signUp(this.login, this.stand.key);
      said = t(this.on ? "push.ended" : "push.begun");
    } catch (error) {
      said = error instanceof PushFailed ? t(`push.${error.why}`) : reason(error);
    }
    this.busy = false;
    await this.load(this.login);
    setText(this.message, said);
    this.root.querySelector<HTMLElement>("[data-testid=push-turn]")?.focus();
  }
}
