package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

func TestInParallelNamesTheLowestFault(t *testing.T) {
	for range 200 {
		var done atomic.Int64
		err := inParallel(1000, func(i int) error {
			done.Add(1)
			if i >= 7 {
				return fmt.Errorf("%d", i)
			}
			return nil
		})
		if err == nil || err.Error() != "7" {
			t.Fatalf("expected 7, found %v", err)
		}
		if done.Load() == 1000 {
			t.Fatal("went on after a fault")
		}
	}
}

func TestInParallelDoesEachOnce(t *testing.T) {
	done := make([]atomic.Int64, 1000)
	if err := inParallel(len(done), func(i int) error { done[i].Add(1); return nil }); err != nil {
		t.Fatal(err)
	}
	for i := range done {
		if done[i].Load() != 1 {
			t.Errorf("%d was done %d times", i, done[i].Load())
		}
	}
	if err := inParallel(0, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
}
