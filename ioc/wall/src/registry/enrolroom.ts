import type { Room } from "./desk";
import { Enrolling } from "./technician";

/** Where a technician who has signed in enters a one-time code. */
export const ENROL: Room = {
  id: "enrol",
  named: "enrol.title",
  fits: () => true,
  show: () => new Enrolling(location.hash),
};
