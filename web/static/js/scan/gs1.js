// GS1 on the device: enough of warehouse/gs1 to judge a scan at once. The server reads every code again.

const GS = "\x1d"
// Lengths of elements that need no separator, by their first two digits, AI included (GS1 General Specifications, 7.8.5).
const fixed = { "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, 11: 8, 12: 8, 13: 8, 14: 8, 15: 8, 16: 8, 17: 8, 18: 8, 19: 8, 20: 4, 31: 10, 32: 10, 33: 10, 34: 10, 35: 10, 36: 10, 41: 16 }

// aiLength gives how many digits an AI has.
function aiLength(two) {
  if (/^(3[1-9]|43|7[02]|8[0-2])$/.test(two)) return 4
  if (/^(2[3-5]|4[0-2]|71)$/.test(two)) return 3
  return 2
}

export function checkDigit(body) {
  let sum = 0
  for (let i = 0; i < body.length; i++) sum += Number(body[body.length - 1 - i]) * (i % 2 ? 1 : 3)
  return (10 - sum % 10) % 10
}

function valid(digits) { return checkDigit(digits.slice(0, -1)) === Number(digits.slice(-1)) }

export function gtin14(s) { return s.padStart(14, "0") }

// day reads YYMMDD; day 00 is the last of the month.
function day(s, today = new Date()) {
  let y = Number(s.slice(0, 2)), m = Number(s.slice(2, 4)), d = Number(s.slice(4, 6))
  if (m < 1 || m > 12 || d > 31) return ""
  const now = today.getFullYear() % 100, century = Math.floor(today.getFullYear() / 100) * 100
  y += y - now >= 51 ? century - 100 : now - y >= 50 ? century + 100 : century
  if (d === 0) d = new Date(y, m, 0).getDate()
  if (d > new Date(y, m, 0).getDate()) return ""
  return [y, String(m).padStart(2, "0"), String(d).padStart(2, "0")].join("-")
}

// elements takes a string of elements apart; null where it is none.
export function elements(s) {
  const out = {}
  let i = 0
  while (i < s.length) {
    if (s[i] === GS) { i++; continue }
    const two = s.slice(i, i + 2)
    if (!/^\d\d$/.test(two)) return null
    const n = aiLength(two), ai = s.slice(i, i + n)
    if (!/^\d+$/.test(ai) || ai.length < n) return null
    let end = s.indexOf(GS, i)
    if (end < 0) end = s.length
    if (fixed[two]) end = Math.min(end, i + fixed[two])
    const data = s.slice(i + n, end)
    if (fixed[two] && i + fixed[two] > end || data === "" || data.length > 90) return null
    if (/^(00|01|02)$/.test(ai) && !(/^\d+$/.test(data) && valid(data))) return null
    out[ai] = data
    i = end
  }
  return out
}

// parse reads a scan: {gtin, lot, expiry, produced, sscc, serial, count, text}. text is what no GS1 code was found in.
export function parse(scan) {
  let s = scan.replace(/^[\s\x02]+|[ \t\r\n\x03\x04]+$/g, "").replace(/[\uff01-\uff5e]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  let marked = false
  const id = /^\](C1|d2|Q3|e0|J1|E0|E4|C0|Q1|d1|A0|I1)/.exec(s)
  if (id) { s = s.slice(3); marked = /^(C1|d2|Q3|e0|J1)$/.test(id[1]) }
  s = s.replace(/^\x1d/, "")
  if (!marked && /^\d+$/.test(s) && [8, 12, 13, 14].includes(s.length)) return valid(s) ? { gtin: gtin14(s) } : { text: s, bad: true }
  if (!marked && /^\d{18}$/.test(s) && valid(s)) return { sscc: s }
  if (/^\(\d{2,4}\)/.test(s)) s = s.replace(/^\((\d{2,4})\)/, "$1").replace(/\((\d{2,4})\)/g, GS + "$1")
  const e = marked || /^(00|01|02)\d{14,}/.test(s) || s.includes(GS) ? elements(s) : null
  if (!e) return { text: s, bad: marked }
  return { gtin: e["01"] || e["02"] || "", lot: e["10"] || "", serial: e["21"] || "", sscc: e["00"] || "",
    expiry: e["17"] ? day(e["17"]) : e["15"] ? day(e["15"]) : "", produced: e["11"] ? day(e["11"]) : "", count: e["37"] ? Number(e["37"]) : e["30"] ? Number(e["30"]) : 0, text: "" }
}

// sameTrade tells whether two GTINs are of the same goods, in any packing.
export function sameTrade(a, b) {
  if (!a || !b) return false
  a = gtin14(a)
  b = gtin14(b)
  return a === b || a.slice(1, 13) === b.slice(1, 13) && a[0] < "9" && b[0] < "9"
}

// code gives a bin's or tote's code as it is kept.
export function code(scan) { return scan.trim().replace(/^\]..(?=.)/, "").trim().toUpperCase() }

// checkItem judges a scan of goods: {fault, scanned, wanted, …} or null when it is right. want = {goods, lot, expiry, lotNeeded, today}
export function checkItem(scan, want) {
  const got = parse(scan)
  const number = want.goods.gtin || want.goods.code
  if (got.bad) return { fault: "unread", scanned: scan, wanted: number }
  if (got.text) {
    if (got.text.toUpperCase() !== want.goods.code.toUpperCase()) {
      if (!(want.lot && got.text === want.lot)) return { fault: "wrong_sku", scanned: got.text, wanted: number }
      got.lot = got.text
    }
  } else if (!got.gtin) {
    return { fault: "wrong_kind", scanned: got.sscc || scan, wanted: number }
  } else if (!sameTrade(got.gtin, want.goods.gtin)) {
    return { fault: "wrong_sku", scanned: got.gtin, wanted: number }
  }
  // A lost separator glues the next elements to the lot.
  if (got.lot && want.lot && got.lot !== want.lot && got.lot.startsWith(want.lot) && elements(got.lot.slice(want.lot.length))) got.lot = want.lot
  if (got.lot && got.lot !== want.lot) return { fault: "wrong_lot", scanned: got.lot, wanted: want.lot, scannedNote: got.expiry, wantedNote: want.expiry }
  if (!got.lot && want.lotNeeded) return { fault: "lot_needed", scanned: got.gtin || got.text, wanted: want.lot, wantedNote: want.expiry }
  const until = [got.expiry, want.expiry].filter(Boolean).sort()[0]
  if (want.today && until && until <= want.today) return { fault: "expired", scanned: got.lot || want.lot, wanted: want.lot, scannedNote: until }
  return null
}
