import { expect, it } from "vitest";
import { faultOf, LARGEST_BYTES } from "./photos";

const photo = (size: number) => ({ size, name: "x.jpg" });

it("four photographs of up to 8 MB can be sent", () => {
  expect(faultOf([])).toBeNull();
  expect(faultOf([1, 2, 3, LARGEST_BYTES].map(photo))).toBeNull();
});

it("more or larger ones are refused before they are sent, in words", () => {
  expect(faultOf([1, 2, 3, 4, 5].map(photo))).toContain("tối đa 4");
  expect(faultOf([photo(LARGEST_BYTES + 1)])).toContain("x.jpg");
});
