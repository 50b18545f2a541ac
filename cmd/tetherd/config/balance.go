package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ussdCode is what a service code may be.
var ussdCode = regexp.MustCompile(`^[0-9*#+]{1,182}$`)

// balance returns how the credit of a modem's SIM is asked for; at makes paths.
func (b *builder) balance(at func(string) string) *Balance {
	code, match := b.get(at("balance.code")), b.get(at("balance.match"))
	below, every := b.get(at("balance.below")), b.get(at("balance.every"))
	if code.text == "" && match.text == "" && below.text == "" && every.source == (Source{}) {
		return nil
	}
	out := Balance{Every: b.duration(at("balance.every"), time.Minute, 90*24*time.Hour)}
	switch {
	case code.text == "":
		b.problem(b.any(at("balance.match"), at("balance.below"), at("balance.every")), at("balance.code"),
			"is missing: give the service code that tells the credit, such as \"*100#\"")
	case !ussdCode.MatchString(code.text):
		b.bad(at("balance.code"), code, "is no service code: it has digits, * and #, in quotes, such as \"*100#\"")
	default:
		out.Code = code.text
	}
	re, err := regexp.Compile(match.text)
	switch {
	case match.text == "":
		b.problem(b.any(at("balance.code"), at("balance.below"), at("balance.every")), at("balance.match"),
			`is missing: give a regular expression whose first group is the amount in the operator's answer, such as 'balance is ([0-9.,]+)'; "tetherd modem ussd" shows the answer`)
	case err != nil:
		b.bad(at("balance.match"), match, "is no regular expression: %v", err)
	case re.NumSubexp() != 1:
		b.bad(at("balance.match"), match, "needs one group in parentheses around the amount, such as 'balance is ([0-9.,]+)'")
	default:
		out.Match = re
	}
	if below.text != "" {
		v, err := strconv.ParseFloat(below.text, 64)
		if err != nil || strings.ContainsAny(below.text, "eExXnN") {
			b.bad(at("balance.below"), below, "is no amount: write it with a point, such as 5.00")
		}
		out.Below = &v
	}
	return &out
}

// any returns where the first of the given keys was written.
func (b *builder) any(paths ...string) Source {
	for _, p := range paths {
		if v, ok := b.values[p]; ok {
			return v.source
		}
	}
	return Source{File: b.in.Name}
}
