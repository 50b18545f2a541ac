package main

// The filters of webhooks and routes name time zones, and small systems do not have
// the files that describe them.
import _ "time/tzdata"
