package main

import "testing"

// The links of the scene's second batch: 0-2 of the single statement (agent, content, record), 3-4 of the list
// (agent, list), then those of its items and of the erasure.
func inLink(number int, to string) func(*scene) {
	return inBatch(func(m map[string]any) { m["links"].([]string)[number] = to })
}

const (
	agentLink  = 0 // of the clerk, who has two entries in the first batch
	sharedLink = 5 // of the list's first item: the content that the single statement names too
)

var linkFaults = []fault{
	{"one too few", codeLinksCount, inBatch(func(m map[string]any) { m["links"] = m["links"].([]string)[1:] })},
	{"one too many", codeLinksCount, inBatch(func(m map[string]any) { m["links"] = append(m["links"].([]string), "0 -") })},
	{"empty", codeLinkForm, inLink(agentLink, "")},
	{"no hash", codeLinkForm, inLink(agentLink, "2")},
	{"dash past the first", codeLinkForm, inLink(agentLink, "2 -")},
	{"hash at the first", codeLinkForm, inLink(agentLink, "0 "+sha(""))},
	{"leading zero", codeLinkForm, inLink(agentLink, "02 "+sha(""))},
	{"negative", codeLinkForm, inLink(agentLink, "-1 "+sha(""))},
	{"beyond 2^53-1", codeLinkForm, inLink(agentLink, "9007199254740992 "+sha(""))},
	{"upper case", codeLinkForm, inLink(agentLink, "2 "+"AB"+sha("")[2:])},
	{"three words", codeLinkForm, inLink(agentLink, "2 "+sha("")+" ")},
	{"number within the batch", codeLinkSeq, inLink(sharedLink, "2 "+sha(""))},
	{"more entries than the log has", codeLinkSeq, inLink(agentLink, "5 "+sha(""))},
	{"hash within the batch", codeLinkPrevious, inLink(sharedLink, "3 "+sha(""))},
}

func TestLinkFaults(t *testing.T) { runFaults(t, linkFaults) }
