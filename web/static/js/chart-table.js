// The demand chart's numbers as a table, newest first where the reader is: around today.
import { group } from "./page.js"

export function fillTable(box, p, { whole }) {
  const cols = [[p.words.period, "days"], [p.words.sales, "sales"], [p.words.restored, "demand"],
    [p.words.forecast, "mean"], [p.words.low, "p10"], [p.words.high, "p90"], [p.words.heat, "heat"]]
    .filter(([, key]) => p[key].some(v => v !== null))
  const table = document.createElement("table")
  table.className = "mk-table"
  const head = table.createTHead().insertRow()
  for (const [name, key] of cols) cell(head, "th", name, key)
  if (p.events.length) cell(head, "th", p.words.events, "days")
  const body = table.createTBody()
  for (let i = p.days.length - 1; i >= 0; i--) {
    const row = body.insertRow()
    for (const [, key] of cols) {
      const v = p[key][i]
      cell(row, "td", key === "days" ? whole(v) : v === null ? "–" : group(Math.round(v)), key)
    }
    if (p.events.length) {
      const on = p.events.filter(e => e.day >= p.days[i] && e.day < p.days[i] + p.step)
      cell(row, "td", on.map(e => e.name).join(" · "), "days")
    }
  }
  box.replaceChildren(table)
}

function cell(row, tag, content, key) {
  const el = document.createElement(tag)
  if (tag === "th") el.scope = "col"
  if (key !== "days") el.className = "mk-num"
  el.textContent = content
  row.append(el)
}
