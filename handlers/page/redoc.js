// ReDoc over what the API says of itself. Its one image is its maker's logo, which it would fetch
// from its maker: here that is an image that can't be shown, and ReDoc leaves it away.

const images = HTMLImageElement.prototype;
const { set } = Object.getOwnPropertyDescriptor(images, "src");
Object.defineProperty(images, "src", { set() { set.call(this, "data:,"); } });
images.setAttribute = function (name, value) {
  if (name === "src") this.src = value;
  else Element.prototype.setAttribute.call(this, name, value);
};

window.Redoc.init("/openapi.json", {}, document.getElementById("reference"));
