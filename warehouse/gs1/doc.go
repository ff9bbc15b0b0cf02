// Package gs1 reads what barcode scanners send and people type of GS1 codes, and writes them for labels: GTINs of every length,
// SSCCs, and strings of elements, each an Application Identifier (AI) with its data, checked against the whole syntax
// dictionary of GS1.
//
// Handhelds differ. Some send the symbology identifier ("]C1", "]d2", "]Q3", "]E0"), some do not; some lose the group separator
// (U+001D, GS) behind elements of variable length, or send another character for it; some add CR, LF or Tab; an input method
// left in Chinese makes full-width digits. Parse mends what has one meaning and refuses the rest with an *Error that says what
// is wrong and where.
//
// Source throughout: GS1 General Specifications and GS1 Barcode Syntax Dictionary.
package gs1
