package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	iconName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	rootTag  = regexp.MustCompile(`(?s)<svg\b.*?>`)
	// canvas is the invisible square that every icon of Tabler begins with.
	canvas = regexp.MustCompile(`<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>`)
	blanks = regexp.MustCompile(`>\s+<`)
)

// sprite makes one SVG file of the icons that the list names, one name a
// line; an icon's symbol has its name as id. The drawing attributes of the
// icon's root are left out, so that the page's style decides stroke and fill.
func sprite(list []byte, dir string) ([]byte, error) {
	names, err := iconNames(list)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	var faults []error
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		if err != nil {
			faults = append(faults, fmt.Errorf("web/static/icons.txt names %q, which is no outline icon of Tabler", name))
			continue
		}
		shapes, err := shapes(string(text))
		if err != nil {
			faults = append(faults, fmt.Errorf("icon %s: %w", name, err))
			continue
		}
		fmt.Fprintf(&out, "<symbol id=%q viewBox=\"0 0 24 24\">%s</symbol>\n", name, shapes)
	}
	out.WriteString("</svg>\n")
	return out.Bytes(), errors.Join(faults...)
}

// iconNames reads the list, sorted and without doubles. # begins a remark.
func iconNames(list []byte) ([]string, error) {
	var names []string
	for i, line := range strings.Split(string(list), "\n") {
		line, _, _ = strings.Cut(line, "#")
		name := strings.TrimSpace(line)
		if name == "" {
			continue
		}
		if !iconName.MatchString(name) {
			return nil, fmt.Errorf("web/static/icons.txt, line %d: %q is not one icon's name", i+1, name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// shapes returns what an icon draws.
func shapes(svg string) (string, error) {
	open := rootTag.FindString(svg)
	_, inner, _ := strings.Cut(svg, open)
	inner, _, closed := strings.Cut(inner, "</svg>")
	if open == "" || !closed || !strings.Contains(open, `viewBox="0 0 24 24"`) {
		return "", errors.New("not an icon on a canvas of 24 by 24")
	}
	inner = blanks.ReplaceAllString(strings.TrimSpace(inner), "><")
	inner = canvas.ReplaceAllString(inner, "")
	return strings.ReplaceAll(inner, " />", "/>"), nil
}
