package rest

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// What requests may send at once is bounded, but for small ones.
func TestIntake(t *testing.T) {
	var in intake
	send := func(size int) (read int64, release func(), err error) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", size)))
		r, release = in.meter(r)
		read, err = io.Copy(io.Discard, r.Body)
		return read, release, err
	}
	_, first, err := send(maxIntake)
	if err != nil {
		t.Fatalf("%d bytes: %v", maxIntake, err)
	}
	if n, small, err := send(freeBody); err != nil || n != freeBody {
		t.Errorf("a small body: got %d, %v", n, err)
	} else {
		small()
	}
	n, second, err := send(1 << 20)
	if err != errIntake || n < freeBody || n > freeBody+128<<10 {
		t.Errorf("one more: got %d, %v, want it refused when there is no more room", n, err)
	}
	second()
	first()
	first() // is harmless
	if _, again, err := send(maxIntake); err != nil {
		t.Errorf("after all were answered: %v", err)
	} else {
		again()
	}
	if n := in.used.Load(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
}

func TestIntakeIsAnswered(t *testing.T) {
	s := &server{log: zerolog.Nop(), origin: http.NewCrossOriginProtection()}
	h := s.guard(s.answer(func(w http.ResponseWriter, r *http.Request) error {
		_, err := readObject(w, r)
		return err
	}))
	s.intake.used.Store(maxIntake)
	for padding, want := range map[int]int{0: 200, 128 << 10: 429} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader("{}"+strings.Repeat(" ", padding))))
		if w.Code != want || want == 429 && (w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), "too much is being sent to the gateway at once")) {
			t.Errorf("%d bytes: got %d %v %s, want %d", padding, w.Code, w.Header(), w.Body, want)
		}
	}
	if got := s.intake.used.Load(); got != maxIntake {
		t.Errorf("%d bytes are still counted", got-maxIntake)
	}
}

// A client that waits to be asked for its body is answered at once if it is not.
func TestBodyThatIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /messages HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 401") {
		t.Errorf("got %s, %v, want 401 and the end", answer, err)
	}
}

func TestCompressedBody(t *testing.T) {
	w := newWorld(t)
	body := `{"message":"hi","phoneNumbers":["+4915110000001"]}`
	if a := w.do("POST", "/messages", body, "Content-Encoding", "gzip"); a.status != 400 || !strings.Contains(a.body, `Content-Encoding \"gzip\": send it as it is`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := w.do("POST", "/messages", body, "Content-Encoding", "Identity"); a.status != 202 {
		t.Errorf("identity: got %d %s, want 202", a.status, a.body)
	}
}

func TestCountItems(t *testing.T) {
	for _, s := range []string{
		"[]", " [ ] ", "[1]", "[[]]", "[{}]", `[""]`, `["",""]`, `[1,2,3]`, "[\n1 ,\t2\r]", `["a,b]","\"],[\\"]`, `[{"a":[1,2],"b":{"c":","}},[3,4],null]`, `["\\","\\\",",true]`,
	} {
		var items []json.RawMessage
		if err := json.Unmarshal([]byte(s), &items); err != nil {
			t.Fatal(err)
		}
		if got := countItems([]byte(s)); got != len(items) {
			t.Errorf("%s: got %d, want %d", s, got, len(items))
		}
	}
}

func FuzzCountItems(f *testing.F) {
	f.Add(`[1,"a,\"",{"b":[2]},[]]`)
	f.Fuzz(func(t *testing.T, s string) {
		var items []json.RawMessage
		s = strings.TrimSpace(s)
		if !strings.HasPrefix(s, "[") || json.Unmarshal([]byte(s), &items) != nil {
			return
		}
		if got := countItems([]byte(s)); got != len(items) {
			t.Errorf("%s: got %d, want %d", s, got, len(items))
		}
	})
}

// A large request that is repeated is known again, however it is spaced.
func TestCanonicalIsFrugal(t *testing.T) {
	large := `{"x":[` + strings.Repeat(`{},`, 1<<20) + `{}]}`
	if got := canonical([]byte(strings.ReplaceAll(large, ",", ", "))); string(got) != large {
		t.Errorf("got %d bytes, want the %d without spaces", len(got), len(large))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	canonical([]byte(large))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
		t.Errorf("it took %d bytes for %d", took, len(large))
	}
}
