// The words of both languages are in the page: the language can be switched without the network.

let all = { zh: {}, en: {} }
let language = "zh"

export function learn(words) { all = words }
export function lang() { return language }
export function speak(l) {
  language = l === "en" ? "en" : "zh"
  document.documentElement.lang = language === "en" ? "en" : "zh-CN"
}

export function int(n) { return String(Math.trunc(n)).replace(/\B(?=(\d{3})+(?!\d))/g, ",").replace("-", "−") }

function written(v) {
  if (typeof v === "number") return int(v)
  if (v && typeof v === "object") return name(v)
  return v === undefined || v === null ? "" : String(v)
}

// name gives a name in both languages in the one that is spoken.
export function name(n) { return n ? (language === "en" ? n.en || n.zh : n.zh || n.en) : "" }

// t says a phrase: t("pick.title", {Count: 2}). Ids are below "scanner.".
export function t(id, args) { return phrase("scanner." + id, args) }

// say says what the server gave: {word, args}.
export function say(s) { return s && s.word ? phrase(s.word, s.args) : "" }

export function known(id) { return ("scanner." + id) in all.zh }

function phrase(id, args = {}) {
  const p = (all[language] || {})[id] || all.zh[id]
  if (!p) return id
  const form = args.Count === 1 && p.one ? p.one : p.other
  return form.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_, k) => written(args[k]))
}

// clock writes a time of day on the device's clock.
export function clock(at, seconds) {
  const d = new Date(at), two = n => String(n).padStart(2, "0")
  return two(d.getHours()) + ":" + two(d.getMinutes()) + (seconds ? ":" + two(d.getSeconds()) : "")
}
