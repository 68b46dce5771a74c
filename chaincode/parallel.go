package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel does work for 0 to n-1 on all processors. The error is that of the lowest number that has one, so
// that every organisation and every repeat names the same fault.
func inParallel(n int, work func(i int) error) error {
	var next, failed atomic.Int64
	failed.Store(int64(n))
	errs := make(map[int64]error)
	var mutex sync.Mutex
	var workers sync.WaitGroup
	for range min(n, runtime.NumCPU()) {
		workers.Go(func() {
			// Numbers are taken in ascending order: all below a failed one are already in hand.
			for i := next.Add(1) - 1; i < failed.Load(); i = next.Add(1) - 1 {
				if err := work(int(i)); err != nil {
					mutex.Lock()
					errs[i] = err
					failed.Store(min(failed.Load(), i))
					mutex.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return errs[failed.Load()]
}
