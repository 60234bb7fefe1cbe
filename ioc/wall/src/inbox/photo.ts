/** Photographs made small before they are sent: their pixels alone, without the place and time that a phone adds. */

export const LONGEST_SIDE = 1600;
const QUALITY = 0.75;

/** Width and height of which the longer is at most LONGEST_SIDE. */
export function fitted(width: number, height: number, most = LONGEST_SIDE): [number, number] {
  const share = Math.min(1, most / Math.max(width, height));
  return [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
}

/** A JPEG of the picture, upright. Throws for what is no picture. */
export async function shrunk(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const [width, height] = fitted(picture.width, picture.height);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    if (pen === null) throw new Error("no canvas");
    pen.drawImage(picture, 0, 0, width, height);
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (made === null) throw new Error("no picture");
    return made;
  } finally {
    picture.close();
  }
}
