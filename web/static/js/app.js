// The console's and the portal's behaviour. Each module minds one thing; none needs another but page.js.
import "./errors.js"
import "./keys.js"
import "./menus.js"
import "./panel.js"
import "./search.js"
import "./bulk.js"
import "./live.js"
import "./drop.js"
import { onContent, all } from "./page.js"

// The chart library comes only with pages that draw.
onContent(root => {
  if (all(root, "[data-mk-chart]").length) import("./chart.js").then(m => m.draw(root))
})

// Notes of something done go after a while; what they say also stands in the row.
onContent(root => {
  for (const el of all(root, "[data-mk-fade]")) setTimeout(() => el.remove(), Number(el.dataset.mkFade))
})
