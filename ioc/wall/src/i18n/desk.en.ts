import type { deskVi } from "./desk.vi";

/** The menu, the bell and what the pages beside the wall have in common, in English. */
export const deskEn: Record<keyof typeof deskVi, string> = {
  "desk.failed": "The server does not answer; load the page again in a few minutes.",
  "desk.forbidden": "Your role may not see this page.",
  "desk.loading": "Loading…",
  "desk.edit": "Edit",
  "desk.save": "Save",
  "desk.saved": "Saved.",
  "desk.add": "Add",
  "desk.remove": "Remove",
  "desk.sure": "Remove {what}?",
  "desk.more": "Show more",
  "menu.label": "Pages ▾",
  "menu.policy": "Policy of tickets",
  "menu.duty": "Teams, duty rosters",
  "menu.messages": "Messages sent",
  "menu.figures": "Figures of tickets",
  "menu.inbox": "Inbox (telephone)",
  "menu.people": "People",
  "menu.audit": "Audit trail",
  "menu.account": "My account",
  "bell.label": "Notifications: {count} unread",
  "bell.title": "Notifications",
  "bell.all": "Mark all as read",
  "bell.read": "Mark as read",
  "bell.none": "Nothing yet. What concerns your tickets, reminders and escalations is told here.",
};
