// What a payload script finds beside the language itself, and how it is called.
globalThis.console = { log() {}, info() {}, warn() {}, error() {}, debug() {}, trace() {}, dir() {} };
globalThis.module = { exports: {} };
globalThis.exports = module.exports;
globalThis.__decode = ((stringify, DateOf) => (bytes, fPort, recvTime, variables) => {
  const found = (name, own) => {
    const out = module.exports;
    if (out !== null && (typeof out === "object" || typeof out === "function") && typeof out[name] === "function") {
      return out[name];
    }
    if (typeof exports[name] === "function") return exports[name];
    return own();
  };
  const uplink = found("decodeUplink", () => (typeof decodeUplink === "function" ? decodeUplink : null));
  const when = recvTime === null ? undefined : new DateOf(recvTime);
  if (uplink) {
    return stringify({ form: "uplink", out: uplink({ bytes, fPort, recvTime: when, variables }) });
  }
  const decoder = found("Decoder", () => (typeof Decoder === "function" ? Decoder : null));
  if (decoder) return stringify({ form: "plain", out: decoder(bytes, fPort) });
  const decode = found("Decode", () => (typeof Decode === "function" ? Decode : null));
  if (decode) return stringify({ form: "plain", out: decode(fPort, bytes, variables) });
  const only = module.exports;
  if (typeof only === "function") return stringify({ form: "plain", out: only(bytes, fPort) });
  return stringify({ form: "none" });
})(JSON.stringify, Date);
