package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// systemClock of a test's build, which puts this file in the place of system_clock.go: a clock that is wrong by
// what the file `clock` beside the organisation's replica says, such as 10m or -10m. Without the file it is right.
func systemClock() time.Time {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(os.Getenv("ARCHIVE_REPLICA")), "clock"))
	if os.IsNotExist(err) {
		return time.Now()
	}
	wrong, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		panic(err)
	}
	return time.Now().Add(wrong)
}
