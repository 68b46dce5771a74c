package main

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// A scene is a call of Anchor that holds, for a fault to break in one place: a ledger that has one anchored batch,
// and a second batch with a single statement that has every optional claim, a list, an erasure and an enrolment.
type scene struct {
	t         testing.TB
	history   history
	acts      []*act
	resealed  func(members map[string]any) // changes the batch after it is sealed
	text      func(string) string          // changes the batch's text
	transient map[string][]byte            // instead of the batch
	argument  string
	creator   []byte
	policy    string
	now, time time.Time
	broken    bool // the peer
	state     map[string]string
	replica   string
}

// fault breaks one thing, and the chaincode refuses with the code.
type fault struct {
	name   string
	code   code
	breaks func(*scene)
}

const (
	firstTime     = "2025-01-12T09:00:00.123Z"
	secondTime    = "2025-01-12T09:30:00.456Z"
	transactionID = "00000000000000000000000000000000000000000000000000000000000000"
)

func at(instant string) time.Time {
	t, err := time.Parse(instantLayout, instant)
	if err != nil {
		panic(err)
	}
	return t
}

func fileClaim(content string) claims {
	return claims{"carrier": "both", "copy": "scan", "format": "image/tiff", "role": "page", "sha256": sha(content), "size": len(content), "sm3": shang(content)}
}

func hidden(fields ...string) (digests []string) {
	for _, field := range fields {
		digests = append(digests, base64.RawURLEncoding.EncodeToString(plainSHA256([]byte("disclosure of "+field))))
	}
	return digests
}

// act makes the claims that every statement has; more are added to them.
func newAct(by person, seed, event, recordedAt string, more claims) *act {
	own := claims{"_sd_alg": "sha-256", "agent": by.agent, "aud": testOrigin, "event": event, "iss": by.msp, "jti": seedUUID("jti " + seed), "occurred_at": "2025-01-12"}
	maps.Copy(own, more)
	return &act{by: by, claims: own, recordedAt: recordedAt}
}

func newItem(seed string, more claims) claims {
	own := claims{"_sd_alg": "sha-256", "record": seedUUID("record " + seed)}
	maps.Copy(own, more)
	return own
}

// firstActs are the batch that is anchored already.
func firstActs(c consortium) []*act {
	list := newAct(c.clerk, "first list", "list.freeze", "2025-01-12T08:59:00.000Z", claims{"list": claims{"id": seedUUID("list")}})
	list.items = []claims{newItem("1", claims{"files": []any{fileClaim("page 1")}}), newItem("2", nil)}
	return []*act{
		newAct(c.clerk, "first", "capture", "2025-01-12T08:58:00.000Z", claims{"record": seedUUID("record 1"), "files": []any{fileClaim("page 1")}}),
		list,
	}
}

// secondActs are the batch that the tests break.
func secondActs(c consortium) []*act {
	full := newAct(c.clerk, "full", "receive", "2025-01-12T09:10:00.000Z", claims{
		"_sd": hidden("file.1.digests", "file.1.name", "title"), "fields": []string{"file.1.digests", "file.1.name", "title"},
		"answers": []string{sha("an earlier statement")}, "basis": "rule.1", "late": "power_cut", "outcome": "same", "reason": "missing-pages",
		"state": "in_store", "due": "2025-02", "uses": 3, "pages": 46, "version": 2, "record": seedUUID("record 1"), "subject": seedUUID("clerk"),
		"files":       []any{fileClaim("page 1"), claims{"carrier": "electronic", "copy": "original", "format": "application/pdf", "role": "deed"}},
		"seen":        claims{"root": sha("a root"), "size": 5},
		"occurred_at": "1998-09/2025-01-12T09:05:00+08:00",
	})
	list := newAct(c.archivist, "list", "transfer.accept", "2025-01-12T09:10:00.000Z", claims{"list": claims{"id": seedUUID("list")}, "basis": "plan"})
	list.items = []claims{
		newItem("1", claims{"files": []any{fileClaim("page 1"), fileClaim("page 2")}, "pages": 2, "state": "in_store", "version": 1}),
		newItem("2", claims{"files": []any{fileClaim("page 2")}, "_sd": hidden("title"), "fields": []string{"title"}, "occurred_at": "1998"}),
		newItem("3", nil),
	}
	erasure := newAct(c.service, "erasure", "disclosure.erase", "2025-01-12T09:20:00.789Z", claims{
		"record": seedUUID("record 1"), "answers": []string{sha("the full statement")}, "erased": []string{"title"}})
	enrolment := newAct(c.archivist, "enrolment", "key.enrol", "2025-01-12T09:20:00.789Z", claims{
		"subject": seedUUID("clerk"), "key": sha("a key"), "answers": []string{sha("the first half")}})
	return []*act{full, list, erasure, enrolment}
}

