// The map of rounds: a canvas drawn from our own geometry, which needs neither tiles nor the network; pictures of a map below it only
// where the house has set their server. Rings tell the distance
// from the warehouse; the picked round is thick and numbered, the others are thin.
//
// <canvas data-mk-map="…JSON as the pages of rounds write it…" id="x">: an attribute, because scripts do not outlive an exchange of parts.
// Parcels of rounds that have not left (data-mk-parcel) are dragged onto riders (data-mk-rider): the price shows under the
// pointer before letting go.
import { onContent, all } from "./page.js"

const view = new Map() // by canvas id: what the reader has zoomed and moved to, kept while parts are exchanged

// paintOf gives a colour that the page names, as the theme has it.
const paintOf = colour => colour.startsWith("var(") ? css(colour.slice(4, -1)) : colour

const css = name => getComputedStyle(document.body).getPropertyValue(name).trim()

function start(canvas) {
  if (canvas.dataset.mkDrawn) return
  canvas.dataset.mkDrawn = "yes"
  const data = JSON.parse(canvas.dataset.mkMap)
  const flat = project(data.site)
  const state = view.get(canvas.id + data.site.name) || { scale: 0, x: 0, y: 0 }
  view.set(canvas.id + data.site.name, state)
  const again = () => paint(canvas, data, flat, state, again)
  if (!state.scale) fit(canvas, data, flat, state)
  new ResizeObserver(() => {
    if (!canvas.isConnected) return
    if (!state.moved) fit(canvas, data, flat, state)
    again()
  }).observe(canvas)
  document.addEventListener("mk:theme", () => canvas.isConnected && again())
  for (const b of canvas.parentElement.querySelectorAll("[data-mk-zoom]")) {
    b.addEventListener("click", () => {
      if (b.dataset.mkZoom === "fit") {
        fit(canvas, data, flat, state)
        state.moved = false
      } else zoom(canvas, state, b.dataset.mkZoom === "in" ? 1.4 : 1 / 1.4, canvas.clientWidth / 2, canvas.clientHeight / 2)
      again()
    })
  }
  canvas.addEventListener("wheel", e => {
    e.preventDefault()
    zoom(canvas, state, e.deltaY < 0 ? 1.15 : 1 / 1.15, e.offsetX, e.offsetY)
    again()
  }, { passive: false })
  drag(canvas, state, again)
}

// project lays degrees flat around the warehouse, in metres east and south of it.
const project = site => p => ({
  x: (p.lon - site.lon) * 111195 * Math.cos(site.lat * Math.PI / 180),
  y: (site.lat - p.lat) * 111195,
})

function points(data) {
  return [...data.rounds.flatMap(r => r.stops), ...data.waiting]
}

// least is how many metres the map shows at least, from side to side.
const least = 1600

// fit shows the warehouse and every stop in what the card of the picked round leaves free.
function fit(canvas, data, flat, state) {
  const all = [{ x: 0, y: 0 }, ...points(data).map(flat)]
  const [left, right, top, bottom] = [Math.min(...all.map(q => q.x)), Math.max(...all.map(q => q.x)), Math.min(...all.map(q => q.y)), Math.max(...all.map(q => q.y))]
  const card = canvas.parentElement.querySelector(".mk-round-card"), covered = card ? canvas.clientWidth - card.offsetLeft : 0
  const w = canvas.clientWidth - (covered < canvas.clientWidth / 2 ? covered : 0), h = canvas.clientHeight
  state.scale = Math.min((w - 96) / Math.max(least, right - left), (h - 96) / Math.max(least, bottom - top))
  state.x = w / 2 - (left + right) / 2 * state.scale
  state.y = h / 2 - (top + bottom) / 2 * state.scale
}

function zoom(canvas, state, by, x, y) {
  state.moved = true
  state.x = x + (state.x - x) * by
  state.y = y + (state.y - y) * by
  state.scale *= by
}

function drag(canvas, state, again) {
  let from = null
  canvas.addEventListener("pointerdown", e => {
    from = { x: e.clientX - state.x, y: e.clientY - state.y }
    canvas.setPointerCapture(e.pointerId)
  })
  canvas.addEventListener("pointermove", e => {
    if (!from) return
    state.moved = true
    state.x = e.clientX - from.x
    state.y = e.clientY - from.y
    again()
  })
  canvas.addEventListener("pointerup", () => { from = null })
}

