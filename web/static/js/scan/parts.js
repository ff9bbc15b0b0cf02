// The kinds of work. A part is a script that exports {kind, icon, menu, bar, view, scan, press, apply, decide}: see pick.js.
import pick from "./pick.js"
import pack from "./pack.js"
import handover from "./handover.js"
import receive from "./receive.js"
import inspect from "./inspect.js"
import putaway from "./putaway.js"
import count from "./count.js"
import refill from "./refill.js"
import move from "./move.js"
import returns from "./returns.js"

export const parts = { pick, pack, handover, receive, inspect, putaway, count, refill, move, returns }
