/** The page of rules in English. */
export const rulesEn = {
  "rules.open": "Rules",
};
