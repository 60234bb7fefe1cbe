/** The page of rules in Vietnamese. */
export const rulesVi = {
  "rules.open": "Quy tắc",
};
