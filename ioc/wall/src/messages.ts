import type { Session } from "./api";
import { PageHead } from "./desk/head";
import { startPage } from "./desk/start";
import { replace } from "./dom";
import { onLanguage, t } from "./i18n/language";
import { Endpoints } from "./messages/endpoints";
import { MessageLog } from "./messages/log";

/** Who was told what and when, by which channel; dead letters first; and where units are told. */
class MessagesPage {
  private readonly head: PageHead;
  private readonly log: MessageLog;
  private readonly endpoints: Endpoints;

  constructor(root: HTMLElement, session: Session) {
    this.head = new PageHead(session);
    this.log = new MessageLog(session.role === "admin");
    this.endpoints = new Endpoints(session);
    replace(root, this.head.root, this.log.root, this.endpoints.root);
    onLanguage(() => this.draw());
    this.draw();
    void this.log.load();
    void this.endpoints.load();
  }

  private draw(): void {
    this.head.draw(t("messages.title"));
    this.log.draw();
    this.endpoints.draw();
  }
}

void startPage((root, session) => {
  new MessagesPage(root, session);
});
