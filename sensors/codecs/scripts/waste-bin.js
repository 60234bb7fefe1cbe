// Fill level of a bin as Dingtek DF702 sends it, heartbeat without a position. Values are texts with their units.
function decodeUplink(input) {
  const b = input.bytes;
  if (input.fPort !== 3 || b.length !== 17) return { errors: ["this is no heartbeat of 17 bytes on fPort 3"] };
  const alarm = (at, high) => ((high ? b[at] >> 4 : b[at] & 15) !== 0);
  return {
    data: {
      level: (b[5] << 8 | b[6]) + " mm",
      full: alarm(11, true),
      fire: alarm(11, false),
      tilt: alarm(12, true),
      battery: alarm(12, false),
      angle: (b[9] ? -b[10] : b[10]) + " °",
      temperature: b[8] + " ℃",
    },
  };
}
