// How goods, lots and ways are shown, on every screen.
import { html } from "./dom.js"
import { t } from "./words.js"

const pictures = [[/milk|formula|奶/, "milk"], [/diaper|nappy|nappies|尿/, "baby-carriage"], [/bottle|feed|奶瓶/, "baby-bottle"], [/toy|玩/, "lego"], [/food|snack|辅食/, "soup"], [/wash|bath|care|洗/, "droplet"], [/cloth|wear|服/, "shirt"]]

// picture gives the icon of a category.
export function picture(goods) {
  const c = (goods.category || "").toLowerCase() + " " + goods.name.zh + " " + goods.name.en.toLowerCase()
  const hit = pictures.find(([re]) => re.test(c))
  return hit ? hit[1] : "package"
}

// lotText sets the last four of a lot larger: that is how they are read.
export function lotText(lot) { return html`${lot.slice(0, -4)}<b>${lot.slice(-4)}</b>` }

// walk says where a bin is: from the bin before, in the same aisle, or by itself.
export function walk(spot, from) {
  if (!spot || !spot.known || !spot.bay) return spot && spot.zone ? t("walk.zone", { Zone: spot.zone }) : t("walk.label")
  const level = spot.level <= 1 ? t("walk.bottom") : t("walk.level", { Level: spot.level })
  if (from && from.known && from.zone === spot.zone && from.aisle === spot.aisle) {
    const d = spot.bay - from.bay
    if (d === 0) return t("walk.same") + t("walk.comma") + level
    return t(d > 0 ? "walk.on" : "walk.back", { Count: Math.abs(d) }) + t("walk.comma") + level
  }
  return t(spot.side === 1 ? "walk.right" : "walk.left", { Bay: String(spot.bay) }) + t("walk.comma") + level
}

export { today } from "./words.js"
