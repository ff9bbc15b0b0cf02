// Package importer takes sheets into the house: upload → check → preview → decision → import, for every kind of sheet that a
// domain has declared.
//
// An upload is stored as it is and checked in a job: every row is read and looked up, and the page shows which rows would
// go in, what was mended in them, which are wrong and why. Nothing goes in by itself. The import is a second job, one
// transaction for all good rows: it reads the file again, and if the catalog has changed so that other rows are good now
// than the user has seen, nothing goes in and the new state is shown. The same file can be uploaded and imported again:
// what is there already does not change.
//
// A domain declares a Kind with Define: the columns, a Reader that turns rows into records and looks up in batches what
// they name, and the function that stores the records in the transaction of the import. Memory does not depend on the
// size of the file, but for 25 bytes a row where a kind refuses repeated rows.
package importer
