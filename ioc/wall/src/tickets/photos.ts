import { call, Refused } from "../api";
import { language } from "../i18n/language";

/** Of the protocol of resumable uploads, tus. */
const TUS = "1.0.0";

const base64 = (words: string) => btoa(String.fromCharCode(...new TextEncoder().encode(words)));

/** The id of an upload: the end of the address that the server gave it. */
export function idOf(address: string): string {
  return address.split("?")[0]?.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

/** Hands a photograph to the server and gives the id under which a step may name it. */
export async function upload(file: File): Promise<string> {
  const common = { "Tus-Resumable": TUS, "Accept-Language": language() };
  const made = await call("/api/v1/uploads", {
    method: "POST",
    headers: {
      ...common,
      "Upload-Length": String(file.size),
      "Upload-Metadata": `filename ${base64(file.name)},filetype ${base64(file.type || "image/jpeg")}`,
    },
  });
  const address = made.headers.get("Location") ?? "";
  const id = idOf(address);
  if (id === "") throw new Refused(502, {});
  await call(new URL(address, location.href).pathname, {
    method: "PATCH",
    headers: { ...common, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" },
    body: file,
  });
  return id;
}
