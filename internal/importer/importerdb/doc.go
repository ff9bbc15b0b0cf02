// Package importerdb holds the SQL of imports: uploads, the pieces of their files, the rows of their previews.
package importerdb
