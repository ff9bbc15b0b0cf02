// Package label draws the labels of a warehouse: parcels of 100×150 mm, bins of 60×40 and items of 40×30. A label is laid out
// once, in dots of an eighth of a millimetre (203 dpi), and written as ZPL II for label printers or as SVG for a browser.
//
// Sources: ZPL II Programming Guide (Zebra); GS1 General Specifications for GS1-128 and GS1 DataMatrix; quiet zones are ten
// modules for linear codes.
package label
