// The part of Node's Buffer and of TextDecoder that payload scripts are seen to use.
globalThis.Buffer = class Buffer extends Uint8Array {
  static from(what, how) {
    if (typeof what !== "string") return Buffer.of(...(what instanceof ArrayBuffer ? new Uint8Array(what) : what));
    if (how === "hex") return Buffer.of(...(what.match(/[0-9a-f]{2}/gi) || []).map((two) => parseInt(two, 16)));
    const text = how === "base64" ? atob(what) : unescape(encodeURIComponent(what));
    return Buffer.of(...Array.from(text, (one) => one.charCodeAt(0)));
  }
  static alloc(size, fill = 0) { return new Buffer(size).fill(fill); }
  static isBuffer(what) { return what instanceof Buffer; }
  static concat(parts) { return Buffer.of(...parts.flatMap((part) => Array.from(part))); }
  slice(from, to) { return Buffer.of(...Array.prototype.slice.call(this, from, to)); }
  toString(how = "utf8", from = 0, to = this.length) {
    const part = Array.prototype.slice.call(this, from, to);
    if (how === "hex") return part.map((one) => one.toString(16).padStart(2, "0")).join("");
    const text = part.map((one) => String.fromCharCode(how === "ascii" ? one & 127 : one)).join("");
    if (how === "base64") return btoa(text);
    return how === "utf8" || how === "utf-8" ? new TextDecoder().decode(this.subarray(from, to)) : text;
  }
  get view() { return new DataView(this.buffer, this.byteOffset, this.byteLength); }
  readUIntBE(at, size) { let sum = 0; for (let i = 0; i < size; i++) sum = sum * 256 + this[at + i]; return sum; }
  readUIntLE(at, size) { let sum = 0; for (let i = size; i-- > 0; ) sum = sum * 256 + this[at + i]; return sum; }
  readIntBE(at, size) { const sum = this.readUIntBE(at, size), all = 256 ** size; return sum < all / 2 ? sum : sum - all; }
  readIntLE(at, size) { const sum = this.readUIntLE(at, size), all = 256 ** size; return sum < all / 2 ? sum : sum - all; }
  toJSON() { return { type: "Buffer", data: Array.from(this) }; }
};
for (const [name, size] of [["Int8", 1], ["Int16", 2], ["Int32", 4], ["Float", 4], ["Double", 8]]) {
  const kind = { Float: "Float32", Double: "Float64" }[name] || name;
  for (const little of [true, false]) {
    const end = size === 1 ? "" : little ? "LE" : "BE";
    Buffer.prototype["read" + name + end] = function (at = 0) { return this.view["get" + kind](at, little); };
    if (kind[0] !== "I") continue;
    const unsigned = function (at = 0) { return this.view["getU" + kind.replace("I", "i")](at, little); };
    Buffer.prototype["readU" + name + end] = Buffer.prototype["readUi" + name.slice(1) + end] = unsigned;
  }
}
globalThis.TextDecoder = class TextDecoder {
  decode(bytes) {
    const text = Array.from(bytes || [], (one) => String.fromCharCode(one)).join("");
    try { return decodeURIComponent(escape(text)); } catch (error) { return text; }
  }
};
