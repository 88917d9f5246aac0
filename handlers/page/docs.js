// Renders openapi.json as a readable reference. Text only ever becomes text nodes.

const place = document.getElementById("endpoints");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function resolve(schema, components) {
  const name = schema?.$ref?.split("/").pop();
  return name ? components[name] : schema;
}

function kind(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
  if (schema.type === "array") return `list of ${kind(schema.items) || "anything"}`;
  const bounds = ["minimum", "maximum", "minLength", "maxLength", "pattern"]
    .filter((bound) => bound in schema)
    .map((bound) => `${bound} ${schema[bound]}`);
  return [schema.format ?? schema.type ?? "anything", ...bounds].join(", ");
}

function fieldTable(title, fields) {
  if (!fields.length) return "";
  const rows = fields.map(([name, schema, required]) =>
    element("tr", {},
      element("td", {}, name),
      element("td", {}, kind(schema) + (required ? ", required" : "")),
      element("td", {}, "default" in schema && schema.default !== null ? `default ${JSON.stringify(schema.default)}` : "")));
  return element("div", {}, element("h3", {}, title), element("table", {}, element("tbody", {}, ...rows)));
}

function fieldsOf(schema, components) {
  const whole = resolve(schema, components);
  return Object.entries(whole?.properties ?? {})
    .map(([name, field]) => [name, field, (whole.required ?? []).includes(name)]);
}

function endpoint(method, path, operation, components) {
  const parameters = operation.parameters.map((p) => [p.name, p.schema, p.required]);
  const bodies = Object.entries(operation.requestBody?.content ?? {})
    .map(([type, body]) => fieldTable(`Takes ${type}`, fieldsOf(body.schema, components)));
  const answers = Object.entries(operation.responses).filter(([status]) => status !== "default")
    .map(([status, answer]) => fieldTable(`Gives ${status}`,
      fieldsOf(answer.content?.["application/json"]?.schema, components)));
  return element("details", {},
    element("summary", {},
      element("span", { className: "method" }, method.toUpperCase()),
      element("span", { className: "path" }, path),
      element("span", { className: "summary" }, operation.summary + (operation.security ? " · key" : ""))),
    element("div", { className: "body" }, fieldTable("Parameters", parameters), ...bodies, ...answers));
}

try {
  const api = await (await fetch("/openapi.json")).json();
  const all = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => endpoint(method, path, operation, api.components.schemas)));
  place.replaceChildren(...all);
} catch {
  place.replaceChildren(element("p", {}, "The reference could not be loaded. Is the server still running?"));
}
