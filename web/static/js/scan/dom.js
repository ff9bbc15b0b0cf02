// HTML by tagged templates: what is put in is escaped unless it was made by html`` itself. Written for Chromium 87.

class Raw { constructor(text) { this.text = text } toString() { return this.text } }

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

function text(v) {
  if (v === null || v === undefined || v === false || v === true) return ""
  if (v instanceof Raw) return v.text
  if (Array.isArray(v)) return v.map(text).join("")
  return String(v).replace(/[&<>"']/g, c => escapes[c])
}

export function html(parts, ...values) {
  return new Raw(parts.reduce((out, part, i) => out + part + (i < values.length ? text(values[i]) : ""), ""))
}

let sprite = ""
export function icons(address) { sprite = address }

// icon draws a Tabler icon; names stand in web/static/icons.txt.
export function icon(name, size = 22) {
  return html`<svg class="mk-i" style="width:${size}px;height:${size}px" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`
}

// nodes parses markup.
export function nodes(markup) {
  const t = document.createElement("template")
  t.innerHTML = String(markup)
  return t.content
}

// key is a button of 56 px. press is its deed (data-do), value goes with it.
export function key(press, label, { icon: name, main, value, dark, wide, off, cls } = {}) {
  return html`<button type="button" class="mk-key${main ? " is-main" : ""}${dark ? " on-dark" : ""}${cls ? " " + cls : ""}" data-do="${press}" data-value="${value ?? ""}"${wide ? html` style="flex:2"` : ""}${off ? html` disabled` : ""}>${name ? icon(name) : ""}${label}</button>`
}
