// A picture from the shopper's side, made small before it travels.

const LONGEST_SIDE = 768;
const JPEG_QUALITY = 0.85;

export class PhotoUnreadable extends Error {}

/** The first picture among dropped, pasted or chosen files, or null. */
export function pictureAmong(files) {
  return [...(files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** A file as a JPEG data URI, its longest side at most 768 pixels, upright, on white. */
export async function shrinkPhoto(file) {
  const address = URL.createObjectURL(file);
  try {
    return drawSmall(await decode(address));
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function decode(address) {
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
  } catch (cause) {
    throw new PhotoUnreadable("This picture cannot be opened here.", { cause });
  }
  return picture;
}

function drawSmall(picture) {
  const { width, height } = boundedSize(picture.naturalWidth, picture.naturalHeight);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const surface = canvas.getContext("2d");
  surface.fillStyle = "#fff";
  surface.fillRect(0, 0, width, height);
  surface.imageSmoothingQuality = "high";
  surface.drawImage(picture, 0, 0, width, height);
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}

/** A drawing may come without a size of its own; it is then drawn as a square. */
function boundedSize(width, height) {
  const longest = Math.max(width, height);
  if (longest === 0) return { width: LONGEST_SIDE, height: LONGEST_SIDE };
  const scale = Math.min(1, LONGEST_SIDE / longest);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
