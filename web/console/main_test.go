package console_test

import (
	"os"
	"testing"

	"milkrun/internal/e2e"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}
