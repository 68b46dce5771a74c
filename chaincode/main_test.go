package main

import (
	"io"
	"log"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	// Refusals are logged; the tests look at them themselves.
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}