function paint(canvas, data, flat, state, again) {
  const dense = window.devicePixelRatio || 1
  const w = canvas.clientWidth, h = canvas.clientHeight
  canvas.width = w * dense
  canvas.height = h * dense
  const g = canvas.getContext("2d")
  g.scale(dense, dense)
  const at = p => {
    const q = flat(p)
    return [state.x + q.x * state.scale, state.y + q.y * state.scale]
  }
  g.fillStyle = css("--mk-sunk") || "#f4f1ea"
  g.fillRect(0, 0, w, h)
  if (data.tiles) tiles(g, data, at, state, w, h, again)
  rings(g, state, w, h)
  for (const r of data.plan || []) line(g, [data.site, ...r.stops, data.site].map(at), paintOf(r.colour), 1.5, .5, [4, 5])
  for (const p of data.waiting) waiting(g, at(p), p.state === "late")
  const rounds = [...data.rounds].sort((a, b) => a.picked - b.picked)
  for (const r of rounds) round(g, { ...r, colour: paintOf(r.colour) }, data.site, at)
  house(g, at(data.site))
}

// Map pictures, where the house has set a server of them: those in sight at the depth that is nearest to the map's scale, pale below the
// rounds. Without the server the map is as it is without them.
const pictures = new Map()
const deepest = 19

function tiles(g, data, at, state, w, h, again) {
  const around = 40075016.7 * Math.cos(data.site.lat * Math.PI / 180)
  const z = Math.max(0, Math.min(deepest, Math.round(Math.log2(around * state.scale / 256))))
  const n = 2 ** z
  const column = lon => (lon + 180) / 360 * n
  const row = lat => (1 - Math.asinh(Math.tan(lat * Math.PI / 180)) / Math.PI) / 2 * n
  const lon = x => x / n * 360 - 180
  const lat = y => Math.atan(Math.sinh(Math.PI * (1 - 2 * y / n))) * 180 / Math.PI
  // What is in sight, in degrees.
  const degrees = (x, y) => ({ lon: data.site.lon + (x - state.x) / state.scale / (111195 * Math.cos(data.site.lat * Math.PI / 180)), lat: data.site.lat - (y - state.y) / state.scale / 111195 })
  const a = degrees(0, 0), b = degrees(w, h)
  g.save()
  g.globalAlpha = document.documentElement.dataset.bsTheme === "dark" || document.body.dataset.bsTheme === "dark" ? .3 : .6
  for (let x = Math.floor(column(a.lon)); x <= column(b.lon); x++) {
    for (let y = Math.max(0, Math.floor(row(a.lat))); y <= Math.min(n - 1, row(b.lat)); y++) {
      const p = picture(data.tiles, z, ((x % n) + n) % n, y, again)
      if (!p) continue
      const [left, top] = at({ lon: lon(x), lat: lat(y) }), [right, bottom] = at({ lon: lon(x + 1), lat: lat(y + 1) })
      g.drawImage(p, left, top, right - left + .5, bottom - top + .5)
    }
  }
  g.restore()
}

// picture gives a tile that is here; one that is not is asked for once, and drawn when it comes.
function picture(address, z, x, y, again) {
  const url = address.replace("{z}", z).replace("{x}", x).replace("{y}", y)
  if (!pictures.has(url)) {
    if (pictures.size > 600) pictures.clear()
    const i = new Image()
    i.referrerPolicy = "strict-origin-when-cross-origin"
    pictures.set(url, null)
    i.onload = () => { pictures.set(url, i); again() }
    i.src = url
  }
  return pictures.get(url)
}

function rings(g, state, w, h) {
  g.strokeStyle = css("--mk-line-2") || "#d5cec1"
  g.fillStyle = css("--mk-ink-3") || "#606975"
  g.font = "12px " + css("--mk-font")
  const step = [250, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000].find(m => m * state.scale > 70) || 200000
  for (let m = step; m * state.scale < Math.max(w, h); m += step) {
    g.lineWidth = 1
    g.setLineDash([2, 5])
    g.beginPath()
    g.arc(state.x, state.y, m * state.scale, 0, 2 * Math.PI)
    g.stroke()
    g.setLineDash([])
    g.textAlign = "center"
    g.fillText(m < 1000 ? m + " m" : m / 1000 + " km", state.x, state.y - m * state.scale - 4)
  }
}

function line(g, way, colour, width, alpha, dash = []) {
  g.save()
  g.globalAlpha = alpha
  g.strokeStyle = colour
  g.lineWidth = width
  g.lineJoin = "round"
  g.setLineDash(dash)
  g.beginPath()
  way.forEach(([x, y], i) => i ? g.lineTo(x, y) : g.moveTo(x, y))
  g.stroke()
  g.restore()
}

function round(g, r, site, at) {
  const way = [site, ...r.stops, site].map(at)
  const been = r.stops.filter(s => s.state && s.state !== "late").length
  if (r.picked) {
    line(g, way, css("--mk-sunk"), 9, 1)
    line(g, way.slice(0, been + 1), r.colour, 5, .35)
    line(g, way.slice(been), r.colour, 5, 1)
  } else {
    line(g, way, r.colour, 2.5, .6)
  }
  r.stops.forEach((s, i) => r.picked ? numbered(g, at(s), i + 1, s.state, r.colour) : dot(g, at(s), s.state, r.colour))
  if (r.rider) rider(g, at(r.rider), r.colour)
}

