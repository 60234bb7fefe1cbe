import { expect, it } from "vitest";
import { pagesFor } from "./menu";

it("offers a reader the pages of what the role may see, and always the account", () => {
  const paths = (sees: string[]) => pagesFor(sees).map(({ href }) => href);
  expect(paths([])).toEqual(["/account"]);
  expect(paths(["camera", "rule", "alarm"])).toEqual(["/cameras", "/rules", "/quality", "/account"]);
  expect(paths(["ticket", "duty"])).toEqual(["/policy", "/duty", "/figures", "/inbox", "/account"]);
  expect(paths(["message"])).toContain("/messages");
  expect(paths(["reading"])).toEqual(["/charts", "/account"]);
});
