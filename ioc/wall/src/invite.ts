import { Refused } from "./api";
import { byId, el, replace } from "./dom";
import { language, onLanguage, startLanguage, t } from "./i18n/language";
import { languageButton } from "./languagebutton";
import { isJson, text } from "./model";
import { field, form, section, told } from "./people/parts";
import { themeButton } from "./themebutton";

/** The secret of a one-time link stands behind the #: browsers send it to no server, and we take it away at once. */
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

async function take(password: string): Promise<string> {
  const response = await fetch("/api/v1/invite", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": language() },
    body: JSON.stringify({ secret, password }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, isJson(answer) ? answer : {});
  return isJson(answer) ? text(answer.user) : "";
}

function render(root: HTMLElement): void {
  document.title = `${t("invite.title")} — ${t("app.short")}`;
  const attributes = { type: "password", autocomplete: "new-password", required: "", maxlength: "1024" };
  const next = field(t("account.password.new"), attributes);
  const again = field(t("account.password.again"), attributes);
  const made = form(t("invite.submit"), [next, again], async () => {
    if (next.input.value !== again.input.value) throw told(t("account.password.differ"));
    const login = await take(next.input.value);
    replace(
      root,
      section(
        t("invite.title"),
        el("p", {}, t("invite.welcome", { login })),
        el("a", { attributes: { href: "/signin" } }, t("signin.title")),
      ),
    );
    return undefined;
  });
  const ways = el("div", { class: "ways" }, languageButton(), themeButton());
  replace(root, section(t("invite.title"), secret ? made : el("p", {}, t("invite.missing"))), ways);
}

startLanguage();
render(byId("invite"));
onLanguage(() => render(byId("invite")));
