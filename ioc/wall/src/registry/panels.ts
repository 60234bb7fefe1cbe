import "../styles/registry-tools.css";
import { AIM } from "./aimtab";
import { AVAILABILITY, WORKED } from "./availabilityroom";
import { CODES } from "./codesroom";
import type { Room, Tab } from "./desk";
import { ENROL } from "./enrolroom";
import { HISTORY } from "./historytab";
import { IMPORT } from "./importroom";
import { KEY } from "./keytab";
import { LABEL } from "./labeltab";
import { PROBE } from "./probetab";
import { QUEUE } from "./queueroom";
import { RECORD } from "./recordtab";

/** The parts of a record, in the order in which they stand; the first that fits is shown first. */
export const TABS: readonly Tab[] = [RECORD, KEY, PROBE, AIM, WORKED, LABEL, HISTORY];

/** What there is beside the list, in the order of its links. */
export const ROOMS: readonly Room[] = [QUEUE, CODES, ENROL, IMPORT, AVAILABILITY];
