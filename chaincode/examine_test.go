package main

import (
	"fmt"
	"sync/atomic"
	"testing"
)

func (s *scene) known(t testing.TB) known {
	t.Helper()
	previous, err := parseAnchor(s.history.anchor, "anchor")
	if err != nil {
		t.Fatal(err)
	}
	l, err := parseLedger(s.argument, s.state["ledger/"+s.argument])
	if err != nil {
		t.Fatal(err)
	}
	return known{s.contract().policy, l, &previous, transactionID + "02", secondTime}
}

// What one changed byte may still pass for is another batch: the ledger's word on times and on links into older
// batches. It never leads to the same anchor.
func TestNoChangedByteLeadsToTheSameAnchor(t *testing.T) {
	s := newScene(t)
	st, batch := s.transaction()
	text, k := string(st.transient["batch"]), s.known(t)
	expected := batch.anchorOf(s.history, k.transaction, k.time)
	var passed atomic.Int64
	err := inParallel(len(text), func(i int) error {
		changed := text[:i] + string(text[i]^1) + text[i+1:]
		a, err := examine(changed, k)
		if err != nil {
			return nil
		}
		passed.Add(1)
		if a.encode() == expected {
			return fmt.Errorf("byte %d: %q for %q", i, changed[i], text[i])
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if passed.Load() == 0 {
		t.Error("no change passed at all: the batch was refused for another reason")
	}
}

func FuzzStatement(f *testing.F) {
	for _, a := range secondActs(testConsortium()) {
		f.Add(canonical(a.claims))
	}
	f.Fuzz(func(t *testing.T, payload string) {
		s, err := readPayload(payload, "payload")
		if err == nil && (!isUUID(s.agent) || !isUUID(s.jti) || len(trailsOfStatement(s)) == 0) {
			t.Errorf("%q reads as %v", payload, s)
		}
	})
}
