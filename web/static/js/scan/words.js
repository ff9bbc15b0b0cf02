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

// Times are those of the warehouse, not of the device.
let zone
export function inZone(z) { zone = z || undefined }

// clock writes a time of day in the warehouse's zone.
export function clock(at, seconds) {
  const form = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23", timeZone: zone }
  try {
    return new Intl.DateTimeFormat("en-GB", form).format(new Date(at))
  } catch (e) {
    return new Intl.DateTimeFormat("en-GB", Object.assign(form, { timeZone: undefined })).format(new Date(at))
  }
}

// today is the warehouse's day, as 2026-11-23.
export function today() {
  return new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(new Date())
}
