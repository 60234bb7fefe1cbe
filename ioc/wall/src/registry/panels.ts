import type { Room, Tab } from "./desk";

/** The parts of a record, in the order in which they stand; the first that fits is shown first. */
export const TABS: readonly Tab[] = [];

/** What there is beside the list, in the order of its links. */
export const ROOMS: readonly Room[] = [];
