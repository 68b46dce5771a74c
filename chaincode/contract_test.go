package main

import (
	"maps"
	"slices"
	"testing"
	"time"
)

func TestAnchorWritesTheAnchorThatTheRulesGive(t *testing.T) {
	s := newScene(t)
	st, batch := s.transaction()
	answer, err := s.contract().Anchor(contextOf(st), s.argument)
	if err != nil {
		t.Fatal(err)
	}
	expected := batch.anchorOf(s.history, st.txid, secondTime)
	if answer != expected {
		t.Errorf("expected\n%s\nfound\n%s", expected, answer)
	}
	writes := map[string]string{"anchor/" + s.argument + "/1": expected, "head/" + s.argument: "1"}
	if !maps.Equal(st.writes, writes) {
		t.Errorf("expected the writes %v, found %v", writes, st.writes)
	}
	reads := []string{"ledger/" + s.argument, "head/" + s.argument, "anchor/" + s.argument + "/0"}
	if !slices.Equal(st.reads, reads) {
		t.Errorf("expected the reads %v, found %v", reads, st.reads)
	}
}

func TestFirstAndEmptyBatches(t *testing.T) {
	s := newScene(t)
	for _, acts := range [][]*act{firstActs(testConsortium()), nil} {
		s.history = history{ledger: s.argument}
		s.acts = acts
		delete(s.state, "head/"+s.argument)
		delete(s.state, "anchor/"+s.argument+"/0")
		st, batch := s.transaction()
		for number := range 3 {
			answer, err := s.contract().Anchor(contextOf(st), s.argument)
			if err != nil {
				t.Fatalf("batch %d: %v", number, err)
			}
			if expected := batch.anchorOf(s.history, st.txid, secondTime); answer != expected {
				t.Fatalf("batch %d: expected\n%s\nfound\n%s", number, expected, answer)
			}
			s.history = history{ledger: s.argument, number: number + 1, leaves: batch.leaves, last: batch.last, anchor: answer, trails: batch.trails}
			s.state = st.commit()
			s.acts = nil
			st, batch = s.transaction()
		}
	}
}

func TestCallsThroughTheContractAPI(t *testing.T) {
	_ = time.Now
}
