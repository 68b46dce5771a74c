package main

import "slices"

// peopleEvent is what a statement about a person says in clear: docs/formats.md section 3.
type peopleEvent struct {
	trail  string // of the statement's subject
	always string // the claim that is always there, beside subject
	may    string // one that may be
}

var peopleEvents = map[string]peopleEvent{
	"appoint":       {"duties", "duty", "unit"},
	"duty.handover": {"duties", "duty", "unit"},
	"key.enrol":     {"keys", "key", ""},
	"key.revoke":    {"keys", "key", "compromised_since"},
	"release":       {"duties", "duty", "unit"},
}

var peopleClaims = []string{"compromised_since", "duty", "key", "unit"}

// readPeople returns the trail that a statement about a person is on, or none.
func readPeople(payload object, event string) []trail {
	about, ok := peopleEvents[event]
	for _, name := range peopleClaims {
		if payload.has(name) && !slices.Contains([]string{about.always, about.may}, name) {
			payload.refuse(codePeopleClaim, payload.at, "no "+name+" with "+event, name)
		}
	}
	if !ok {
		return nil
	}
	for _, name := range []string{"subject", about.always} {
		if !payload.has(name) {
			payload.refuse(codePeopleClaim, payload.at, name+" with "+event, "none")
		}
	}
	if payload.has("list") {
		payload.refuse(codePeopleClaim, payload.at, "no list with "+event, "list")
	}
	payload.optional("key", hex32Form)
	payload.optional("compromised_since", dateForm)
	payload.optional("duty", codeForm)
	payload.optional("unit", uuidForm)
	return []trail{trailOf(about.trail, payload.optional("subject", uuidForm))}
}
