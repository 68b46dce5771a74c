package main

import (
	"fmt"
	"strconv"
	"strings"
)

const markerVersion = "archive-ledger batch v1"

// checkMarker holds the batch's first leaf to what the channel's state says: docs/formats.md section 6.
func checkMarker(b batch, previous *anchor) error {
	digest, time, transaction := "-", "-", "-"
	if previous != nil {
		digest, time, transaction = previous.digest(), previous.time, previous.transaction
	}
	lines := strings.Split(b.marker, "\n")
	if len(lines) != 8 || lines[0] != markerVersion || lines[7] != "" {
		return refuse(codeMarkerForm, "marker", "7 lines, the first "+markerVersion, fmt.Sprintf("%d lines, the first %s", len(lines)-1, lines[0]))
	}
	for i, line := range []struct {
		wrong    code
		expected string
	}{
		{codeMarkerIndex, strconv.FormatInt(b.size, 10)},
		{codeMarkerLedger, b.ledger},
		{codeMarkerNumber, strconv.FormatInt(b.number, 10)},
		{codeMarkerDigest, digest},
		{codeMarkerTime, time},
		{codeMarkerTransaction, transaction},
	} {
		if found := lines[i+1]; found != line.expected {
			return refuse(line.wrong, fmt.Sprintf("marker line %d", i+2), line.expected, found)
		}
	}
	return nil
}
