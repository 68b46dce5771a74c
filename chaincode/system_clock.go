package main

import "time"

// systemClock is the organisation's own clock, by which it judges the time of a transaction.
func systemClock() time.Time { return time.Now() }
