// Writes records to a running immudb in transactions of many and prints, as JSON, how long that took: first
// SetAll alone, then SetAll with each transaction verified by the client against the server's signed state.
//
//	driver ADDRESS PORT RECORDS IN_ONE OCTETS
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/codenotary/immudb/pkg/api/schema"
	"github.com/codenotary/immudb/pkg/client"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 6 {
		log.Fatal("driver ADDRESS PORT RECORDS IN_ONE OCTETS")
	}
	var number [4]int
	for n := range number {
		var err error
		if number[n], err = strconv.Atoi(os.Args[n+2]); err != nil {
			log.Fatal(err)
		}
	}
	port, records, inOne, octets := number[0], number[1], number[2], number[3]
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "immudb-client")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	c := client.NewClient().WithOptions(client.DefaultOptions().WithAddress(os.Args[1]).WithPort(port).WithDir(folder))
	if err := c.OpenSession(ctx, []byte("immudb"), []byte("immudb"), "defaultdb"); err != nil {
		log.Fatal(err)
	}
	plain, err := write(ctx, c, "plain", records, inOne, octets, false)
	if err != nil {
		log.Fatal(err)
	}
	verified, err := write(ctx, c, "verified", records, inOne, octets, true)
	if err != nil {
		log.Fatal(err)
	}
	if err := c.CloseSession(ctx); err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]float64{"plain": plain, "verified": verified}); err != nil {
		log.Fatal(err)
	}
}

// write returns the seconds that the records took; what is written is made beforehand.
func write(ctx context.Context, c client.ImmuClient, name string, records, inOne, octets int, verify bool) (float64, error) {
	var requests []*schema.SetRequest
	for first := 0; first < records; first += inOne {
		request := &schema.SetRequest{}
		for n := first; n < min(first+inOne, records); n++ {
			value := make([]byte, octets)
			if _, err := rand.Read(value); err != nil {
				return 0, err
			}
			request.KVs = append(request.KVs, &schema.KeyValue{Key: fmt.Appendf(nil, "%s-%09d", name, n), Value: value})
		}
		requests = append(requests, request)
	}
	begin := time.Now()
	for _, request := range requests {
		header, err := c.SetAll(ctx, request)
		if err != nil {
			return 0, err
		}
		if verify {
			if _, err := c.VerifiedTxByID(ctx, header.Id); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(begin).Seconds(), nil
}
