package emulator

import "fmt"

// CME errors the emulator answers by itself (3GPP 27.007 §9.2).
const (
	cmeNotAllowed   = 3
	cmeNoSIM        = 10
	cmePINNeeded    = 11
	cmePUKNeeded    = 12
	cmeSIMFailure   = 13
	cmeSIMBusy      = 14
	cmeWrongPIN     = 16
	cmeNoService    = 30
	cmeBadParameter = 50
	cmeNetworkBusy  = 258
)

// CMS errors the emulator answers by itself (3GPP 27.005 §3.2.5).
const (
	cmsNotAllowed    = 302
	cmsUnsupported   = 303
	cmsBadPDU        = 304
	cmsNoSIM         = 310
	cmsPUKNeeded     = 316
	cmsBadIndex      = 321
	cmsMemoryFull    = 322
	cmsNoSMSC        = 330
	cmsNoService     = 331
	cmsNoAckExpected = 340
)

// cmeTexts are the results of +CMEE=2 (3GPP 27.007 §9.2).
var cmeTexts = map[int]string{
	0: "phone failure", 3: "operation not allowed", 4: "operation not supported",
	5: "PH-SIM PIN required", 10: "SIM not inserted", 11: "SIM PIN required",
	12: "SIM PUK required", 13: "SIM failure", 14: "SIM busy", 15: "SIM wrong",
	16: "incorrect password", 20: "memory full", 21: "invalid index", 22: "not found",
	23: "memory failure", 24: "text string too long", 26: "dial string too long",
	30: "no network service", 31: "network timeout",
	32: "network not allowed - emergency calls only", 50: "Incorrect parameters",
	100: "unknown", 103: "Illegal MS", 107: "GPRS services not allowed",
	148: "unspecified GPRS error",
}

// cmsTexts are the results of +CMEE=2 (3GPP 27.005 §3.2.5, 24.011 annex E, 23.040 §9.2.3.22).
var cmsTexts = map[int]string{
	1: "Unassigned (unallocated) number", 8: "Operator determined barring", 10: "Call barred",
	21: "Short message transfer rejected", 22: "Memory capacity exceeded",
	27: "Destination out of service", 28: "Unidentified subscriber", 29: "Facility rejected",
	30: "Unknown subscriber", 38: "Network out of order", 41: "Temporary failure",
	42: "Congestion", 47: "Resources unavailable, unspecified",
	50: "Requested facility not subscribed", 69: "Requested facility not implemented",
	81: "Invalid short message transfer reference value", 95: "Invalid message, unspecified",
	96: "Invalid mandatory information", 97: "Message type non-existent or not implemented",
	98:  "Message not compatible with short message protocol state",
	99:  "Information element non-existent or not implemented",
	111: "Protocol error, unspecified", 127: "Interworking, unspecified",
	192: "SC busy", 193: "No SC subscription", 194: "SC system failure",
	195: "Invalid SME address", 196: "Destination SME barred",
	197: "SM Rejected-Duplicate SM", 208: "SIM SMS storage full",
	209: "No SMS storage capability in SIM", 210: "Error in MS", 211: "Memory Capacity Exceeded",
	300: "ME failure", 301: "SMS service of ME reserved", 302: "operation not allowed",
	303: "operation not supported", 304: "invalid PDU mode parameter",
	305: "invalid text mode parameter", 310: "SIM not inserted", 311: "SIM PIN required",
	312: "PH-SIM PIN required", 313: "SIM failure", 314: "SIM busy", 315: "SIM wrong",
	316: "SIM PUK required", 317: "SIM PIN2 required", 318: "SIM PUK2 required",
	320: "memory failure", 321: "invalid memory index", 322: "memory full",
	330: "SMSC address unknown", 331: "no network service", 332: "network timeout",
	340: "no +CNMA acknowledgement expected", 500: "unknown error",
}

// verdict is how a command ended.
type verdict struct {
	kind verdictKind
	code int
	text string // of verdictText
	err  error  // of verdictOver
}

type verdictKind int

const (
	verdictOK verdictKind = iota
	verdictError
	verdictCME
	verdictCMS
	verdictUnknown // no such command
	verdictText    // a result line given by a fault
	verdictNone    // no final result is written, the line ends
	verdictOver    // the session ends or starts anew
)

func fail() verdict          { return verdict{kind: verdictError} }
func cme(code int) verdict   { return verdict{kind: verdictCME, code: code} }
func cms(code int) verdict   { return verdict{kind: verdictCMS, code: code} }
func none() verdict          { return verdict{kind: verdictNone} }
func over(err error) verdict { return verdict{kind: verdictOver, err: err} }

// final is the result line of a verdict in verbose form, by the setting of +CMEE.
func (v verdict) final(cmee int, p Profile) string {
	text := "ERROR"
	switch v.kind {
	case verdictOK:
		text = "OK"
	case verdictUnknown:
		text = p.Unknown
	case verdictText:
		return v.text
	case verdictCME:
		text = errorLine("+CME ERROR", v.code, cmee, cmeTexts, p.ErrorFormat)
	case verdictCMS:
		if p.CMSAlways && cmee == 0 {
			cmee = 1
		}
		text = errorLine("+CMS ERROR", v.code, cmee, cmsTexts, p.ErrorFormat)
	}
	if other, ok := p.Finals[text]; ok {
		return other
	}
	return text
}

func errorLine(name string, code, cmee int, texts map[int]string, format string) string {
	switch text, known := texts[code]; {
	case cmee == 0:
		return "ERROR"
	case cmee == 2 && known:
		return fmt.Sprintf(format, name, text)
	}
	return fmt.Sprintf(format, name, code)
}
