// The demand chart: sales as bars from zero, forecast as a line with its P10–P90 band on a soft ground that begins
// today, heat as a strip of its own below on the same x. Two uPlot drawings share the cursor.
//
// <div data-mk-chart="demand" id="x"> with <script type="application/json" id="x-data">:
//   days    [n…]           day of each point, in days since 1970-01-01; a week is dated on its first day
//   step    1 | 7          days a point covers
//   today   n              the forecast's ground begins here
//   sales   [n|null…]      what was sold; null from today on
//   demand  [n|null…]      restored demand of sold-out points, null elsewhere, or []
//   mean, p10, p90         forecast, null before today, or []
//   heat    [n|null…]      heat index, or [] for no strip
//   events  [{day, name}]  flags at the top
//   notes   [{day, on: "forecast" | "heat" | "soldout", text, sub}]  labels beside points
//   unit    "件"           said behind numbers in the hint
//   words   {today, sales, forecast, band, heat, heatof, restored, period, low, high, events}
// Arrays are as long as days. ui.DemandChart writes all this. Dispatch "mk:data" with a new payload as detail to
// draw again.
import uPlot from "../vendor/uPlot.esm.js"
import { all, axis, group, words } from "./page.js"
import { paint } from "./chart-paint.js"
import { fillTable } from "./chart-table.js"

const dayMs = 86400000
const date = n => new Date(n * dayMs)
const two = n => String(n).padStart(2, "0")
const monthDay = n => `${two(date(n).getUTCMonth() + 1)}-${two(date(n).getUTCDate())}`
const whole = n => `${date(n).getUTCFullYear()}-${monthDay(n)}`

export function draw(root) {
  for (const el of all(root, '[data-mk-chart="demand"]')) {
    if (!el.dataset.mkDrawn) start(el)
  }
}

function start(el) {
  el.dataset.mkDrawn = "yes"
  let data = prepare(JSON.parse(document.getElementById(el.id + "-data").textContent))
  let chart = build(el, data)
  const again = () => {
    chart.destroy()
    chart = build(el, data)
  }
  let width = el.clientWidth
  const sizes = new ResizeObserver(() => {
    if (!el.isConnected) return sizes.disconnect()
    if (el.clientWidth && el.clientWidth !== width) {
      width = el.clientWidth
      again()
    }
  })
  sizes.observe(el)
  document.addEventListener("mk:theme", () => el.isConnected && again())
  el.addEventListener("mk:data", e => {
    data = prepare(e.detail)
    again()
    const table = document.getElementById(el.id + "-table")
    if (table && !table.hidden) fillTable(table, data, { whole, monthDay })
  })
  document.fonts?.ready.then(again)
}

// prepare joins the forecast to the last bar, so that line and band start where the sales end.
function prepare(p) {
  const n = p.days.length
  for (const key of ["sales", "demand", "mean", "p10", "p90", "heat"]) {
    if (!p[key]?.length) p[key] = new Array(n).fill(null)
  }
  p.hasHeat = p.heat.some(v => v !== null)
  p.hasForecast = p.mean.some(v => v !== null)
  p.line = [...p.mean]
  p.low = [...p.p10]
  p.high = [...p.p90]
  const first = p.mean.findIndex(v => v !== null)
  if (first > 0 && p.sales[first - 1] !== null) {
    const from = p.demand[first - 1] ?? p.sales[first - 1]
    p.line[first - 1] = from
    if (p.low[first] !== null) p.low[first - 1] = p.high[first - 1] = from
  }
  return p
}

// colours are taken from the page each time, so that dark follows.
function colours() {
  const style = getComputedStyle(document.documentElement)
  const get = name => style.getPropertyValue("--mk-" + name).trim()
  return {
    sales: get("sales"), forecast: get("forecast"), forecastInk: get("forecast-ink"), forecastSoft: get("forecast-soft"),
    band: get("band"), heat: get("heat"), heatInk: get("heat-ink"), line: get("line"), line2: get("line-2"),
    ink: get("ink"), ink2: get("ink-2"), ink3: get("ink-3"), surface: get("surface"), font: get("font"),
  }
}

// niceStep gives an axis three to five lines: 1, 2, 2.5 or 5 times a power of ten.
function niceStep(max, lines) {
  const raw = Math.max(max, 1) / lines
  const p = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 2.5, 5, 10].map(m => m * p).find(s => s >= raw * (1 - 1e-9) && (s >= 1))
}

function top(max) {
  const step = niceStep(max, 4)
  return { step, max: Math.max(1, Math.ceil(max / step - 1e-9)) * step }
}

const most = (...lists) => lists.flat().reduce((m, v) => v !== null && v > m ? v : m, 0)

// ticks chooses the dates under the chart: quarters of two years, months of half a year, days below.
function ticks(days, step, width) {
  const first = days[0]
  const last = days[days.length - 1] + step
  const span = last - first
  const out = []
  if (span > 120) {
    const every = span > 300 ? 3 : 1
    const d = date(first)
    for (let y = d.getUTCFullYear(), m = 0; ; m += every) {
      const at = Date.UTC(y, m, 1) / dayMs
      if (at > last) break
      if (at >= first - 3) out.push({ at: Math.max(at, first), text: tickText(at, out.length === 0) })
    }
    return out
  }
  const room = Math.max(3, Math.floor(width / 96))
  const every = Math.max(step, Math.ceil(span / room / step) * step)
  for (let at = first; at < last; at += every) out.push({ at, text: monthDay(at) })
  return out
}

