// What a scan at the dock says and what is wrong with it, judged on the device: the rules of warehouse.Delivery.Judge.
import { parse, elements, sameTrade } from "./gs1.js"

const GS = "\x1d"

export const came = l => l.good + l.damaged
export const sum = (lines, f) => lines.reduce((n, l) => n + f(l), 0)

// lineFor finds the line that goods belong to: that of the lot, else one without a lot of its own, else any; not full ones first.
export function lineFor(task, sku, lot) {
  let best = null, most = -1
  for (const l of task.lines) {
    if (l.goods.id !== sku) continue
    const rank = (l.lot === lot ? 4 : l.lot === "" ? 2 : 0) + (came(l) < l.pieces ? 1 : 0)
    if (rank > most) { best = l; most = rank }
  }
  return best
}

// onCarton tells whether a number is on a line's cartons: the number itself, or one of a range such as C001-C020.
export function onCarton(line, code) {
  if (!code || !line.carton) return false
  return line.carton.split(/[,;、，；\s]+/).some(part => {
    if (part.toUpperCase() === code.toUpperCase()) return true
    const ends = part.replace(/[~—–]/g, "-").split("-")
    if (ends.length !== 2) return false
    const [a, b, c] = [ends[0], ends[1], code].map(s => /^(.*?)(\d+)$/.exec(s))
    return !!a && !!b && !!c && c[1].toUpperCase() === a[1].toUpperCase() && (b[1] === "" || b[1].toUpperCase() === a[1].toUpperCase()) && Number(a[2]) <= Number(c[2]) && Number(c[2]) <= Number(b[2])
  })
}

// swallowed gives the lot and what follows it where a lost separator has glued a date to the lot; null where nothing looks so.
export function swallowed(raw, read) {
  if (!read.lot || raw.replace(/^[\s\x02]*(\]..)?\x1d?/, "").includes(GS)) return null
  for (let i = 1; i + 8 <= read.lot.length; i++) {
    const tail = read.lot.slice(i)
    if (!/^1[1-7]\d{6}/.test(tail) || !elements(tail)) continue
    const raw = "]C101" + read.gtin + "10" + read.lot.slice(0, i) + GS + tail, again = parse(raw)
    return again.expiry || again.produced ? Object.assign(again, { raw }) : null
  }
  return null
}

const days = (a, b) => Math.round((Date.parse(a) - Date.parse(b)) / 86400000)
export const daysLeft = (expiry, today) => expiry ? days(expiry, today) : 0

export function addDays(day, n) { return new Date(Date.parse(day) + n * 86400000).toISOString().slice(0, 10) }

// propose fills in what the note announces of the goods and lets the code's own words overrule it.
function propose(task, goods, line, read, carton) {
  const p = { sku: goods.id, goods, line: line ? line.no : 0, lot: "", produced: "", expiry: "", carton: carton || "", accept: [], read: { lot: !!read.lot, expiry: !!(read.expiry || read.produced) } }
  if (line) Object.assign(p, { lot: line.lot, produced: line.produced || "", expiry: line.expiry || "" })
  if (read.lot && read.lot !== p.lot) Object.assign(p, { lot: read.lot, produced: "", expiry: "" })
  if (read.produced) p.produced = read.produced
  if (read.expiry) p.expiry = read.expiry
  if (!p.expiry && p.produced && goods.life > 0) p.expiry = addDays(p.produced, goods.life)
  p.per = Math.max(1, line && line.per || goods.carton || 1)
  p.rest = line ? Math.max(0, line.pieces - came(line) - line.refused) : 0
  p.pieces = p.rest > 0 ? Math.min(p.per, p.rest) : p.per
  const single = !carton && !read.lot && (!read.gtin || read.gtin[0] === "0")
  if (single && p.per > 1) p.pieces = 1 // the barcode of a single pack
  if (read.count) p.pieces = read.count
  return p
}

// readScan takes a scan apart against the delivery: {proposal} | {choose: lines} | {suspect, read} | {bad} | {unknown: code}. sure:
// a lot that looks as if it had swallowed a date is taken as it is.
export function readScan(raw, task, sure) {
  const read = parse(raw)
  if (read.bad) return { bad: true }
  const box = read.sscc || read.text
  if (box) {
    const line = task.lines.find(l => onCarton(l, box))
    if (line) return { proposal: propose(task, line.goods, line, read.sscc ? read : {}, box) }
  }
  const suspect = sure || !read.gtin || task.lines.some(l => l.lot === read.lot) ? null : swallowed(raw, read)
  if (suspect) return { suspect, read }
  const hit = task.lines.find(l => read.gtin ? sameTrade(read.gtin, l.goods.gtin) : read.text && read.text.toUpperCase() === l.goods.code.toUpperCase())
  if (!hit) return { unknown: read.gtin || read.text || read.sscc || raw }
  const same = task.lines.filter(l => l.goods.id === hit.goods.id)
  const open = same.filter(l => l.lot && l.pieces > 0 && came(l) + l.refused < l.pieces)
  if (!read.lot && open.length > 1) return { choose: open, read }
  return { proposal: propose(task, hit.goods, lineFor(task, hit.goods.id, read.lot || ""), read, read.sscc || "") }
}

// ofLine makes the proposal of a line that the worker has chosen.
export function ofLine(task, no, read) {
  const line = task.lines.find(l => l.no === no)
  return propose(task, line.goods, line, Object.assign({}, read, { lot: line.lot }), read.sscc || "")
}

// judge gives what is wrong: {faults, over, left, required, wanted, wantedExpiry}.
export function judge(task, p) {
  const line = task.lines.find(l => l.no === p.line && l.goods.id === p.sku) || lineFor(task, p.sku, p.lot)
  const j = { faults: [], over: 0, left: 0, required: line ? line.min_days : task.source === "transfer" ? 0 : p.goods.min_days, wanted: "", wantedExpiry: "" }
  if (!line) {
    if (task.source !== "blind") j.faults.push("unexpected")
  } else {
    j.wanted = line.lot
    j.wantedExpiry = line.expiry || ""
    if (line.lot && p.lot !== line.lot) j.faults.push("wrong_lot")
    j.over = came(line) + line.refused + p.pieces - line.pieces
    if (task.source !== "blind" && line.pieces > 0 && j.over > 0) j.faults.push("over")
  }
  if (!p.expiry) {
    if (p.goods.life > 0) j.faults.push("no_expiry")
  } else {
    j.left = daysLeft(p.expiry, task.today)
    if (j.left <= 0) j.faults.push("expired")
    else if (j.left < j.required) j.faults.push("short_life")
  }
  return j
}

// differs tells whether a line came otherwise than announced.
export const differs = l => came(l) !== l.pieces || l.damaged > 0 || l.refused > 0 || (l.faults || []).length > 0
