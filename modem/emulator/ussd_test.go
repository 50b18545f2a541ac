package emulator

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestUSSDForms(t *testing.T) {
	for form, want := range map[USSDForm]string{
		USSDPlain:     framed() + "\r\n+CUSD: 0,\"Hi 7 €\",15\r\n",
		USSDHexUCS2:   framed() + "\r\n+CUSD: 0,\"004800690020003700" + "2020AC\",15\r\n",
		USSDHexUCS272: framed() + "\r\n+CUSD: 0,\"0048006900200037002020AC\",72\r\n",
		USSDUnquoted:  framed() + "\r\n+CUSD: 0,Hi 7 €,15\r\n",
		USSDOpenQuote: framed() + "\r\n+CUSD: 0,\"Hi 7 €\r\n",
		USSDJunk:      framed() + "\r\n+CUSD: 0,\"0048006900200037002020ACFFFF\",72\r\n",
		USSDEarly:     "\r\n+CUSD: 0,\"Hi 7 €\",15\r\n" + framed(),
	} {
		synctest.Test(t, func(t *testing.T) {
			h := attachHost(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{
				Profile: Profile{Name: "x", USSD: form}, USSD: map[string]string{"*1#": "Hi 7 €"},
			}))
			h.setUp()
			if got := h.ask("AT+CUSD=1,\"*1#\",15\r"); got != want {
				t.Errorf("form %d: heard %q, want %q", form, got, want)
			}
		})
	}
}

// TestPackUSSD has the carriage return that fills an octet, and its way back.
func TestPackUSSD(t *testing.T) {
	for text, want := range map[string]string{"*100#": "AA180C3602", "1234567": "31D98C56B3DD1A", "12345678": "31D98C56B3DD70"} {
		septets, _ := encodeGSM7(text)
		if got := upperHex(packUSSD(septets)); got != want {
			t.Errorf("%q is packed as %s, want %s", text, got, want)
		}
		m := &Modem{profile: Profile{USSD: USSDPacked}}
		if got, ok := m.heardUSSD(want); !ok || got != text {
			t.Errorf("%s is read as %q, want %q", want, got, text)
		}
	}
}

func TestUSSDDialogues(t *testing.T) {
	menu := Dialogue{Text: "1 balance 2 wait", Replies: map[string]Dialogue{
		"1": {Text: "3 EUR"}, "2": {Text: "later", Delay: 30 * time.Second, Open: true},
	}}
	for name, talk := range map[string][]exchange{
		"to its end":     {{"*1#", "+CUSD: 1,\"1 balance 2 wait\",15"}, {"1", "+CUSD: 0,\"3 EUR\",15"}, {"1", "+CUSD: 4"}},
		"a wrong answer": {{"*1#", "+CUSD: 1,\"1 balance 2 wait\",15"}, {"9", "+CUSD: 2"}, {"*1#", "+CUSD: 1,\"1 balance 2 wait\",15"}},
		"left open":      {{"*2#", "+CUSD: 1,\"open\",15"}, {"*1#", "+CUSD: 2"}},
		"ended":          {{"*2#", "+CUSD: 1,\"open\",15"}, {"end", ""}, {"*1#", "+CUSD: 1,\"1 balance 2 wait\",15"}},
		"silence":        {{"*3#", ""}, {"submit", "+CME ERROR: 258"}, {"end", ""}},
		"a delay":        {{"*1#", "+CUSD: 1,\"1 balance 2 wait\",15"}, {"2", ""}, {"wait", "+CUSD: 1,\"later\",15"}},
		"the network's":  {{"push", "+CUSD: 1,\"1 balance 2 wait\",15"}, {"1", "+CUSD: 0,\"3 EUR\",15"}},
		"a time out":     {{"*4#", "+CUSD: 5"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Profile: Profile{Name: "x", USSDBlocks: true}})
				m.SetUSSD("*1#", menu)
				m.SetUSSD("*2#", Dialogue{Text: "open", Open: true})
				m.SetUSSD("*3#", Dialogue{Silent: true})
				m.SetUSSD("*4#", Dialogue{Status: 5})
				h := attachHost(t, m)
				h.setUp()
				for _, e := range talk {
					var got string
					want := framed()
					if e.want != "" {
						want += "\r\n" + e.want + "\r\n"
					}
					switch e.send {
					case "push":
						m.PushUSSD(menu)
						got, want = h.heard(), want[len(framed()):]
					case "wait":
						time.Sleep(30 * time.Second)
						got, want = h.heard(), want[len(framed()):]
					case "end":
						got = h.ask("AT+CUSD=2\r")
					case "submit":
						got, want = h.ask("AT+CMGS=20\r"), refused(e.want)
					default:
						got = h.ask("AT+CUSD=1,\"" + e.send + "\",15\r")
					}
					if got != want {
						t.Errorf("%q: heard %q, want %q", e.send, got, want)
					}
				}
			})
		})
	}
}
