// Pressure gauge that speaks Decentlab's protocol, version 2: depth over the sensor, temperature, conductivity.
// Words of 16 bits, big-endian: device after the version, then flags, then a block of words for each flag that is set.
function decodeUplink(input) {
  const word = (at) => (input.bytes[at] << 8) | input.bytes[at + 1];
  if (input.bytes[0] !== 2) return { errors: ["the protocol's version is " + input.bytes[0] + " and not 2"] };
  const flags = word(3);
  const length = 5 + (flags & 1 ? 8 : 0) + (flags & 2 ? 2 : 0);
  if (input.bytes.length !== length) return { errors: ["the frame has " + input.bytes.length + " bytes and not " + length] };
  const data = { protocol_version: 2, device_id: word(1) };
  let at = 5;
  const next = () => { at += 2; return word(at - 2); };
  if (flags & 1) {
    data.water_depth = { displayName: "Water depth", unit: "mm", value: next() - 32768 };
    data.temperature = { displayName: "Temperature", unit: "°C", value: (next() - 32768) / 10 };
    data.electrical_conductivity = { displayName: "Electrical conductivity", unit: "µS⋅cm⁻¹", value: next() };
    data.freezing_flag = { displayName: "Freezing flag", value: next() };
  }
  if (flags & 2) data.battery_voltage = { displayName: "Battery voltage", unit: "V", value: next() / 1000 };
  return { data };
}
