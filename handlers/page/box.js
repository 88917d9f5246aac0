// The search box: words, a picture by any road, and the balance between the two.

import { isBrowsing, mixesWordsAndPhoto } from "./query.js";
import { pictureAmong, PhotoUnreadable, shrinkPhoto } from "./photo.js";

const byId = (id) => document.getElementById(id);
const box = byId("box");
const words = byId("words");
const imageWeight = byId("image-weight");
const message = byId("box-message");

let newestPicture = null;

/** Wires the box to `current`; `onSubmit` is called when the shopper presses Enter. */
export function startBox(current, onSubmit) {
  words.addEventListener("input", () => {
    current.change({ words: words.value, like: null }, "typing");
  });
  imageWeight.addEventListener("input", () => {
    current.change({ imageWeight: Number(imageWeight.value) }, "sliding");
  });
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    onSubmit();
  });
  byId("part-remove").addEventListener("click", () => {
    current.change({ photo: null, like: null });
    words.focus();
  });
  byId("part-picture").addEventListener("error", () => {
    byId("part-picture").hidden = true;
  });
  const takePicture = (files) => usePicture(files, current);
  takeChosenPictures(takePicture);
  takePastedPictures(takePicture);
  takeDroppedPictures(takePicture);
}

/** Shows the query; `liked` is the product it is like, where known. */
export function showBox(query, liked) {
  if (words.value.trim() !== query.words.trim()) words.value = query.words;
  imageWeight.value = query.imageWeight;
  const share = Math.round(query.imageWeight * 100);
  imageWeight.setAttribute("aria-valuetext", `${100 - share}% words, ${share}% photo`);
  byId("balance").hidden = !mixesWordsAndPhoto(query);
  byId("welcome").classList.toggle("unseen", !isBrowsing(query));
  message.textContent = "";
  showPart(query, liked);
}

export function showExamples(examples, onChoose) {
  const chips = examples.map((example) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip chip-example";
    chip.textContent = example;
    chip.addEventListener("click", () => onChoose(example));
    return chip;
  });
  byId("examples").replaceChildren(...chips);
  byId("examples").hidden = chips.length === 0;
}

/** The part of the query that is no words: the shopper's photo, or a product of the shop. */
function showPart(query, liked) {
  const picture = query.photo ?? (query.like && liked?.picture) ?? null;
  byId("part").hidden = !query.photo && !query.like;
  byId("part-picture").hidden = !picture;
  if (picture) byId("part-picture").src = picture;
  byId("part-name").textContent = query.like ? (liked?.name ?? "This product") : "Your photo";
  byId("part-remove").setAttribute(
    "aria-label",
    query.like ? "Stop looking for products like this one" : "Remove the photo",
  );
}

async function usePicture(files, current) {
  const file = pictureAmong(files);
  if (!file) {
    message.textContent = "That was not a picture. A JPEG, PNG or WebP works best.";
    return;
  }
  newestPicture = file;
  try {
    const photo = await shrinkPhoto(file);
    if (newestPicture === file) current.change({ photo, like: null });
  } catch (problem) {
    if (!(problem instanceof PhotoUnreadable)) throw problem;
    if (newestPicture === file) {
      message.textContent = `${problem.message} A JPEG, PNG or WebP works best.`;
    }
  }
}

function takeChosenPictures(takePicture) {
  for (const input of [byId("choose"), byId("photograph")]) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // so that the same file can be chosen again
      if (files.length > 0) takePicture(files);
    });
  }
}

/** Words paste as words; a picture pasted anywhere on the page is searched with. */
function takePastedPictures(takePicture) {
  document.addEventListener("paste", (event) => {
    const picture = pictureAmong(event.clipboardData?.files);
    if (!picture) return;
    event.preventDefault();
    takePicture([picture]);
  });
}

/** The box shows where to drop; a near miss anywhere on the page counts too. */
function takeDroppedPictures(takePicture) {
  let entered = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (count) => {
    entered = Math.max(0, count);
    box.classList.toggle("box-dropping", entered > 0);
  };
  document.addEventListener("dragenter", (event) => carriesFiles(event) && mark(entered + 1));
  document.addEventListener("dragleave", (event) => carriesFiles(event) && mark(entered - 1));
  document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    mark(0);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    takePicture(event.dataTransfer.files);
  });
}
