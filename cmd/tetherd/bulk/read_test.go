package bulk

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func text(s string) *api.TextMessage { return &api.TextMessage{Text: s} }

func numbers(s ...string) []string { return s }

func TestRead(t *testing.T) {
	later := time.Date(2030, 3, 13, 14, 25, 0, 0, time.UTC)
	base := api.SendRequest{TextMessage: text("Base"), Priority: 7, TTL: new(int32(60)), SIMNumber: new(2), WithDeliveryReport: new(true)}
	for _, tt := range []struct {
		name, file string
		options    Options
		want       []Row
	}{
		{"plain", "number,text\n+491,Hello\n", Options{}, []Row{{2, api.SendRequest{PhoneNumbers: numbers("+491"), TextMessage: text("Hello")}}}},
		{
			"semicolons, byte order mark, carriage returns, empty rows", "\ufeff\r\nPhone Number;Message\r\n+491;a\r\n;\r\n\r\n\"+491;+492\";\"two\nlines, \"\"quoted\"\"\"\r\n+493;c",
			Options{},
			[]Row{
				{3, api.SendRequest{PhoneNumbers: numbers("+491"), TextMessage: text("a")}},
				{6, api.SendRequest{PhoneNumbers: numbers("+491", "+492"), TextMessage: text("two\nlines, \"quoted\"")}},
				{8, api.SendRequest{PhoneNumbers: numbers("+493"), TextMessage: text("c")}},
			},
		},
		{
			"every column", "number,text,id,at,until,priority,sim,encoding,report,flash,smsc,encrypted\n" +
				"+491,x,m1,2030-03-13T14:25:00Z,2030-03-13T14:25:00Z,-5,1,smart,no,yes,+490,true\n",
			Options{},
			[]Row{{2, api.SendRequest{
				PhoneNumbers: numbers("+491"), TextMessage: text("x"), ID: "m1", ScheduleAt: &api.Time{Time: later}, ValidUntil: &api.Time{Time: later},
				Priority: -5, SIMNumber: new(1), Encoding: "smart", WithDeliveryReport: new(false), Flash: true, SMSC: "+490", IsEncrypted: true,
			}}},
		},
		{
			"data, ttl, modem", "to\tdata\tport\tttl\tmodem\n+491\tSGk=\t53739\t1h30m\toffice\n+492\tSGk=\t0\t90\t\n",
			Options{},
			[]Row{
				{2, api.SendRequest{PhoneNumbers: numbers("+491"), DataMessage: &api.DataMessage{Data: "SGk=", Port: 53739}, TTL: new(int32(5400)), DeviceID: new("office")}},
				{3, api.SendRequest{PhoneNumbers: numbers("+492"), DataMessage: &api.DataMessage{Data: "SGk="}, TTL: new(int32(90))}},
			},
		},
		{
			"what holds for all", "number,text,priority,until,modem\n+491,,,,\n+492,Own,0,2030-03-13T14:25:00Z,office\n",
			Options{Base: base},
			[]Row{
				{2, api.SendRequest{PhoneNumbers: numbers("+491"), TextMessage: text("Base"), Priority: 7, TTL: new(int32(60)), SIMNumber: new(2), WithDeliveryReport: new(true)}},
				{3, api.SendRequest{PhoneNumbers: numbers("+492"), TextMessage: text("Own"), ValidUntil: &api.Time{Time: later}, DeviceID: new("office"), WithDeliveryReport: new(true)}},
			},
		},
		{
			"columns with other names", "Name,Handy,Text\nBob,+491,x\n",
			Options{Base: base, Columns: map[string]string{"number": "Handy"}},
			[]Row{{2, api.SendRequest{PhoneNumbers: numbers("+491"), TextMessage: text("Base"), Priority: 7, TTL: new(int32(60)), SIMNumber: new(2), WithDeliveryReport: new(true)}}},
		},
		{
			"JSON", `{"phoneNumbers":["+491"],"message":"old","priority":0,"ttl":null}` + "\n\n" + `{"phoneNumbers":["+492"]}`,
			Options{Base: base},
			[]Row{
				{1, api.SendRequest{PhoneNumbers: numbers("+491"), Message: new("old"), TTL: new(int32(60)), SIMNumber: new(2), WithDeliveryReport: new(true)}},
				{3, api.SendRequest{PhoneNumbers: numbers("+492"), TextMessage: text("Base"), Priority: 7, TTL: new(int32(60)), SIMNumber: new(2), WithDeliveryReport: new(true)}},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Read("f", strings.NewReader(tt.file), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, f.Rows); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadMistakes(t *testing.T) {
	for file, want := range map[string]string{
		"":                             "f: it is empty",
		"\n \n":                        "f: it is empty",
		"number,text\n":                "f: there is nothing below the header",
		"\xff\xfen\x00":                "f: it is UTF-16",
		"number,text\n+491,Gr\xfc\xdf": "f line 2: it is not UTF-8",
		`[{"phoneNumbers":["+491"]}]`:  "f: it is a JSON array",

		"+491\n":                          `f line 1, column 1: "+491" is no column that is known`,
		"number,txet\n":                   `f line 1, column 2: "txet" is no column that is known`,
		"text\nx\n":                       "f line 1: there is no column number",
		"number,phone\n":                  "f line 1, column 2: phone is there already, as number",
		"number,text\n+491\n":             "f line 2: it has 1 columns, and the header 2: put quotes around what contains ','",
		"number,text\n+491,a,b\n":         "f line 2: it has 3 columns, and the header 2",
		"number,text\n,hi\n":              "f line 2, column number: there is no number",
		"number,text\n+491,\n":            "f line 2: there is no text",
		"Phone,Text\n4.915E+12,x\n":       "f line 2, column Phone: 4.915E+12 lost its last digits",
		"number,text,priority\n1,x,200\n": `f line 2, column priority: "200" is not a whole number from -128 to 127`,
		"number,text,sim\n1,x,0\n":        `f line 2, column sim: "0" is not a whole number from 1 to`,
		"number,text,ttl\n1,x,0\n":        `f line 2, column ttl: "0" is neither`,
		"number,text,ttl\n1,x,soon\n":     `f line 2, column ttl: "soon" is neither`,
		"number,text,flash\n1,x,maybe\n":  "f line 2, column flash: it is neither true nor false",
		"number,text,at\n1,x,noon\n":      `f line 2, column at: "noon" is not a time`,
		"number,data,port\n1,SGk=,x\n":    `f line 2, column port: "x" is not a whole number from 0 to 65535`,
		"\nnumber,text\n1,\"x\n2,y\n":     "a quote that is not closed, or has something behind it (the text begins in line 3)",
		"number,text\n1,x\"y\n":           "f line 2, character 4: a quote in the middle",

		`{"phoneNumbers":["+491"]}` + "\nx\n":      "f line 2, column 1: it is not a JSON object",
		"{}\n":                                     "f line 1: it has no phoneNumbers",
		`{"phoneNumbers":["+491"],"ttl":"x"}`:      "f line 1, column 34: ttl cannot be a string",
		`{"phoneNumbers":["+491"],"txt":1}`:        `f line 1: there is no field "txt"`,
		`{"phoneNumbers":["+491"]} {}`:             "f line 1: there is something behind the object",
		"{\"phoneNumbers\":\n[\"+491\"]}":          "f line 1: the JSON object does not end on its line",
		`{"phoneNumbers":["+491"]}` + "\n[1]\n":    "f line 2, column 1: it is not a JSON object, but of type array",
		`{"phoneNumbers":["+491"],"ttl":1e99}`:     "ttl cannot be a number 1e99",
		`{"phoneNumbers":["+491"],"scheduleAt":1}`: "f line 1: a field of it cannot be a number",
	} {
		_, err := Read("f", strings.NewReader(file), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", file, err, want)
		}
	}
	_, err := Read("f", strings.NewReader("Nr\x1b[2J,text\n,x\n"), Options{Columns: map[string]string{"number": "Nr\x1b[2J"}})
	if want := `f line 2, column "Nr\x1b[2J": there is no number`; err == nil || err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	for want, columns := range map[string]map[string]string{
		`there is no column "who": there is number, text`: {"who": "number"},
		`f line 1: there is no column "Handy"`:            {"number": "Handy"},
		"f line 1: there is no column number":             {"text": "text"},
	} {
		_, err := Read("f", strings.NewReader("number,text\n1,x\n"), Options{Columns: columns})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", columns, err, want)
		}
	}
}

func TestPlace(t *testing.T) {
	f, err := Read("f", strings.NewReader("Phone;Text;data\n1;x;\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"": "f line 2", "phoneNumbers[3]": "f line 2, column Phone", "textMessage.text": "f line 2, column Text",
		"dataMessage.data": "f line 2, column data", "ttl": "f line 2, ttl",
	} {
		if got := f.Place(0, field); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
}

// FuzzRead reads anything without a panic, and what it takes has a number and a line in
// the file.
func FuzzRead(f *testing.F) {
	f.Add("number,text\n+491,Hello\n\"+4;+5\",\"a\nb\"\n")
	f.Add("{\"phoneNumbers\":[\"+491\"],\"message\":\"x\"}\n")
	f.Add("\ufeffto;at\r\n1;2030-01-01\r\n")
	f.Fuzz(func(t *testing.T, file string) {
		got, err := Read("f", strings.NewReader(file), Options{Base: api.SendRequest{TextMessage: text("x")}})
		if err != nil {
			return
		}
		lines, last := strings.Count(file, "\n")+1, 0
		for _, r := range got.Rows {
			if r.Line <= last || r.Line > lines || len(r.Request.PhoneNumbers) == 0 {
				t.Errorf("row %+v behind line %d of %d", r, last, lines)
			}
			last = r.Line
		}
	})
}
