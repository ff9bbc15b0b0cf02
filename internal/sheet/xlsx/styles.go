package xlsx

import (
	"io"
	"strconv"
	"strings"

	"milkrun/internal/sheet/grid"
)

// styles holds, for every cell style, what its number format says about the value; nil for a plain one.
type styles []*grid.Format

func (s styles) of(index int) *grid.Format {
	if index < 0 || index >= len(s) {
		return nil
	}
	return s[index]
}

const maxStyles = 1 << 17 // Excel takes 65,490 cell formats

func (c *container) readStyles(name string) (styles, error) {
	p, err := c.scan(name)
	if p == nil || err != nil {
		return nil, err
	}
	defer p.Close()
	codes, parsed := map[int]string{}, map[int]*grid.Format{}
	var out styles
	inCells := false
	for {
		err := p.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, xmlFault(err)
		}
		switch {
		case p.is(startTag, "numFmt") && len(codes) < maxStyles:
			if id, err := strconv.Atoi(p.attr("numFmtId")); err == nil {
				codes[id] = p.attr("formatCode")
			}
		case p.is(startTag, "cellXfs"):
			inCells = true
		case p.is(endTag, "cellXfs"):
			inCells = false
		case inCells && p.is(startTag, "xf") && len(out) < maxStyles:
			id, _ := strconv.Atoi(p.attr("numFmtId"))
			f, ok := parsed[id]
			if !ok {
				f = numberFormat(id, codes[id])
				parsed[id] = f
			}
			out = append(out, f)
		}
	}
}

// numberFormat reads a format by its number and, where the file gives one, its code. The numbers below 164 are built in:
// ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are the dates of the Chinese, Japanese and Korean editions.
func numberFormat(id int, code string) *grid.Format {
	if code == "" {
		switch {
		case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
			return &grid.Format{Date: true}
		case id == 9 || id == 10:
			return &grid.Format{Percent: true}
		}
		return nil
	}
	return parseFormat(code)
}

// general is the word for "as it comes", whose letters are no date.
var general = strings.NewReplacer("General", "#", "general", "#", "GENERAL", "#", "G/通用格式", "#")

// parseFormat reads the positive section of a format code: letters of a date, a percent sign, zeros that pad an integer,
// literal text behind the digits.
func parseFormat(code string) *grid.Format {
	var f grid.Format
	var digits, unit strings.Builder
	if code == "@" || len(code) > 1024 {
		return nil
	}
	code = general.Replace(code)
	day, elapsed := false, false
	r := []rune(code)
scan:
	for i := 0; i < len(r); i++ {
		switch c := r[i]; c {
		case ';':
			break scan
		case '"':
			end := i + 1
			for end < len(r) && r[end] != '"' {
				end++
			}
			unit.WriteString(string(r[i+1 : end]))
			i = end
		case '\\', '!':
			if i+1 < len(r) {
				unit.WriteRune(r[i+1])
			}
			i++
		case '_', '*':
			i++
		case '[':
			end := i
			for end < len(r) && r[end] != ']' {
				end++
			}
			inner := strings.ToLower(string(r[i+1 : min(end, len(r))]))
			elapsed = elapsed || (inner != "" && (strings.Trim(inner, "h") == "" || strings.Trim(inner, "m") == "" || strings.Trim(inner, "s") == ""))
			i = end
		case 'y', 'Y', 'd', 'D', 'e', 'E', 'b', 'B':
			// E+ and E- are the exponent of a number.
			if (c == 'E' || c == 'e') && i+1 < len(r) && (r[i+1] == '+' || r[i+1] == '-') {
				digits.WriteString("E")
				i++
				continue
			}
			day = true
		case '%':
			f.Percent = true
		case '0', '#', '?', '.', ',':
			digits.WriteRune(c)
		default:
			if c > 127 {
				unit.WriteRune(c)
			}
		}
	}
	f.Date = day && !elapsed
	if f.Date {
		return &f
	}
	if d := digits.String(); len(d) > 1 && strings.Trim(d, "0") == "" {
		f.Digits = len(d)
	}
	f.Unit = strings.TrimSpace(unit.String())
	if f == (grid.Format{}) {
		return nil
	}
	return &f
}
