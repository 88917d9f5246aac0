// Swagger UI over what the API says of itself. It stays with us: no stranger validates the description.

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
});
