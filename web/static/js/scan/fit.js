// May goods go to a bin? A bin that was advised may; of any other the server is asked, while there is a network.
import { t, name, say } from "./words.js"

// fits gives null where goods may go to the bin, or cannot be asked about; else the answer that blocks the screen. force makes
// the outcome of a worker who sees that the pieces fit all the same, less that of one who brings fewer.
export async function fits(m, g, bin, pieces, store, force, less) {
  const q = new URLSearchParams({ from: g.from, sku: String(g.goods.id), lot: g.lot, owner: g.owner, status: g.status, pieces: String(pieces), to: bin, store: store ? "1" : "0" })
  const got = await m.app.get(`/scan/task/putaway/${encodeURIComponent("fit~" + q)}?site=${m.me.site.id}`)
  if (!got || !got.refusal) return null
  const r = got.refusal, room = r.code === "bin_no_room"
  const some = room && r.next && r.next.args && r.next.args.Fits > 0 && less ? r.next.args.Fits : 0
  const choices = room ? [{ do: "force", label: t("putaway.force") }].concat(some ? [{ do: "less", label: t("putaway.less", { Pieces: some }) }] : [], [{ do: "close", label: t("close") }]) : null
  return { wrong: { fault: r.code, head: say(r.text), text: say(r.next), scanned: r.scanned || bin, wanted: r.wanted, scannedNote: r.scanned_note || name(g.goods.name), wantedNote: r.wanted_note, choices,
    press: press => press === "force" ? force() : press === "less" ? less(some) : null } }
}
