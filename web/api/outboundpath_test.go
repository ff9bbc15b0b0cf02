package api

import (
	"reflect"
	"testing"
)

// The library does not look into embedded structs that are not exported: their path parameters would stay empty.
func TestPathParametersAreFieldsOfTheirOwn(t *testing.T) {
	for _, in := range []any{outboundIn{}, changeIn{}, reasonIn{}} {
		for _, name := range []string{"Channel", "Number"} {
			f, ok := reflect.TypeOf(in).FieldByName(name)
			if !ok || len(f.Index) != 1 || f.Tag.Get("path") == "" {
				t.Errorf("%T: %s is not read from the path", in, name)
			}
		}
	}
}