function tickText(n, withYear) {
  const d = date(n)
  return d.getUTCMonth() === 0 || withYear ? `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}` : two(d.getUTCMonth() + 1)
}

function build(el, p) {
  el.replaceChildren()
  const c = colours()
  const width = el.clientWidth || 700
  const height = el.clientHeight || 300
  const heatHeight = p.hasHeat ? Math.round(Math.min(112, height * 0.29)) : 0
  const x = { days: p.days, dates: ticks(p.days, p.step, width), font: "12px " + c.font }
  const range = () => [p.days[0] - p.step * 0.5, p.days[p.days.length - 1] + p.step * 0.5]
  const key = uPlot.sync(el.id)
  const common = {
    width, legend: { show: false },
    cursor: { sync: { key: key.key, setSeries: false }, drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { time: false, range } },
  }
  const dates = show => ({
    stroke: c.ink3, font: x.font, size: show ? 22 : 0, gap: 4, grid: { show: false }, ticks: { show: false }, show: true,
    splits: () => x.dates.map(t => t.at), values: () => show ? x.dates.map(t => t.text) : x.dates.map(() => ""),
    filter: (_, s) => s,
  })
  const y = top(most(p.sales, p.demand, p.line, p.high.map(v => v === null ? null : v * 0.94)))
  const values = (show, step, max) => ({
    stroke: c.ink3, font: x.font, size: 52, gap: 6, ticks: { show: false },
    grid: { stroke: c.line, width: 1 },
    splits: () => Array.from({ length: Math.round(max / step) + 1 }, (_, i) => i * step),
    values: (_, s) => s.map(axis), filter: (_, s) => s, show,
  })
  const bar = uPlot.paths.bars({ size: [0.72, 26] })
  const upper = new uPlot({
    ...common, height: height - heatHeight, padding: [32, 44, p.hasHeat ? 10 : 0, 0],
    scales: { ...common.scales, y: { range: () => [0, y.max] } },
    series: [
      {},
      { paths: bar, fill: c.sales, width: 0, points: { show: false } },
      { stroke: "transparent", width: 0, points: { show: false } },
      { stroke: "transparent", width: 0, points: { show: false } },
      {
        stroke: c.forecast, width: 2.25, spanGaps: false,
        points: { show: p.days.length < 160 && p.step > 1, size: 5, fill: c.forecast, stroke: c.forecast },
      },
    ],
    bands: [{ series: [3, 2], fill: c.band }],
    axes: [dates(!p.hasHeat), values(true, y.step, y.max)],
    hooks: {
      drawClear: [u => paint.ground(u, p, c)],
      draw: [u => paint.upper(u, p, c)],
      setCursor: [u => hint(u, p, el)],
    },
  }, [p.days, p.sales, p.low, p.high, p.line], el)
  const charts = [upper]
  key.sub(upper)
  if (p.hasHeat) {
    const h = top(most(p.heat))
    const lower = new uPlot({
      ...common, height: heatHeight, padding: [20, 0, 0, 52],
      scales: { ...common.scales, y: { range: () => [0, h.max] } },
      series: [{}, { stroke: c.heat, width: 1.5, fill: c.heat + "29", points: { show: false } }],
      axes: [dates(true), {
        ...values(true, h.max, h.max), side: 1, stroke: c.heatInk, size: 44,
      }],
      hooks: { draw: [u => paint.lower(u, p, c)] },
    }, [p.days, p.heat], el)
    charts.push(lower)
    key.sub(lower)
  }
  return { destroy: () => charts.forEach(u => { key.unsub(u); u.destroy() }) }
}

// hint says the numbers under the cursor, beside it.
function hint(u, p, el) {
  let box = el.querySelector(".mk-hint")
  const i = u.cursor.idx
  if (i === null || i === undefined || u.cursor.left < 0) return box?.remove()
  if (!box) {
    box = document.createElement("div")
    box.className = "mk-hint"
    el.append(box)
  }
  const n = (v, unit) => v === null || v === undefined ? null : group(Math.round(v)) + (unit ? " " + unit : "")
  const rows = [
    [p.words.sales, n(p.sales[i], p.unit)], [p.words.restored, n(p.demand[i], p.unit)],
    [p.words.forecast, n(p.mean[i], p.unit)],
    [p.words.band, p.p10[i] === null ? null : `${n(p.p10[i])}–${n(p.p90[i])}`], [p.words.heat, n(p.heat[i])],
  ].filter(r => r[1] !== null)
  box.replaceChildren()
  const head = document.createElement("b")
  head.textContent = whole(p.days[i])
  box.append(head)
  for (const [name, value] of rows) {
    const line = document.createElement("div")
    const a = document.createElement("span")
    const b = document.createElement("span")
    a.textContent = name
    b.textContent = value
    line.append(a, b)
    box.append(line)
  }
  const left = 52 + u.cursor.left
  box.style.left = Math.max(4, left > el.clientWidth / 2 ? left - box.offsetWidth - 14 : left + 14) + "px"
}

// "Show as table" turns the drawing into its numbers and back.
document.addEventListener("click", e => {
  const button = e.target.closest?.("[data-mk-table]")
  if (!button) return
  const el = document.getElementById(button.dataset.mkTable)
  const table = document.getElementById(button.dataset.mkTable + "-table")
  const show = table.hidden
  if (show) fillTable(table, prepare(JSON.parse(document.getElementById(el.id + "-data").textContent)), { whole, monthDay })
  table.hidden = !show
  el.hidden = show
  button.setAttribute("aria-pressed", String(show))
  button.querySelector("span").textContent = show ? words.chart : words.table
})
