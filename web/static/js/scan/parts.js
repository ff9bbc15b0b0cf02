// The kinds of work. A part is a script that exports {kind, icon, menu, bar, view, scan, press, apply, decide}: see pick.js.
import pick from "./pick.js"
import pack from "./pack.js"
import handover from "./handover.js"

export const parts = { pick, pack, handover }
