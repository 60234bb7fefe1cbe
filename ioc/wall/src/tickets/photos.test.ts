import { expect, it } from "vitest";
import { idOf } from "./photos";

it("takes an upload's id from the end of its address", () => {
  expect(idOf("/api/v1/uploads/0192-ab")).toBe("0192-ab");
  expect(idOf("https://ioc.example/api/v1/uploads/7/?x=1")).toBe("7");
  expect(idOf("")).toBe("");
});
