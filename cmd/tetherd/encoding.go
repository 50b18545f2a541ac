package main

import "tetherd/gateway/sms"

// encoding returns the encoding that the configuration names, which was checked.
func encoding(name string) sms.Encoding {
	e, err := sms.ParseEncoding(name)
	if err != nil {
		return sms.Auto
	}
	return e
}
