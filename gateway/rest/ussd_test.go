package rest

import (
	"testing"

	"tetherd/gateway"
)

func TestUSSD(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office", Slot: 1}})
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/modems/office/ussd", `{"code":"*100#"}`, 200, `{"modem":"office","text":"1 \u003cCredit\u003e\n2 Help","status":"reply-needed"}`},
		{"POST", "/modems/1/ussd", `{"reply":"1","code":null}`, 200, `{"modem":"office","text":"3 EUR","status":"done"}`},
		{"DELETE", "/modems/1/ussd", ``, 204, ``},
		{"POST", "/modems/1/ussd", `{"code":"*9#"}`, 409, `{"message":"the network did not answer in time: try again later"}`},
		{"POST", "/modems/1/ussd", `{}`, 400, `{"message":"give either code, to begin, or reply, to go on"}`},
		{"POST", "/modems/1/ussd", `{"code":100}`, 400, `{"message":"code must be a string, got a number"}`},
		{"POST", "/modems/1/ussd", `{"code":"*100#\",15\rAT+CMGD=1,4"}`, 400, `{"message":"code must be up to 182 digits, * and #, such as *100#"}`},
		{"POST", "/modems/van/ussd", `{"code":"*100#"}`, 404, `{"message":"there is no modem \"van\"; there is office"}`},
	} {
		if a := w.do(tt.method, tt.path, tt.body); a.status != tt.status || a.body != tt.want {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", tt.method, tt.path, tt.body, a.status, a.body, tt.status, tt.want)
		}
	}
}
