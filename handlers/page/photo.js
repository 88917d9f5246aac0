// A picture from the shopper's side, made small before it travels.

const LONGEST_SIDE = 1024;
const JPEG_QUALITY = 0.85;

/** The first picture among dropped, pasted or chosen files, or null. */
export function pictureAmong(files) {
  return [...(files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** The address of a picture that was dragged or pasted from another page, or null. */
export function addressAmong(data) {
  const said = data?.getData("text/uri-list") || data?.getData("text/plain") || "";
  const [first] = said.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return /^https:\/\/\S+$/.test(first?.trim() ?? "") ? first.trim() : null;
}

/** A file as a JPEG data URI: its longest side 1024 pixels at most, upright, on white. */
export async function shrunk(file) {
  const picture = await createImageBitmap(file); // upright, as its EXIF says
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const surface = canvas.getContext("2d");
  surface.fillStyle = "#fff";
  surface.fillRect(0, 0, canvas.width, canvas.height);
  surface.imageSmoothingQuality = "high";
  surface.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}

/** Draws a data URI on a canvas, which no policy for images has a say in. */
export async function draw(photo, canvas) {
  const bytes = Uint8Array.from(atob(photo.split(",")[1]), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
}
