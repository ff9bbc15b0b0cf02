// The bar of the selected rows: counts, sums pieces and money, and rises and goes with the selection.
//
//   form[data-mk-bulk]            the bar; checkboxes belong to it by their form attribute
//   input[data-mk-all="form-id"]  selects all
//   [data-mk-count="rows|pieces|fen"][data-one][data-other]   texts with {n}
import { group } from "./page.js"

const boxes = form => [...form.elements].filter(el => el.type === "checkbox" && el.name)

function sum(list, key) {
  return list.reduce((total, el) => total + Number(el.dataset[key] || 0), 0)
}

function refresh(form) {
  const every = boxes(form).filter(el => !el.disabled)
  const picked = every.filter(el => el.checked)
  const numbers = { rows: picked.length, pieces: sum(picked, "pieces"), fen: Math.round(sum(picked, "fen") / 100) }
  for (const el of form.querySelectorAll("[data-mk-count]")) {
    const n = numbers[el.dataset.mkCount]
    const text = (n === 1 ? el.dataset.one : el.dataset.other).replace("{n}", group(n))
    el.textContent = el.dataset.mkCount === "fen" ? "¥" + text : text
  }
  form.hidden = picked.length === 0
  for (const head of document.querySelectorAll(`[data-mk-all="${form.id}"]`)) {
    head.checked = every.length > 0 && picked.length === every.length
    head.indeterminate = picked.length > 0 && picked.length < every.length
  }
}

const refreshAll = () => document.querySelectorAll("form[data-mk-bulk]").forEach(refresh)

document.addEventListener("change", e => {
  const whole = e.target.dataset?.mkAll
  if (whole) {
    const form = document.getElementById(whole)
    for (const el of boxes(form)) if (!el.disabled) el.checked = e.target.checked
    refresh(form)
  } else if (e.target.form?.matches("[data-mk-bulk]")) refresh(e.target.form)
})
document.addEventListener("htmx:afterSettle", refreshAll)
window.addEventListener("pageshow", refreshAll)
refreshAll()
