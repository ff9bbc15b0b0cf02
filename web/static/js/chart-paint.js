// What the demand chart draws by hand: ground, hatched bars, flags, labels, today. All lengths here are CSS pixels;
// the canvas is scaled once.

// canvas runs f with a context scaled to CSS pixels and the plot's box in them.
function canvas(u, f) {
  const ratio = u.ctx.canvas.width / u.width
  const { ctx } = u
  ctx.save()
  ctx.scale(ratio, ratio)
  const box = { left: u.bbox.left / ratio, top: u.bbox.top / ratio, width: u.bbox.width / ratio, height: u.bbox.height / ratio }
  box.right = box.left + box.width
  box.bottom = box.top + box.height
  box.x = v => box.left + u.valToPos(v, "x")
  box.y = v => box.top + u.valToPos(v, "y")
  f(ctx, box)
  ctx.restore()
}

function text(ctx, c, s, x, y, { fill = c.ink3, align = "left", bold = false } = {}) {
  ctx.font = `${bold ? "600 " : ""}12px ${c.font}`
  ctx.textAlign = align
  ctx.textBaseline = "alphabetic"
  ctx.lineJoin = "round"
  ctx.lineWidth = 3
  ctx.strokeStyle = c.surface
  ctx.strokeText(s, x, y) // a halo of paper keeps labels apart from bars
  ctx.fillStyle = fill
  ctx.fillText(s, x, y)
}

// The forecast's ground begins where the last sales end: half a point before the first forecast.
const border = p => {
  const i = p.sales.findLastIndex(v => v !== null)
  return i < 0 ? p.today : p.days[i] + p.step * 0.5
}

let hatchFor = ""
let hatch = null
function hatched(c) {
  if (hatchFor === c.sales + c.surface) return hatch
  const tile = document.createElement("canvas")
  tile.width = tile.height = 6
  const t = tile.getContext("2d")
  t.fillStyle = c.surface
  t.fillRect(0, 0, 6, 6)
  t.strokeStyle = c.sales
  t.lineWidth = 1.5
  t.beginPath()
  for (const o of [-6, 0, 6]) {
    t.moveTo(o - 1, 7)
    t.lineTo(o + 7, -1)
  }
  t.stroke()
  hatchFor = c.sales + c.surface
  hatch = t.createPattern(tile, "repeat")
  return hatch
}

const index = (p, day) => p.days.findLastIndex(d => d <= day)

export const paint = {
  ground(u, p, c) {
    if (!p.hasForecast) return
    canvas(u, (ctx, box) => {
      const from = Math.max(box.left, box.x(border(p)))
      ctx.globalAlpha = 0.55
      ctx.fillStyle = c.forecastSoft
      ctx.fillRect(from, box.top, box.right - from, box.height)
    })
  },

  upper(u, p, c) {
    canvas(u, (ctx, box) => {
      soldOut(ctx, box, p, c)
      flags(ctx, box, p, c)
      for (const n of p.notes) {
        if (n.on === "forecast") forecastNote(ctx, box, p, c, n)
        if (n.on === "soldout") soldOutNote(ctx, box, p, c, n)
      }
      today(ctx, box, p, c, p.words.today)
    })
  },

  lower(u, p, c) {
    canvas(u, (ctx, box) => {
      text(ctx, c, p.words.heatof, box.left, 12, { fill: c.heatInk })
      const last = p.heat.findLastIndex(v => v !== null)
      if (last >= 0) {
        ctx.beginPath()
        ctx.arc(box.x(p.days[last]), box.y(p.heat[last]), 4, 0, 7)
        ctx.fillStyle = c.heat
        ctx.strokeStyle = c.surface
        ctx.lineWidth = 1.5
        ctx.fill()
        ctx.stroke()
      }
      for (const n of p.notes) if (n.on === "heat") heatNote(ctx, box, p, c, n)
      today(ctx, box, p, c)
    })
  },
}

function soldOut(ctx, box, p, c) {
  const slot = box.x(p.days[0] + p.step) - box.x(p.days[0])
  const w = Math.min(26, slot * 0.72)
  p.demand.forEach((v, i) => {
    const sold = p.sales[i] || 0
    if (v === null || v <= sold) return
    const y = box.y(v)
    ctx.fillStyle = hatched(c)
    ctx.fillRect(box.x(p.days[i]) - w / 2, y, w, box.y(sold) - y)
    ctx.strokeStyle = c.sales
    ctx.lineWidth = 1
    ctx.strokeRect(box.x(p.days[i]) - w / 2, y, w, box.y(sold) - y)
  })
}

