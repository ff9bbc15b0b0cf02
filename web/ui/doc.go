// Package ui is the kit the screens are written with: layout, components, words in Chinese and English,
// and the way numbers, money and dates are written.
//
// Everything a page needs to know about its reader (language, theme, zone, today) travels in a View on the
// context, put there once by the HTTP shell; components take a context and never a language.
package ui