function dot(g, [x, y], state, colour) {
  g.beginPath()
  g.arc(x, y, 4.5, 0, 2 * Math.PI)
  g.fillStyle = state && state !== "late" ? colour : css("--mk-surface") || "#fff"
  g.fill()
  g.lineWidth = 2
  g.strokeStyle = state === "late" ? css("--mk-risk") : colour
  g.stroke()
}

function numbered(g, [x, y], n, state, colour) {
  const done = state && state !== "late"
  const late = state === "late" || state === "failed"
  g.beginPath()
  g.arc(x, y, 13, 0, 2 * Math.PI)
  g.fillStyle = done ? colour : css("--mk-surface") || "#fff"
  g.fill()
  g.lineWidth = 3
  g.strokeStyle = late ? css("--mk-risk") : colour
  g.stroke()
  g.fillStyle = done ? css("--mk-on-round") : late ? css("--mk-risk-ink") : colour
  g.font = "700 13px " + css("--mk-font")
  g.textAlign = "center"
  g.textBaseline = "middle"
  g.fillText(n, x, y + .5)
  g.textBaseline = "alphabetic"
}

function rider(g, [x, y], colour) {
  g.save()
  g.globalAlpha = .2
  g.fillStyle = colour
  g.beginPath()
  g.arc(x, y, 22, 0, 2 * Math.PI)
  g.fill()
  g.restore()
  g.fillStyle = colour
  g.strokeStyle = "#fff"
  g.lineWidth = 3
  g.beginPath()
  g.arc(x, y, 9, 0, 2 * Math.PI)
  g.fill()
  g.stroke()
}

function waiting(g, [x, y], urgent) {
  g.strokeStyle = urgent ? css("--mk-risk") : css("--mk-ink-2")
  g.fillStyle = css("--mk-surface") || "#fff"
  g.lineWidth = 2
  g.beginPath()
  g.rect(x - 4.5, y - 4.5, 9, 9)
  g.fill()
  g.stroke()
}

function house(g, [x, y]) {
  g.fillStyle = css("--mk-ink") || "#1c2430"
  g.strokeStyle = css("--mk-surface") || "#fff"
  g.lineWidth = 3
  g.beginPath()
  g.moveTo(x - 17, y + 15)
  g.lineTo(x - 17, y - 6)
  g.lineTo(x, y - 17)
  g.lineTo(x + 17, y - 6)
  g.lineTo(x + 17, y + 15)
  g.closePath()
  g.fill()
  g.stroke()
}

// carry lets a parcel be dragged onto a rider: what it would cost is asked once a rider and shown beside the pointer.
function carry(el) {
  if (el.dataset.mkCarried) return
  el.dataset.mkCarried = "yes"
  el.addEventListener("dragstart", e => {
    e.dataTransfer.setData("text/plain", el.dataset.mkParcel)
    e.dataTransfer.effectAllowed = "move"
    const known = new Map()
    const label = document.createElement("div")
    label.className = "mk-drag-price"
    label.setAttribute("role", "status")
    document.body.append(label)
    const over = async e => {
      const row = e.target.closest?.("[data-mk-rider]")
      label.hidden = !row
      if (!row) return
      e.preventDefault()
      label.style.left = e.clientX + 14 + "px"
      label.style.top = e.clientY + 10 + "px"
      const rider = row.dataset.mkRider
      if (!known.has(rider)) {
        known.set(rider, null)
        const res = await fetch(`/rounds/price/${el.dataset.mkParcel}/${rider}`)
        known.set(rider, res.ok ? await res.json() : { ok: false, text: "–" })
      }
      const price = known.get(rider)
      label.textContent = price ? price.text : "…"
      label.classList.toggle("is-no", !!price && !price.ok)
    }
    const drop = async e => {
      const row = e.target.closest?.("[data-mk-rider]")
      if (!row) return
      e.preventDefault()
      if (known.get(row.dataset.mkRider)?.ok === false) return
      const site = new URLSearchParams(location.search).get("site") || ""
      const body = new URLSearchParams({ parcel: el.dataset.mkParcel, rider: row.dataset.mkRider, site })
      const res = await fetch("/rounds/move", { method: "POST", body })
      location.assign(res.redirected ? res.url : location.href)
    }
    const end = () => {
      label.remove()
      document.removeEventListener("dragover", over)
      document.removeEventListener("drop", drop)
      el.removeEventListener("dragend", end)
    }
    document.addEventListener("dragover", over)
    document.addEventListener("drop", drop)
    el.addEventListener("dragend", end)
  })
}

onContent(root => {
  for (const el of all(root, "[data-mk-map]")) start(el)
  for (const el of all(root, "[data-mk-parcel]")) carry(el)
})
