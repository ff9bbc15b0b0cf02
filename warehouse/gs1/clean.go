package gs1

import "strings"

// Words that scanners and drivers write for the group separator where they cannot send it.
var separatorWords = strings.NewReplacer("{GS}", GS, "<GS>", GS, "[GS]", GS, "␝", GS, `\x1d`, GS, `\x1D`, GS, `\u001d`, GS, `\u001D`, GS,
	"\x1e", GS)

// clean takes off what frames a scan (CR, LF, Tab, STX, ETX, spaces, a closing separator), folds full-width characters and
// writes GS for the words that stand for it.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) >= 0 {
		s = strings.Map(half, s)
	}
	s = separatorWords.Replace(s)
	return strings.TrimRight(strings.Trim(s, "\r\n\t \x02\x03\x04\x00"), GS)
}

// half folds the full-width forms of ASCII that a Chinese input method makes.
func half(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}

// separated writes GS for the one character outside of the GS1 character sets that stands in its place. Two of them, or one
// beside real separators, are refused with ErrSeparator.
func separated(s string, base int) (string, error) {
	var other byte
	for i := range len(s) {
		c := s[i]
		// # belongs to the component identifier (8010) alone.
		if charsets[Text][c] || c == GS[0] || c == '#' && strings.Contains(s, "8010") {
			continue
		}
		switch {
		case c >= 0x80:
			return "", &Error{Fault: ErrCharacter, Value: s, At: base + i}
		case strings.Contains(s, GS), other != 0 && other != c:
			return "", &Error{Fault: ErrSeparator, Value: s, At: base + i}
		}
		other = c
	}
	if other != 0 {
		s = strings.ReplaceAll(s, string(other), GS)
	}
	return strings.TrimRight(s, GS), nil
}
