// dayOf reads a day as people type it: 20280214, 2028-02-14, 280214. "" for none, null for what is no day.
export function dayOf(text) {
  const s = text.trim().replace(/[-./年月日\s]/g, "")
  if (s === "") return ""
  const d = /^(\d{4}|\d\d)(\d\d)(\d\d)$/.exec(s)
  if (!d) return null
  const day = [d[1].length === 2 ? "20" + d[1] : d[1], d[2], d[3]].join("-")
  return !isNaN(Date.parse(day)) && new Date(Date.parse(day)).toISOString().slice(0, 10) === day ? day : null
}
