package statementops

import "milkrun/c2m/statementdb"

// The rows that pages show, by the names under which they know them.
type (
	Brief = statementdb.Brief
	Count = statementdb.Count
)
