package main

import (
	"testing"
	"time"
)

// recorded sets the acts' times, in order; the last of three stands for all that follow.
func recorded(times ...string) func(*scene) {
	return func(s *scene) {
		for i, act := range s.acts {
			if i < len(times) {
				act.recordedAt = times[i]
			} else if len(times) == 3 {
				act.recordedAt = times[2]
			}
		}
	}
}

var timeFaults = []fault{
	{"back in the batch", codeTimeOrder, recorded("2025-01-12T09:10:00.001Z", "2025-01-12T09:10:00.000Z", "2025-01-12T09:10:00.002Z")},
	{"before the log's last entry", codeTimeLog, recorded("2025-01-12T08:58:59.999Z")},
	{"before the marker's anchor", codeTimeMarker, recorded("2025-01-12T09:00:00.122Z")},
	{"after the transaction", codeTimeTransaction, recorded("2025-01-12T09:10:00.000Z", "2025-01-12T09:10:00.000Z", "2025-01-12T09:30:00.457Z")},
	{"transaction before the last anchor", codeAnchorTime, func(s *scene) {
		s.acts = nil
		s.time = at(firstTime).Add(-time.Millisecond)
		s.now = s.time
	}},
}

func TestTimeFaults(t *testing.T) { runFaults(t, timeFaults) }

func TestTimesMayBeEqual(t *testing.T) {
	s := newScene(t)
	recorded(firstTime, firstTime, secondTime)(s)
	// What is below a millisecond is cut from the transaction's time.
	s.time = s.time.Add(999 * time.Microsecond)
	st, batch := s.transaction()
	answer, err := s.contract().Anchor(contextOf(st), s.argument)
	if expected := batch.anchorOf(s.history, st.txid, secondTime); err != nil || answer != expected {
		t.Errorf("expected %s, found %s, %v", expected, answer, err)
	}
}

func TestDates(t *testing.T) {
	for text, expected := range map[string]bool{
		"1998": true, "1998-09": true, "1998-09-30": true, "2024-02-29": true, "0001": true,
		"1998-09-30T00:00:00Z": true, "1998-09-30T23:59:59+08:00": true, "1998-09-30T23:59:59-23:59": true,
		"": false, "98": false, "0000": false, "1998-9": false, "1998-13": false, "1998-00": false, "1998-09-31": false, "2023-02-29": false,
		"1998-09-30T24:00:00Z": false, "1998-09-30T00:60:00Z": false, "1998-09-30T00:00:60Z": false, "1998-09-30T00:00:00": false,
		"1998-09-30T00:00:00z": false, "1998-09-30 00:00:00Z": false, "1998-09-30T00:00:00+24:00": false, "1998-09-30T00:00:00+08:60": false,
		"1998-09-30T00:00:00+8:00": false, "1998-09-30T00:00:00.5Z": false, "1998/1999": false, "１９９８": false, "1998 ": false,
	} {
		if isDate(text) != expected {
			t.Errorf("date %q: expected %v", text, expected)
		}
	}
	for text, expected := range map[string]bool{
		"1998": true, "1998/1999-01": true, "1999/1998": true, "/1998": false, "1998/": false, "1998/1999/2000": false,
	} {
		if isSpan(text) != expected {
			t.Errorf("span %q: expected %v", text, expected)
		}
	}
	for text, expected := range map[string]bool{
		"2025-01-12T09:30:00.123Z": true, "2025-01-12T09:30:00.123z": false, "2025-01-12T09:30:00Z": false, "2025-01-12T09:30:00.1234Z": false,
		"2025-01-12T09:30:00,123Z": false, "2025-02-29T09:30:00.123Z": false, "0000-01-12T09:30:00.123Z": false, "2025-01-12T24:00:00.000Z": false,
	} {
		if isInstant(text) != expected {
			t.Errorf("instant %q: expected %v", text, expected)
		}
	}
}
