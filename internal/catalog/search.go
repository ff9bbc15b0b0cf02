package catalog

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Fold brings a text to the form in which names and codes are compared: half-width, lower case, without spaces or punctuation.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, width.Fold.String(s))
}

// SearchTerms gives the distinct pairs of neighbouring characters of the texts after Fold, sorted: what the search index
// of a thing holds, and what a query must be contained in. It serves Chinese and Latin alike without a dictionary.
// A text of one character gives that character.
func SearchTerms(texts ...string) []string {
	seen := map[string]struct{}{}
	for _, text := range texts {
		runes := []rune(Fold(text))
		for i := range runes {
			// Single characters are indexed too, so that a query of one character finds something.
			seen[string(runes[i])] = struct{}{}
			if i > 0 {
				seen[string(runes[i-1:i+1])] = struct{}{}
			}
		}
	}
	terms := make([]string, 0, len(seen))
	for t := range seen {
		terms = append(terms, t)
	}
	slices.Sort(terms)
	return terms
}

// QueryTerms gives the terms that a thing's SearchTerms must all contain to be found by the query: the pairs of each
// word of the query, or the character of a one-character word. Words are separated by white space.
func QueryTerms(query string) []string {
	seen := map[string]struct{}{}
	for _, word := range strings.Fields(query) {
		runes := []rune(Fold(word))
		if len(runes) == 1 {
			seen[string(runes)] = struct{}{}
		}
		for i := 1; i < len(runes); i++ {
			seen[string(runes[i-1:i+1])] = struct{}{}
		}
	}
	terms := make([]string, 0, len(seen))
	for t := range seen {
		terms = append(terms, t)
	}
	slices.Sort(terms)
	return terms
}
