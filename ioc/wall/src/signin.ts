import { Refused, signIn } from "./api";
import { byId, el, replace } from "./dom";
import { duration } from "./format";
import { onLanguage, startLanguage, t } from "./i18n/language";
import { languageButton } from "./languagebutton";
import { browserPush } from "./signout";
import { themeButton } from "./themebutton";
import { wayBack } from "./wayback";

/** Why signing in did not work, in words for the person who tried. */
function reason(error: unknown): string {
  if (!(error instanceof Refused)) return t("signin.unreachable");
  if (error.body.code === "code-needed") return t("signin.codehint");
  if (error.body.code === "code-wrong") return error.message;
  if (error.status === 429) return t("signin.toomany", { wait: duration((error.retryAfter ?? 60) * 1000) });
  if (error.status >= 500) return t("signin.unavailable");
  return t("signin.wrong");
}

/** Where the reader came from: the inbox of a phone leads back to itself, and is not locked any more. */
function next(): string {
  const back = wayBack(location.search, location.hash);
  if (!/^\/inbox(?:#|$)/.test(back)) return back;
  try {
    localStorage.removeItem("ioc.inbox.out");
  } catch {
    // Storage may be forbidden; then nothing was locked.
  }
  return back;
}

class SignInPage {
  private readonly user = el("input", {
    attributes: { id: "user", name: "user", autocomplete: "username", required: "", autocapitalize: "none" },
  });
  private readonly password = el("input", {
    attributes: {
      id: "password",
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: "",
    },
  });
  /** Asked only of accounts with a second factor, after the password was right. */
  private readonly code = el("input", {
    attributes: { id: "code", name: "code", autocomplete: "one-time-code", maxlength: "64" },
  });
  private readonly codeLabel = el("label", { attributes: { for: "code" } });
  private readonly message = el("p", {
    class: "error",
    attributes: { id: "message", role: "alert" },
    data: { testid: "signin-error" },
  });
  private readonly submit = el("button", { class: "primary", attributes: { type: "submit" } });
  private sending = false;
  private error: unknown = null;

  constructor(private readonly root: HTMLElement) {
    this.user.spellcheck = false;
    for (const input of [this.user, this.password]) input.setAttribute("aria-describedby", "message");
    this.code.hidden = true;
    this.codeLabel.hidden = true;
    this.render();
    this.user.focus();
  }

  render(): void {
    document.title = `${t("signin.title")} — ${t("app.short")}`;
    this.submit.textContent = t(this.sending ? "signin.sending" : "signin.submit");
    this.codeLabel.textContent = t("signin.code");
    this.submit.disabled = this.sending;
    this.message.textContent = this.error === null ? "" : this.text();
    const form = el(
      "form",
      { attributes: { novalidate: "" }, on: { submit: (event) => void this.send(event) } },
      el("p", { class: "name" }, t("app.name")),
      el("h1", {}, t("signin.title")),
      el("label", { attributes: { for: "user" } }, t("signin.user")),
      this.user,
      el("label", { attributes: { for: "password" } }, t("signin.password")),
      this.password,
      this.codeLabel,
      this.code,
      this.message,
      this.submit,
    );
    replace(this.root, form, el("div", { class: "ways" }, languageButton(), themeButton()));
  }

  private text(): string {
    return this.error === "missing" ? t("signin.missing") : reason(this.error);
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    if (this.user.value.trim() === "" || this.password.value === "") {
      this.fail("missing");
      return;
    }
    this.sending = true;
    this.error = null;
    this.update();
    try {
      const user = this.user.value.trim();
      await signIn(user, this.password.value, this.code.value.trim());
      await browserPush()?.welcome(user);
      location.replace(next());
    } catch (error) {
      this.sending = false;
      const asked = error instanceof Refused && String(error.body.code).startsWith("code-");
      this.code.hidden = !asked;
      this.codeLabel.hidden = !asked;
      this.code.value = "";
      if (!asked) this.password.value = "";
      this.fail(error);
      if (asked) this.code.focus();
    }
  }

  private fail(error: unknown): void {
    this.error = error;
    this.update();
    (this.user.value.trim() === "" ? this.user : this.password).focus();
  }

  private update(): void {
    this.submit.disabled = this.sending;
    this.submit.textContent = t(this.sending ? "signin.sending" : "signin.submit");
    this.message.textContent = this.error === null ? "" : this.text();
  }
}

function signInPage(): void {
  const page = new SignInPage(byId("signin"));
  onLanguage(() => page.render());
}

/** Who scanned the label of a new thing needs no account: its form stands here, with the way to sign in beside it. */
async function enrolPage(): Promise<void> {
  const root = byId("signin");
  const { Enrolling } = await import("./registry/technician");
  let enrolling = new Enrolling(location.hash);
  const draw = () => {
    document.title = `${t("enrol.title")} — ${t("app.short")}`;
    const other = el(
      "button",
      { class: "quiet", attributes: { type: "button" }, data: { testid: "sign-in-instead" } },
      t("enrol.signin"),
    );
    other.addEventListener("click", () => {
      enrolling.close();
      signInPage();
    });
    replace(root, enrolling.root, el("div", { class: "ways" }, other, languageButton(), themeButton()));
  };
  onLanguage(() => {
    if (!root.contains(enrolling.root)) return;
    enrolling.close();
    enrolling = new Enrolling(location.hash, enrolling);
    draw();
  });
  draw();
}

startLanguage();
if (location.hash.startsWith("#enrol=")) void enrolPage();
else signInPage();
