package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// judgeInstead makes the test binary answer questions, a line of JSON each, about what this reading of
// docs/formats.md makes of a text: so that another reading of it can be held to this one.
const judgeInstead = "ARCHIVE_TEST_JUDGES"

// question: Do names what Text is, or one of the forms; all but batch need nothing else.
type question struct {
	Do          string
	Text        []byte
	Policy      string
	LedgerID    string
	Ledger      string
	Before      string // the last anchor, or empty
	Transaction string
	Time        string
}

var judged = map[string]form{
	"code": codeForm, "date": dateForm, "field": fieldForm, "format": mediaForm, "hex32": hex32Form, "instant": instantForm,
	"msp": mspForm, "origin": originForm, "sd": sdForm, "span": spanForm, "uuid": uuidForm,
}

func (q question) answer() (string, error) {
	text := string(q.Text)
	if f, ok := judged[q.Do]; ok {
		if !f.holds(text) {
			return "", refuse(codeShapeValue, q.Do, f.name, text)
		}
		return "", nil
	}
	switch q.Do {
	case "json":
		_, err := parseCanonical(text, "text", unbounded)
		return "", err
	case "base64":
		if _, ok := fromBase64(text); !ok {
			return "", refuse(codeBase64, q.Do, q.Do, text)
		}
		return "", nil
	case "base64url":
		if _, ok := fromBase64URL(text); !ok {
			return "", refuse(codeBase64URL, q.Do, q.Do, text)
		}
		return "", nil
	case "batch":
		return q.examine()
	}
	return "", fmt.Errorf("no such question: %s", q.Do)
}

func (q question) examine() (string, error) {
	p, err := parsePolicy(q.Policy)
	if err != nil {
		return "", err
	}
	l, err := parseLedger(q.LedgerID, q.Ledger)
	if err != nil {
		return "", err
	}
	k := known{policy: p, ledger: l, transaction: q.Transaction, time: q.Time}
	if q.Before != "" {
		before, err := parseAnchor(q.Before, "before")
		if err != nil {
			return "", err
		}
		k.previous = &before
	}
	a, err := examine(string(q.Text), k)
	if err != nil {
		return "", err
	}
	return a.encode(), nil
}

// judge answers until the questions end. An answer has the anchor, or the refusal's message.
func judge(questions io.Reader, answers io.Writer) error {
	in, out := json.NewDecoder(bufio.NewReaderSize(questions, 1<<20)), json.NewEncoder(answers)
	for {
		var q question
		if err := in.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		anchor, err := q.answer()
		message := ""
		if err != nil {
			message = err.Error()
		}
		if err := out.Encode(map[string]string{"anchor": anchor, "refusal": message}); err != nil {
			return err
		}
	}
}

func judgeMain() {
	if err := judge(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(stopped)
	}
}
