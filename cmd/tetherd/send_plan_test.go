package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func TestPrintPlan(t *testing.T) {
	gsm := api.Layout{Alphabet: "gsm7", Parts: 2, Left: 5, Limits: api.Limits{Single: 160, Concatenated: 153}}
	for _, tt := range []struct {
		plan api.Plan
		want string
	}{
		{
			api.Plan{Layout: gsm, TotalParts: 4, Cost: "0.28", Currency: "EUR", Recipients: []api.PlannedRecipient{
				{PhoneNumber: "0151\x1b", Normalized: "+49151", Modem: "office", Cost: "0.14"},
				{PhoneNumber: "+49152", Normalized: "+49152", Waiting: "no modem"},
			}},
			"gsm7, 2 parts of at most 153 characters, room for 5 more\n0151·  as +49151  by office  for 0.14 EUR\n" +
				"+49152  waiting: no modem\n4 parts in all, 0.28 EUR; nothing was sent\n",
		},
		{
			api.Plan{Layout: api.Layout{Alphabet: "data", Parts: 1}, TotalParts: 1, Recipients: []api.PlannedRecipient{{PhoneNumber: "+49151", Modem: "van"}}},
			"data, 1 part\n+49151  by van\n1 part in all; nothing was sent\n",
		},
	} {
		var b strings.Builder
		err := printPlan(&b, tt.plan)
		if diff := cmp.Diff(tt.want, b.String()); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
}

// TestPreview asks a gateway, as "send --dry-run" does.
func TestPreview(t *testing.T) {
	r := start(t, emulatedConfig(t))
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	dashes := strings.Repeat("– ", 10)
	for _, tt := range []struct{ stdin, args, want string }{
		{"", "preview|Hello €", "auto: gsm7, 1 part of at most 160 characters, room for 152 more\n"},
		{
			dashes + "end 漢\n", "preview|-",
			"auto: ucs2, 1 part of at most 70 characters, room for 45 more\n  –  U+2013 at 1, 3, 5, 7, 9, 11, 13, 15, …: smart writes -\n" +
				"  漢  U+6F22 at 25: smart cannot replace it\nsmart: ucs2, 1 part, saves nothing\n",
		},
		{
			"", "preview|“" + strings.Repeat("x", 78) + "”|--to|+49,+4915110000002",
			"auto: ucs2, 2 parts of at most 67 characters, room for 54 more\n  1  “" + strings.Repeat("x", 66) + "\n  2  " + strings.Repeat("x", 12) + "”\n" +
				"  “  U+201C at 1: smart writes \"\n  ”  U+201D at 80: smart writes \"\nsmart: gsm7, 1 part, saves 1 part\n  \"" + strings.Repeat("x", 78) + "\"\n" +
				"+49  ",
		},
		{"", "preview|--encoding|smart|“x”", "smart: ucs2, 1 part of at most 70 characters, room for 67 more\n  “  U+201C at 1: smart writes \"\n"},
		{"", "send|--dry-run|+4915110000002|Hi", "gsm7, 1 part of at most 160 characters, room for 158 more\n+4915110000002"},
		{"", "send|--dry-run|--encoding|ucs2|+4915110000002|Hi", "ucs2, 1 part of at most 70 characters, room for 68 more\n+4915110000002"},
	} {
		out, _, err := command(t, env, tt.stdin, strings.Split(tt.args, "|")...)
		if err != nil || !strings.HasPrefix(out, tt.want) {
			t.Errorf("%s: %v\n%s", tt.args, err, cmp.Diff(tt.want, out))
		}
	}
	if _, n, err := r.Messages(t.Context(), api.MessageQuery{}); err != nil || n != 0 {
		t.Errorf("%d messages were stored, %v", n, err)
	}
}