function flags(ctx, box, p, c) {
  const taken = []
  const last = p.days[p.days.length - 1] + p.step * 0.5
  const tag = tagBox(ctx, box, p, c, p.words.today)
  for (const e of p.events) {
    if (e.day < p.days[0] - p.step * 0.5 || e.day > last) continue
    const i = index(p, e.day)
    const x = i >= 0 && p.step > 1 ? box.x(p.days[i]) : box.x(e.day)
    ctx.strokeStyle = c.line2
    ctx.lineWidth = 1
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    ctx.moveTo(x, box.top - 10)
    ctx.lineTo(x, box.bottom)
    ctx.stroke()
    ctx.setLineDash([])
    const y = box.top - 12
    ctx.fillStyle = c.ink3
    ctx.beginPath()
    ctx.moveTo(x, y)
    ctx.lineTo(x + 10, y)
    ctx.lineTo(x + 7, y + 4)
    ctx.lineTo(x + 10, y + 8)
    ctx.lineTo(x, y + 8)
    ctx.fill()
    ctx.font = `12px ${c.font}`
    const w = ctx.measureText(e.name).width
    // Right of its flag, else left of it; where neither is free the flag stands alone.
    const places = [[x + 14, x + 14 + w], [x - 4 - w, x - 4]]
    const free = places.find(([a, b]) => a >= box.left - 40 && b <= box.right + 40 &&
      ![...taken, tag].some(([s, t]) => a < t + 6 && b > s - 6))
    if (!free) continue
    taken.push(free)
    text(ctx, c, e.name, free[0], y + 9)
  }
}

function forecastNote(ctx, box, p, c, n) {
  const i = index(p, n.day)
  if (i < 0 || p.mean[i] === null) return
  ctx.font = `600 12px ${c.font}`
  const w = ctx.measureText(n.text).width
  const x = box.x(p.days[i])
  const left = x - 16 - w > box.left
  text(ctx, c, n.text, left ? x - 16 : x + 10, box.y(p.mean[i]) - 4, { fill: c.forecastInk, bold: true, align: left ? "right" : "left" })
}

function soldOutNote(ctx, box, p, c, n) {
  const i = index(p, n.day)
  if (i < 0) return
  const x = box.x(p.days[i])
  const y = box.y(Math.max(p.demand[i] || 0, p.sales[i] || 0))
  const at = Math.max(box.top + 12, y - 48)
  ctx.strokeStyle = c.ink3
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.moveTo(x, at + 6)
  ctx.lineTo(x, y - 4)
  ctx.stroke()
  ctx.font = `12px ${c.font}`
  const half = ctx.measureText(n.text).width / 2
  text(ctx, c, n.text, Math.min(box.right - half, Math.max(box.left + half, x)), at, { align: "center" })
}

function heatNote(ctx, box, p, c, n) {
  const i = index(p, n.day)
  if (i < 0 || p.heat[i] === null) return
  ctx.font = `600 12px ${c.font}`
  const w = ctx.measureText(n.text).width
  const x = box.x(p.days[i])
  const left = x - 12 - w > box.left
  const at = left ? x - 12 : x + 12
  const align = left ? "right" : "left"
  const y = Math.min(box.bottom - (n.sub ? 24 : 8), Math.max(box.top + 8, box.y(p.heat[i]) + 4))
  text(ctx, c, n.text, at, y, { fill: c.heatInk, bold: true, align })
  if (n.sub) text(ctx, c, n.sub, at, y + 16, { align })
}

function tagBox(ctx, box, p, c, word) {
  if (!p.hasForecast || !word) return [-1e9, -1e9]
  ctx.font = `12px ${c.font}`
  const w = ctx.measureText(word).width + 12
  const x = box.x(border(p))
  const left = Math.min(x - 3, box.right + 40 - w)
  return [left, left + w]
}

function today(ctx, box, p, c, word) {
  if (!p.hasForecast) return
  const x = box.x(border(p))
  ctx.strokeStyle = c.ink
  ctx.lineWidth = 1.25
  ctx.beginPath()
  ctx.moveTo(x, word ? box.top - 14 : 0)
  ctx.lineTo(x, word ? box.bottom + 40 : box.bottom)
  ctx.stroke()
  if (!word) return
  const [left, right] = tagBox(ctx, box, p, c, word)
  ctx.fillStyle = c.ink
  ctx.beginPath()
  ctx.roundRect(left, box.top - 31, right - left, 19, 4)
  ctx.fill()
  ctx.fillStyle = c.surface
  ctx.textAlign = "center"
  ctx.textBaseline = "alphabetic"
  ctx.fillText(word, (left + right) / 2, box.top - 17)
}