func newScene(t testing.TB) *scene {
	t.Helper()
	c := testConsortium()
	s := &scene{t: t, creator: serialized(operator, c.client), policy: c.policyText(), replica: t.TempDir()}
	id := sha("archive-ledger ledger v1\n" + testOrigin + "\n" + c.checkpoint + "\n")
	record := canonical(map[string]any{"checkpoint_key": c.checkpoint, "operator": operator, "origin": testOrigin, "role": testRole, "version": "archive-ledger ledger v1"})
	first := history{ledger: id}
	batch := seal(first, firstActs(c))
	anchored := batch.anchorOf(first, transactionID+"01", firstTime)
	s.history = history{ledger: id, number: 1, leaves: batch.leaves, last: batch.last, anchor: anchored, trails: batch.trails}
	s.state = map[string]string{"ledger/" + id: record, "head/" + id: "0", "anchor/" + id + "/0": anchored}
	s.acts = secondActs(c)
	s.argument = id
	s.now, s.time = at(secondTime), at(secondTime)
	return s
}

func (s *scene) full() *act      { return s.acts[0] }
func (s *scene) list() *act      { return s.acts[1] }
func (s *scene) erasure() *act   { return s.acts[2] }
func (s *scene) enrolment() *act { return s.acts[3] }

// transaction is the call as the peer hands it over.
func (s *scene) transaction() (*stub, sealed) {
	batch := seal(s.history, s.acts)
	if s.resealed != nil {
		s.resealed(batch.members)
	}
	text := canonical(batch.members)
	if s.text != nil {
		text = s.text(text)
	}
	transient := s.transient
	if transient == nil {
		transient = map[string][]byte{"batch": []byte(text)}
	}
	return &stub{state: s.state, transient: transient, creator: s.creator, txid: transactionID + "02", time: s.time, broken: s.broken}, batch
}

func (s *scene) contract() *ArchiveContract {
	s.t.Helper()
	p, err := parsePolicy(s.policy)
	if err != nil {
		s.t.Fatal(err)
	}
	return &ArchiveContract{policy: p, replica: replica{s.replica}, now: func() time.Time { return s.now }}
}

func contextOf(st *stub) contractapi.TransactionContextInterface {
	ctx := new(contractapi.TransactionContext)
	ctx.SetStub(st)
	return ctx
}

// runFaults expects of each fault its code, and that nothing was written to the state or the replica.
func runFaults(t *testing.T, faults []fault) {
	t.Helper()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			s := newScene(t)
			f.breaks(s)
			st, _ := s.transaction()
			_, err := s.contract().Anchor(contextOf(st), s.argument)
			if found := codeOf(t, err); found != f.code {
				t.Fatalf("expected %s, found %s: %v", f.code, found, err)
			}
			if len(st.writes) != 0 {
				t.Errorf("a refused call wrote %v", st.writes)
			}
			if kept := filesUnder(t, s.replica); len(kept) != 0 {
				t.Errorf("a refused call kept %v", kept)
			}
		})
	}
}

// codeOf reads a refusal's message as a client does.
func codeOf(t testing.TB, err error) code {
	t.Helper()
	if err == nil {
		t.Fatal("not refused")
	}
	text, ok := strings.CutPrefix(err.Error(), "archive-ledger refusal ")
	var members map[string]string
	if !ok || json.Unmarshal([]byte(text), &members) != nil || len(members) != 4 {
		t.Fatalf("not a refusal: %v", err)
	}
	return code(members["code"])
}

func filesUnder(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(folder, path)
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
