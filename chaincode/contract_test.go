package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
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

func TestBatchesFollowEachOther(t *testing.T) {
	for _, acts := range [][]*act{firstActs(testConsortium()), nil} {
		s := newScene(t)
		s.history = history{ledger: s.argument}
		delete(s.state, "head/"+s.argument)
		delete(s.state, "anchor/"+s.argument+"/0")
		s.acts = acts
		for number := range 3 {
			st, batch := s.transaction()
			answer, err := s.contract().Anchor(contextOf(st), s.argument)
			if err != nil {
				t.Fatalf("batch %d: %v", number, err)
			}
			if expected := batch.anchorOf(s.history, st.txid, secondTime); answer != expected {
				t.Fatalf("batch %d: expected\n%s\nfound\n%s", number, expected, answer)
			}
			s.history = history{s.argument, number + 1, batch.leaves, batch.last, answer, batch.trails}
			s.state = st.commit()
			s.acts = nil
		}
	}
}

func TestCallsByTheContractAPI(t *testing.T) {
	s := newScene(t)
	id, key := s.argument, testConsortium().checkpoint
	record, anchored := s.state["ledger/"+id], s.history.anchor
	for _, call := range []struct {
		name     string
		state    map[string]string
		call     []string
		expected string
	}{
		{"Open", nil, []string{"Open", testOrigin, key, testRole}, record},
		{"Get", s.state, []string{"Get", id, "0"}, anchored},
		{"Get what is absent", s.state, []string{"Get", id, "1"}, "archive-ledger absent v1\nanchor/" + id + "/1\n"},
		{"Head", s.state, []string{"Head", id}, anchored},
		{"Head of an unknown ledger", nil, []string{"Head", id}, "archive-ledger absent v1\nhead/" + id + "\n"},
	} {
		t.Run(call.name, func(t *testing.T) {
			chaincode, err := contractapi.NewChaincode(s.contract())
			if err != nil {
				t.Fatal(err)
			}
			st := &stub{state: call.state, creator: s.creator, time: s.time, function: call.call[0], arguments: call.call[1:]}
			response := chaincode.Invoke(st)
			if response.Status != 200 || string(response.Payload) != call.expected {
				t.Errorf("expected 200 %q, found %d %q %s", call.expected, response.Status, response.Payload, response.Message)
			}
			if call.name == "Open" && !maps.Equal(st.writes, map[string]string{"ledger/" + id: record}) {
				t.Errorf("wrote %v", st.writes)
			}
			if call.name != "Open" && len(st.writes) != 0 {
				t.Errorf("wrote %v", st.writes)
			}
		})
	}
}

func TestAnchorByTheContractAPIAnswersARefusalAsItIs(t *testing.T) {
	s := newScene(t)
	s.transient = map[string][]byte{}
	st, _ := s.transaction()
	st.function, st.arguments = "Anchor", []string{s.argument}
	chaincode, err := contractapi.NewChaincode(s.contract())
	if err != nil {
		t.Fatal(err)
	}
	response := chaincode.Invoke(st)
	expected := `archive-ledger refusal {"at":"transient","code":"BATCH_ABSENT","expected":"batch","found":"none"}`
	if response.Status != 500 || response.Message != expected {
		t.Errorf("expected 500 %s, found %d %s", expected, response.Status, response.Message)
	}
}

// client is a client certificate of an organisation with these units.
func client(msp string, units ...string) []byte {
	c := testConsortium()
	subject := subjectOf("client", "client")
	subject.OrganizationalUnit = units
	return serialized(msp, toPEM(issue(c.authorities[operator], subject, seedKey("another client"), nil)))
}

// record replaces the ledger's record.
func (s *scene) record(name, value string) {
	members := map[string]any{"checkpoint_key": testConsortium().checkpoint, "operator": operator, "origin": testOrigin, "role": testRole, "version": "archive-ledger ledger v1"}
	members[name] = value
	s.state["ledger/"+s.argument] = canonical(members)
}

func replace(from, to string) func(string) string {
	return func(text string) string { return strings.Replace(text, from, to, 1) }
}

