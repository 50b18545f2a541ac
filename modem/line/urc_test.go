package line

import "testing"

// What vendors say of themselves is known for what it means.
func TestKinds(t *testing.T) {
	for line, want := range map[string]Kind{
		"RDY": Boot, "^SYSSTART": Boot, "^SYSSTART AIRPLANE MODE": Boot, "*ATREADY: 1": Boot, "*EMRDY: 1": Boot, "+AT: READY": Boot,
		"+CFUN: 1": Boot, "APP RDY": Boot, "POWERED DOWN": Boot, "NORMAL POWER DOWN": Boot, "^SHUTDOWN": Boot, "+WIND: 3": Boot,
		"UNDER-VOLTAGE POWER DOWN": Boot, "UNDER-VOLTAGE WARNNING": Power,
		"Call Ready": Ready, "SMS Ready": Ready, "SMS DONE": Ready, "PB DONE": Ready, "+PBREADY": Ready,
		"+QIND: SMS DONE": Ready, "+QIND: PB DONE": Ready, "#QSS: 3": Ready, "+WIND: 4": Ready,
		"#QSS: 0": SIM, "#QSS: 1": SIM, "+QUSIM: 1": SIM, "+CPIN: READY": SIM, "^SIMST:1": SIM,
		`^SMMEMFULL:"SM"`: Full, "^SMGO: 2": Full, "+SMS FULL": Full, `+QIND: "smsfull","ME"`: Full, `+CIEV: "SMSFULL",1`: Full,
		`+CMTI: "SM",1,"MMS PUSH",2,1`: Stored, `+CDSI: "SR",4`: Stored, "+CMT: ,24": Direct, "+CDS: ,24": Direct, "+CBM: 88": Broadcast,
		"+C5GREG: 1": Network, "+CEREG: 5": Network,
		"RING": Call,
	} {
		if p, ok := lookup(line); !ok || p.kind != want {
			t.Errorf("%q is %v (known: %v), want %v", line, p.kind, ok, want)
		}
	}
	for _, line := range []string{"+ZUSIMR:2", "^BOOT:21277243,0,0,0,75", "^RSSI:18", "+SPNWNAME: \"x\"", "_OSIGQ: 12,0", "+MBAN: Copyright"} {
		if p, ok := lookup(line); ok && p.kind != Noise {
			t.Errorf("%q is %v, want noise", line, p.kind)
		}
	}
}
