import type { Room, Tab } from "./desk";
import { HISTORY } from "./historytab";
import { IMPORT } from "./importroom";
import { KEY } from "./keytab";
import { RECORD } from "./recordtab";

/** The parts of a record, in the order in which they stand; the first that fits is shown first. */
export const TABS: readonly Tab[] = [RECORD, KEY, HISTORY];

/** What there is beside the list, in the order of its links. */
export const ROOMS: readonly Room[] = [IMPORT];
