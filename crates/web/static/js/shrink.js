// Shrinking a picture before it is uploaded: no larger than the house shows, and without what a camera writes into it.

/** The longest edge that is uploaded, in pixels. */
const EDGE_MAX = 2048;
/** What is smaller than this and no larger in pixels goes as it is. */
const BYTES_MAX = 700_000;
const QUALITY = 0.86;
/** What a canvas may make a still of without anybody noticing that it moved is left as it is. */
const SHRUNK = new Set(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"]);

/**
 * The picture to upload; the file itself where this browser cannot read it, as the house says best what is wrong with it.
 * @param {File} file
 * @returns {Promise<Blob>}
 */
export async function shrunk(file) {
  if (!SHRUNK.has(file.type)) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const longer = Math.max(bitmap.width, bitmap.height);
  const isKnown = file.type === "image/jpeg" || file.type === "image/png" || file.type === "image/webp";
  if (isKnown && longer <= EDGE_MAX && file.size <= BYTES_MAX) {
    bitmap.close();
    return file;
  }
  const scale = Math.min(1, EDGE_MAX / longer);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const made = await new Promise((/** @type {(blob: Blob | null) => void} */ done) =>
    canvas.toBlob(done, "image/jpeg", QUALITY),
  );
  return made ?? file;
}
