package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// testdata holds one batch that holds, with what it is held against, for other readings of docs/formats.md:
// policy.json, ledger.json (the state's record), before.anchor (the last anchor), batch.json, after.anchor.
var update = flag.Bool("update", false, "write testdata again")

func TestVector(t *testing.T) {
	s := newScene(t)
	if *update {
		st, batch := s.transaction()
		for name, text := range map[string]string{
			"policy.json":   s.policy,
			"ledger.json":   s.state["ledger/"+s.argument],
			"before.anchor": s.history.anchor,
			"batch.json":    string(st.transient["batch"]),
			"after.anchor":  batch.anchorOf(s.history, st.txid, secondTime),
		} {
			if err := os.WriteFile(filepath.Join("testdata", name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	expected := read("after.anchor")
	s.policy = read("policy.json")
	s.state["ledger/"+s.argument] = read("ledger.json")
	s.state["anchor/"+s.argument+"/0"] = read("before.anchor")
	s.transient = map[string][]byte{"batch": []byte(read("batch.json"))}
	st, _ := s.transaction()
	if answer, err := s.contract().Anchor(contextOf(st), s.argument); err != nil || answer != expected {
		t.Errorf("expected %s, found %s, %v", expected, answer, err)
	}
}