var callFaults = []fault{
	{"ledger id", codeArgument, func(s *scene) { s.argument = strings.ToUpper(s.argument) }},
	{"transaction too late", codeClock, func(s *scene) { s.now = s.time.Add(-5*time.Minute - time.Millisecond) }},
	{"transaction too early", codeClock, func(s *scene) { s.now = s.time.Add(5*time.Minute + time.Millisecond) }},
	{"no time", codeClock, func(s *scene) { s.time = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC) }},
	{"unreadable identity", codeCallerIdentity, func(s *scene) { s.creator = serialized(operator, []byte("no certificate")) }},
	{"another organisation", codeCallerMSP, func(s *scene) { s.creator = client(county, "client", testRole) }},
	{"another role", codeCallerRole, func(s *scene) { s.creator = client(operator, "client", "anchorers") }},
	{"origin not in the policy", codePolicyOrigin, func(s *scene) { s.policy = replace(testOrigin, "another.example.org")(s.policy) }},
	{"operator not the policy's", codePolicyOperator, func(s *scene) { s.policy = replace(`"operator":"`+operator, `"operator":"`+county)(s.policy) }},
	{"role not the policy's", codePolicyRole, func(s *scene) { s.policy = replace(testRole, "other")(s.policy) }},
	{"record of another operator", codePolicyOperator, func(s *scene) { s.record("operator", county) }},
	{"record of another role", codePolicyRole, func(s *scene) { s.record("role", "other") }},
	{"unknown ledger", codeLedgerAbsent, func(s *scene) { delete(s.state, "ledger/"+s.argument) }},
	{"the peer does not answer", codeState, func(s *scene) { s.broken = true }},
	{"a head without its anchor", codeState, func(s *scene) { delete(s.state, "anchor/"+s.argument+"/0") }},
	{"an anchor that is none", codeState, func(s *scene) { s.state["anchor/"+s.argument+"/0"] += "\n" }},
	{"no batch", codeBatchAbsent, func(s *scene) { s.transient = map[string][]byte{"another": {1}} }},
}

func TestCallFaults(t *testing.T) { runFaults(t, callFaults) }

// openFaults are of Open; the scene's state is empty.
var openFaults = []struct {
	name   string
	code   code
	breaks func(s *scene, arguments []string)
}{
	{"origin", codeArgument, func(_ *scene, a []string) { a[0] = "UPPER" }},
	{"checkpoint key", codeArgument, func(_ *scene, a []string) { a[1] = a[1][2:] }},
	{"role", codeArgument, func(_ *scene, a []string) { a[2] = "" }},
	{"clock", codeClock, func(s *scene, _ []string) { s.now = s.now.Add(time.Hour) }},
	{"exists", codeLedgerExists, func(s *scene, _ []string) { s.state = newScene(s.t).state }},
	{"identity", codeCallerIdentity, func(s *scene, _ []string) { s.creator = nil }},
	{"another organisation", codePolicyOperator, func(s *scene, _ []string) { s.creator = client(county, "client", testRole) }},
	{"without the role", codeCallerRole, func(s *scene, _ []string) { s.creator = client(operator, "client") }},
	{"origin not in the policy", codePolicyOrigin, func(_ *scene, a []string) { a[0] = "another" }},
	{"role not the policy's", codePolicyRole, func(_ *scene, a []string) { a[2] = "client" }},
	{"the peer does not answer", codeState, func(s *scene, _ []string) { s.broken = true }},
}

func TestOpenFaults(t *testing.T) {
	for _, f := range openFaults {
		t.Run(f.name, func(t *testing.T) {
			s := newScene(t)
			s.state = map[string]string{}
			arguments := []string{testOrigin, testConsortium().checkpoint, testRole}
			f.breaks(s, arguments)
			st, _ := s.transaction()
			_, err := s.contract().Open(contextOf(st), arguments[0], arguments[1], arguments[2])
			if found := codeOf(t, err); found != f.code || len(st.writes) != 0 {
				t.Errorf("expected %s and no write, found %v and %v", f.code, err, st.writes)
			}
		})
	}
}

func TestReadFaults(t *testing.T) {
	for _, f := range []struct {
		name       string
		code       code
		id, number string
		skew       time.Duration
		broken     bool
	}{
		{"id", codeArgument, "00", "0", 0, false},
		{"number", codeArgument, "", "00", 0, false},
		{"stale", codeClock, "", "0", 6 * time.Minute, false},
		{"the peer does not answer", codeState, "", "0", 0, true},
	} {
		t.Run(f.name, func(t *testing.T) {
			s := newScene(t)
			s.now = s.now.Add(f.skew)
			s.broken = f.broken
			id := s.argument
			if f.id != "" {
				id = f.id
			}
			st, _ := s.transaction()
			_, err := s.contract().Get(contextOf(st), id, f.number)
			if found := codeOf(t, err); found != f.code {
				t.Errorf("Get: expected %s, found %v", f.code, err)
			}
			if f.name == "number" {
				return
			}
			_, err = s.contract().Head(contextOf(st), id)
			if found := codeOf(t, err); found != f.code {
				t.Errorf("Head: expected %s, found %v", f.code, err)
			}
		})
	}
}

func TestFiveMinutesAreStillInTime(t *testing.T) {
	for _, skew := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		s := newScene(t)
		s.now = s.time.Add(skew)
		st, _ := s.transaction()
		if _, err := s.contract().Anchor(contextOf(st), s.argument); err != nil {
			t.Errorf("%v: %v", skew, err)
		}
	}
}
