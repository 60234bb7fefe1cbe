// Type and value, one after the other, as Elsys ERS Sound sends them; a type that is not listed here ends the reading.
var kinds = {
  1: [2, function (b, i) { var t = b[i] << 8 | b[i + 1]; return { temperature: (t & 0x8000 ? t - 0x10000 : t) / 10 }; }],
  2: [1, function (b, i) { return { humidity: b[i] }; }],
  4: [2, function (b, i) { return { light: b[i] << 8 | b[i + 1] }; }],
  5: [1, function (b, i) { return { motion: b[i] }; }],
  6: [2, function (b, i) { return { co2: b[i] << 8 | b[i + 1] }; }],
  7: [2, function (b, i) { return { vdd: b[i] << 8 | b[i + 1] }; }],
  21: [2, function (b, i) { return { soundPeak: b[i], soundAvg: b[i + 1] }; }],
};
function decodeUplink(input) {
  var data = {};
  for (var i = 0; i < input.bytes.length; ) {
    var kind = kinds[input.bytes[i]];
    if (!kind) return { errors: ["the type " + input.bytes[i] + " is not known here"] };
    if (i + kind[0] >= input.bytes.length) return { errors: ["the frame ends within a value"] };
    Object.assign(data, kind[1](input.bytes, i + 1));
    i += 1 + kind[0];
  }
  return { data: data };
}
