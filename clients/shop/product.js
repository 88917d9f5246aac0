// A product's page, drawn from the catalogue. A real shop has a page for each of its products
// already, and only sets the product-id of <likeness-similar>.

const API = "http://127.0.0.1:8000/api/v1";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const id = new URLSearchParams(location.search).get("id") ?? "";
document.querySelector("likeness-similar").setAttribute("product-id", id);

const answer = await fetch(`${API}/products/${encodeURIComponent(id)}`).catch(() => null);
const missing = answer ? "This product is gone" : "The products can’t be reached right now";
const product = answer?.ok ? await answer.json() : { name: missing };
document.title = `${product.name} · Fern & Field`;
byId("name").textContent = product.name;
byId("description").textContent = product.description ?? "";
byId("picture").hidden = !product.image_url;
if (product.image_url) byId("picture").src = new URL(product.image_url, API);
if (product.currency && typeof product.price === "number") {
  /** @type {Intl.NumberFormatOptions} */
  const style = { style: "currency", currency: product.currency };
  byId("price").textContent = new Intl.NumberFormat(undefined, style).format(product.price);
}
