package main

import (
	"fmt"
	"sync"
	"testing"
)

// Batches at the cap of docs/formats.md section 8: 8 MiB, 40,000 links.

// oneList is a list statement of 19,999 items, each on two trails.
func oneList(c consortium) []*act {
	list := newAct(c.clerk, "cap", "list.freeze", "2025-01-12T09:10:00.000Z", claims{"list": claims{"id": seedUUID("cap")}})
	for n := range 19_999 {
		list.items = append(list.items, newItem(fmt.Sprint("cap ", n), claims{"files": []any{fileClaim(fmt.Sprint("page ", n))}, "pages": n, "state": "in_store", "version": 1}))
	}
	return []*act{list}
}

// singles are n signed statements, each of its own agent's key as far as three people go.
func singles(c consortium, n int) []*act {
	people := []person{c.clerk, c.archivist, c.service}
	var acts []*act
	for i := range n {
		acts = append(acts, newAct(people[i%3], fmt.Sprint("cap ", i), "receive", "2025-01-12T09:10:00.000Z", claims{
			"record": seedUUID(fmt.Sprint("cap ", i)), "files": []any{fileClaim(fmt.Sprint("page ", i))}, "_sd": hidden("name", "title"), "fields": []string{"name", "title"}}))
	}
	return acts
}

type capBatch struct {
	id    string
	state map[string]string
	text  []byte
	links int
}

func capOf(acts func(consortium) []*act) func(testing.TB) capBatch {
	var once sync.Once
	var out capBatch
	return func(b testing.TB) capBatch {
		once.Do(func() {
			s := newScene(b)
			s.acts = acts(testConsortium())
			st, sealed := s.transaction()
			out = capBatch{s.argument, s.state, st.transient["batch"], len(sealed.members["links"].([]string))}
		})
		return out
	}
}

var (
	listAtCap    = capOf(oneList)
	singlesAtCap = capOf(func(c consortium) []*act { return singles(c, 6_950) })
)

func benchmarkAnchor(b *testing.B, batch capBatch) {
	s := newScene(b)
	contract := s.contract()
	b.ReportAllocs()
	for b.Loop() {
		st := &stub{state: batch.state, transient: map[string][]byte{"batch": batch.text}, creator: s.creator, txid: transactionID + "02", time: s.time}
		if _, err := contract.Anchor(contextOf(st), batch.id); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(batch.text))/(1<<20), "MiB")
	b.ReportMetric(float64(batch.links), "links")
}

func BenchmarkAnchorOneListAtTheCap(b *testing.B) { benchmarkAnchor(b, listAtCap(b)) }
func BenchmarkAnchorSinglesAtTheCap(b *testing.B) { benchmarkAnchor(b, singlesAtCap(b)) }
