const map = document.querySelector(".map");
const told = map?.querySelector("output");
map?.addEventListener("pointerover", (event) => {
  if (event.target.title) told.textContent = event.target.title;
});
