package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func anchorScene(t *testing.T, s *scene) (*stub, string, error) {
	t.Helper()
	st, _ := s.transaction()
	answer, err := s.contract().Anchor(contextOf(st), s.argument)
	return st, answer, err
}

// lineOf is a line of an anchor's text, from 1.
func lineOf(anchor string, line int) string { return strings.Split(anchor, "\n")[line-1] }

func TestReplicaKeepsExactlyTheBatch(t *testing.T) {
	s := newScene(t)
	for range 2 {
		st, answer, err := anchorScene(t, s)
		if err != nil {
			t.Fatal(err)
		}
		batch := string(st.transient["batch"])
		expected := filepath.Join(s.argument, "1", lineOf(answer, 5)+"-"+sha(batch)+".json")
		if kept := filesUnder(t, s.replica); !slices.Equal(kept, []string{expected}) {
			t.Fatalf("expected %s, found %v", expected, kept)
		}
		data, err := os.ReadFile(filepath.Join(s.replica, expected))
		if err != nil || string(data) != batch {
			t.Errorf("not the batch's bytes: %v", err)
		}
	}
}

func TestReplicaWritesADamagedCopyAgain(t *testing.T) {
	s := newScene(t)
	st, _, err := anchorScene(t, s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.replica, filesUnder(t, s.replica)[0])
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := anchorScene(t, s); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != string(st.transient["batch"]) {
		t.Errorf("not written again: %v", err)
	}
}

func TestReplicaIsSweptOnceAnotherAnchorHasCommitted(t *testing.T) {
	s := newScene(t)
	// Two rivals for number 1 are vouched for; one commits.
	var answers []string
	var after map[string]string
	for range 2 {
		st, answer, err := anchorScene(t, s)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, answer)
		after = st.commit()
		s.acts = s.acts[:2]
	}
	folder := filepath.Join(s.replica, s.argument, "1")
	for name, text := range map[string]string{unfinished + "1": "cut off", sha("") + "-" + sha("") + ".json": "a third"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	batch := seal(s.history, s.acts)
	s.history = history{s.argument, 2, batch.leaves, batch.last, answers[1], batch.trails}
	s.state = after
	s.acts = nil
	_, answer, err := anchorScene(t, s)
	if err != nil {
		t.Fatal(err)
	}
	var roots []string
	for _, file := range filesUnder(t, s.replica) {
		root, _, _ := strings.Cut(filepath.Base(file), "-")
		roots = append(roots, root)
	}
	if expected := []string{lineOf(answers[1], 5), lineOf(answer, 5)}; !slices.Equal(roots, expected) {
		t.Errorf("expected %v, found %v", expected, roots)
	}
}

// Folders are blocked by files and by folders, which stop even a superuser.
var replicaFaults = []fault{
	{"not a folder", codeReplicaWrite, func(s *scene) { s.replica = filepath.Join(s.replica, blocked(s, "file"), "under") }},
	{"sweep", codeReplicaSweep, func(s *scene) {
		path := filepath.Join(s.replica, s.argument, "0", "another-root", "full")
		if err := os.MkdirAll(path, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}},
}

func blocked(s *scene, name string) string {
	if err := os.WriteFile(filepath.Join(s.replica, name), nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

func TestReplicaFaults(t *testing.T) {
	for _, f := range replicaFaults {
		t.Run(f.name, func(t *testing.T) {
			s := newScene(t)
			f.breaks(s)
			st, _, err := anchorScene(t, s)
			if found := codeOf(t, err); found != f.code || len(st.writes) != 0 {
				t.Errorf("expected %s and no write, found %v and %v", f.code, err, st.writes)
			}
			if strings.Contains(err.Error(), s.replica) {
				t.Errorf("the refusal tells the organisation's folder: %v", err)
			}
		})
	}
}

func TestReplicaLeavesNothingUnfinished(t *testing.T) {
	s := newScene(t)
	// The place of the file is taken by a folder, so that the rename fails.
	st, batch := s.transaction()
	answer := batch.anchorOf(s.history, st.txid, secondTime)
	name := lineOf(answer, 5) + "-" + sha(string(st.transient["batch"])) + ".json"
	if err := os.MkdirAll(filepath.Join(s.replica, s.argument, "1", name), 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := anchorScene(t, s)
	if found := codeOf(t, err); found != codeReplicaWrite {
		t.Errorf("expected %s, found %v", codeReplicaWrite, err)
	}
	if left := filesUnder(t, s.replica); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}
