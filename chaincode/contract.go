package main

import (
	"log"
	"strconv"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// ArchiveContract is the chaincode of docs/formats.md section 8: its exported methods are the four calls.
type ArchiveContract struct {
	contractapi.Contract
	policy  *policy
	replica replica
	now     func() time.Time
	// turn: one batch at a time, which bounds the memory that batches take.
	turn sync.Mutex
}

// Open writes the ledger's record. The caller's organisation becomes its operator.
func (c *ArchiveContract) Open(ctx contractapi.TransactionContextInterface, origin, checkpointKey, role string) (string, error) {
	stub := ctx.GetStub()
	if _, err := transactionTime(stub, c.now); err != nil {
		return "", err
	}
	for _, argument := range []struct {
		name, text string
		form       form
	}{{"origin", origin, originForm}, {"checkpoint key", checkpointKey, hex32Form}, {"role", role, codeForm}} {
		if !argument.form.holds(argument.text) {
			return "", refuse(codeArgument, argument.name, argument.form.name, argument.text)
		}
	}
	who, err := readCaller(stub)
	if err != nil {
		return "", err
	}
	l := ledger{id: ledgerID(origin, checkpointKey), origin: origin, key: checkpointKey, operator: who.msp, role: role}
	if err := c.policy.permits(l, who); err != nil {
		return "", err
	}
	before, err := readState(stub, ledgerKey(l.id))
	if err != nil {
		return "", err
	}
	if before != "" {
		return "", refuse(codeLedgerExists, ledgerKey(l.id), "no such ledger yet", before)
	}
	return l.encode(), writeState(stub, ledgerKey(l.id), l.encode())
}

// Anchor judges the batch in the transient field batch, keeps it in the replica, and writes its anchor.
func (c *ArchiveContract) Anchor(ctx contractapi.TransactionContextInterface, id string) (string, error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	start := c.now()
	a, err := c.anchor(ctx.GetStub(), id)
	if err != nil {
		log.Printf("%s: %v", c.policy.msp, err)
		return "", err
	}
	log.Printf("%s: vouched for batch %d of ledger %s, log size %d, in %v", c.policy.msp, a.number, id, a.size, c.now().Sub(start))
	return a.encode(), nil
}

func (c *ArchiveContract) anchor(stub shim.ChaincodeStubInterface, id string) (anchor, error) {
	k, err := c.knownOf(stub, id)
	if err != nil {
		return anchor{}, err
	}
	transient, err := stub.GetTransient()
	if err != nil {
		return anchor{}, refuse(codeBatchAbsent, "transient", "batch", err.Error())
	}
	batch, ok := transient["batch"]
	if !ok {
		return anchor{}, refuse(codeBatchAbsent, "transient", "batch", "none")
	}
	a, err := examine(string(batch), k)
	if err != nil {
		return anchor{}, err
	}
	if err := c.replica.keep(a, batch); err != nil {
		return anchor{}, err
	}
	if k.previous != nil {
		if err := c.replica.sweep(*k.previous); err != nil {
			return anchor{}, err
		}
	}
	number := strconv.FormatInt(a.number, 10)
	if err := writeState(stub, anchorKey(id, number), a.encode()); err != nil {
		return anchor{}, err
	}
	return a, writeState(stub, headKey(id), number)
}

// knownOf reads the state, and refuses a caller who may not anchor.
func (c *ArchiveContract) knownOf(stub shim.ChaincodeStubInterface, id string) (known, error) {
	when, err := transactionTime(stub, c.now)
	if err != nil {
		return known{}, err
	}
	if err := checkID(id); err != nil {
		return known{}, err
	}
	text, err := readState(stub, ledgerKey(id))
	if err != nil {
		return known{}, err
	}
	if text == "" {
		return known{}, refuse(codeLedgerAbsent, ledgerKey(id), "an opened ledger", "none")
	}
	l, err := parseLedger(id, text)
	if err != nil {
		return known{}, err
	}
	who, err := readCaller(stub)
	if err != nil {
		return known{}, err
	}
	if err := c.policy.permits(l, who); err != nil {
		return known{}, err
	}
	previous, err := readHead(stub, id)
	return known{c.policy, l, previous, stub.GetTxID(), when}, err
}

// Get is the anchor of a batch.
func (c *ArchiveContract) Get(ctx contractapi.TransactionContextInterface, id, number string) (string, error) {
	stub := ctx.GetStub()
	if _, err := transactionTime(stub, c.now); err != nil {
		return "", err
	}
	if err := checkID(id); err != nil {
		return "", err
	}
	if !isDecimal(number) {
		return "", refuse(codeArgument, "batch number", "a decimal number", number)
	}
	text, err := readState(stub, anchorKey(id, number))
	if err == nil && text == "" {
		text = absent(anchorKey(id, number))
	}
	return text, err
}

// Head is the last anchor.
func (c *ArchiveContract) Head(ctx contractapi.TransactionContextInterface, id string) (string, error) {
	stub := ctx.GetStub()
	if _, err := transactionTime(stub, c.now); err != nil {
		return "", err
	}
	if err := checkID(id); err != nil {
		return "", err
	}
	head, err := readHead(stub, id)
	if err != nil {
		return "", err
	}
	if head == nil {
		return absent(headKey(id)), nil
	}
	return head.encode(), nil
}

func checkID(id string) error {
	if !hex32Form.holds(id) {
		return refuse(codeArgument, "ledger id", hex32Form.name, id)
	}
	return nil
}
