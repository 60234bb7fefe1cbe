// Parking sensor as Bosch TPS110 sends it: a bit for the spot, and at the heartbeat perhaps the temperature.
function decodeUplink(input) {
  const [first, second] = input.bytes;
  const occupied = (first & 1) === 1;
  if (input.fPort === 1) return { data: { type: "parking status", occupied } };
  if (input.fPort !== 2) return { errors: ["fPort " + input.fPort + " holds no state of the spot"] };
  const data = { type: "heartbeat", occupied };
  if (second !== undefined) data.temperature = second < 128 ? second : second - 256;
  return { data };
}
