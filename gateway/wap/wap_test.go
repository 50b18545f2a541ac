package wap

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The vectors are written by hand after the standards: a field, then its value.
const (
	head     = "\x8c\x82\x98T1\x00\x8d\x90"
	location = "\x83http://mmsc/1\x00"
)

// full has every field that is read and some that are not.
const full = "\x8c\x82" + // m-notification-ind
	"\x98TRANS-1\x00" +
	"\x8d\x92" + // version 1.2
	"\x89\x1a\x80+4917012345678/TYPE=PLMN\x00" +
	"\x96\x09\xeaGr\xc3\xbc\xc3\x9fe\x00" + // UTF-8
	"\x8a\x80" + // personal
	"\x8f\x81" + // priority, which is not read
	"\x8e\x03\x01\x86\xa0" +
	"\x88\x05\x81\x03\x03\xf4\x80" +
	"\xba\x81" +
	"X-Mms-Unknown\x00value\x00" +
	location

func TestDecodeNotification(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Notification
	}{
		"full": {full, Notification{
			TransactionID: "TRANS-1", From: "+4917012345678", Subject: "Grüße", Size: 100000, Location: "http://mmsc/1",
			MessageClass: "personal", ContentClass: "image-basic", ExpiresIn: 72 * time.Hour, Version: "1.2",
		}},
		"smallest":                 {"\x8c\x82", Notification{}},
		"sender withheld":          {head + "\x89\x01\x81", Notification{TransactionID: "T1", Version: "1.0"}},
		"sender in UTF-8":          {head + "\x89\x07\x80\x05\xeaA\xc3\xb6\x00", Notification{TransactionID: "T1", Version: "1.0", From: "Aö"}},
		"sender an e-mail address": {head + "\x89\x07\x80a@b.c\x00", Notification{TransactionID: "T1", Version: "1.0", From: "a@b.c"}},
		"absolute expiry": {"\x8c\x82\x88\x06\x80\x04\x60\x00\x00\x00" + location, Notification{
			Expires: time.Unix(0x60000000, 0).UTC(), Location: "http://mmsc/1",
		}},
		"relative expiry in one octet":     {"\x8c\x82\x88\x02\x81\xbc", Notification{ExpiresIn: time.Minute}},
		"size in one octet":                {"\x8c\x82\x8e\xff", Notification{Size: 127}},
		"length as a uintvar":              {"\x8c\x82\x96\x1f\x05\xeaabc\x00\x8e\x81", Notification{Subject: "abc", Size: 1}},
		"length as a uintvar of two":       {"\x8c\x82\x96\x1f\x81\x02\xea" + strings.Repeat("a", 128) + "\x00\x8e\x81", Notification{Subject: strings.Repeat("a", 128), Size: 1}},
		"subject without a character set":  {"\x8c\x82\x96Hi\x00", Notification{Subject: "Hi"}},
		"subject with only a length":       {"\x8c\x82\x96\x03Hi\x00", Notification{Subject: "Hi"}},
		"subject quoted":                   {"\x8c\x82\x96\x7f\xc3\xbc\x00", Notification{Subject: "ü"}},
		"subject in ASCII":                 {"\x8c\x82\x96\x04\x83Hi\x00", Notification{Subject: "Hi"}},
		"subject in Latin-1":               {"\x8c\x82\x96\x04\x84H\xfc\x00", Notification{Subject: "Hü"}},
		"subject in Latin-1, not said":     {"\x8c\x82\x96H\xfc\x00", Notification{Subject: "Hü"}},
		"subject in Latin-1 that is UTF-8": {"\x8c\x82\x96\x04\x84\xc3\xbc\x00", Notification{Subject: "Ã¼"}},
		"subject in UCS-2":                 {"\x8c\x82\x96\x09\x02\x03\xe8\x00H\x00\xfc\x00\x00", Notification{Subject: "Hü"}},
		"subject in UCS-2, quoted":         {"\x8c\x82\x96\x0a\x02\x03\xe8\x7f\x00H\x00\xfc\x00\x00", Notification{Subject: "Hü"}},
		"subject in UTF-16, swapped":       {"\x8c\x82\x96\x0b\x02\x03\xf7\xff\xfeH\x00=\xd8\x00\xde", Notification{Subject: "H😀"}},
		"subject in UTF-16LE":              {"\x8c\x82\x96\x05\x02\x03\xf6H\x00", Notification{Subject: "H"}},
		"subject with control characters":  {"\x8c\x82\x96a\r\nb\x1b\x00", Notification{Subject: "a  b"}},
		"class by name":                    {"\x8c\x82\x8aspecial\x00\xbanew\x00", Notification{MessageClass: "special", ContentClass: "new"}},
		"unknown fields of every kind":     {"\x8c\x82\xb0\x03abc\xb1\x80\xb2text\x00\xb3\x1f\x01x\x8e\x85", Notification{Size: 5}},
		"padding":                          {"\x8c\x82\x8e\x85\x00\x00\x00", Notification{Size: 5}},
		"type behind other fields":         {"\x8e\x85\x8c\x82", Notification{Size: 5}},
		"no terminator": {
			"\x8c\x82\x83http://mmsc/1", Notification{Location: "http://mmsc/1"},
		},
		"cut in the sender": {
			"\x8c\x82\x89\x1a\x80+49", Notification{From: "+49", Defects: []string{"sender cannot be read"}},
		},
		"cut in the expiry": {
			"\x8c\x82\x88\x05\x81\x03", Notification{Defects: []string{"expiry cannot be read"}},
		},
		"cut before a value": {"\x8c\x82\x8e", Notification{Defects: []string{"size cannot be read"}}},
		"size too long": {
			"\x8c\x82\x8e\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01\x98T\x00",
			Notification{TransactionID: "T", Defects: []string{"size cannot be read"}},
		},
		"size beyond all measure":    {"\x8c\x82\x8e\x08\xff\xff\xff\xff\xff\xff\xff\xff", Notification{Size: 1<<63 - 1}},
		"size as text":               {"\x8c\x82\x8e12\x00\x98T\x00", Notification{TransactionID: "T", Defects: []string{"size cannot be read"}}},
		"transaction id as a number": {"\x8c\x82\x98\x85\x8e\x85", Notification{Size: 5, Defects: []string{"transaction id cannot be read"}}},
		"expiry in a thousand years": {"\x8c\x82\x88\x07\x81\x05\x07\x00\x00\x00\x00\x8e\x85", Notification{Size: 5, Defects: []string{"expiry cannot be read"}}},
		"unknown class":              {"\x8c\x82\xba\xf0\x8e\x85", Notification{Size: 5, Defects: []string{"content class cannot be read"}}},
		"unknown field cut":          {"\x8c\x82\xb0\x05ab", Notification{Defects: []string{"field 0xb0 cannot be read"}}},
		"nothing but defects": {"\x8c\x82" + strings.Repeat("\xba\xff", 100), Notification{
			Defects: strings.Split(strings.Repeat("content class cannot be read,", 7)+"content class cannot be read", ","),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeNotification([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDecodeNotificationRefuses(t *testing.T) {
	for _, in := range []string{"", "hello", "\x8c", "\x8c\x86\x98T\x00", "\x98T1\x00", "\x00\x00"} {
		if _, err := DecodeNotification([]byte(in)); !errors.Is(err, ErrNoNotification) {
			t.Errorf("%q: got %v, want ErrNoNotification", in, err)
		}
	}
}

func TestDecodePush(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want Push
	}{
		"assigned number":    {"\x01\x06\x03\xbe\xaf\x84body", Push{MMS, []byte("body")}},
		"confirmed":          {"\x01\x07\x01\xbebody", Push{MMS, []byte("body")}},
		"text":               {"\xff\x06\x20application/vnd.wap.mms-message\x00body", Push{MMS, []byte("body")}},
		"text, capitals":     {"\x00\x06\x25Application/Vnd.Wap.MMS-Message; a=b\x00body", Push{MMS, []byte("body")}},
		"general, number":    {"\x00\x06\x04\x03\xae\x81\xeaxyz", Push{"application/vnd.wap.sic", []byte("xyz")}},
		"general, long":      {"\x00\x06\x05\x1f\x03\x01\x3e\xeaxyz", Push{MMS, []byte("xyz")}},
		"general, text":      {"\x00\x06\x0a\x09text/xml\x00<a/>", Push{"text/xml", []byte("<a/>")}},
		"unknown number":     {"\x00\x06\x01\xfe", Push{"type 0x7e", nil}},
		"service indication": {"\x00\x06\x01\xae\x02\x05", Push{"application/vnd.wap.sic", []byte{2, 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodePush([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want.ContentType, got.ContentType); diff != "" || string(got.Body) != string(tt.want.Body) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	for _, in := range []string{
		"", "\x00", "\x00\x01\x00", "\x00\x06", "\x00\x06\x05\xbe", "\x00\x06\x00body", "\x00\x06\x81\x81\x81\x81\x01\xbe", "\x00\x06\x01\x05body",
	} {
		if p, err := DecodePush([]byte(in)); !errors.Is(err, ErrNoPush) {
			t.Errorf("%q: got %+v, %v, want ErrNoPush", in, p, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("\x01\x06\x03\xbe\xaf\x84" + full))
	f.Add([]byte("\x00\x06\x04\x03\xae\x81\xeaxyz"))
	f.Add([]byte("\x8c\x82\x96\x0b\x02\x03\xf7\xff\xfeH\x00=\xd8\x00\xde"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := string(b)
		if p, err := DecodePush(b); err == nil {
			if p.ContentType == "" && len(p.Body) > len(b) {
				t.Errorf("body of %d octets from %d", len(p.Body), len(b))
			}
			b = p.Body
		}
		n, err := DecodeNotification(b)
		if err != nil && !errors.Is(err, ErrNoNotification) {
			t.Errorf("unexpected error %v", err)
		}
		for _, s := range []string{n.TransactionID, n.From, n.Subject, n.Location, n.MessageClass, n.ContentClass} {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("control character in %q", s)
			}
			if len(s) > 4*len(b)+16 {
				t.Errorf("%d bytes of text from %d octets", len(s), len(b))
			}
		}
		if n.Size < 0 || n.ExpiresIn < 0 || len(n.Defects) > maxDefects {
			t.Errorf("out of bounds: %+v", n)
		}
		if string(b) != before[len(before)-len(b):] {
			t.Error("the input was altered")
		}
	})
}
