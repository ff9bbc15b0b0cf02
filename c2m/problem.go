package c2m

import (
	"milkrun/internal/catalog"
)

// Problem is one thing wrong with what a supplier sent, said so that the supplier can mend it.
type Problem struct {
	// Row is the index of the entry it concerns, from 0, in the list that was checked; -1 for the whole document.
	Row    int
	Field  string // key of the field, "" for the row
	Reason catalog.Name
	Remedy catalog.Name
}

func words(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
