package rest

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/docs"
	"tetherd/gateway/sms"
)

// Options configure the API.
type Options struct {
	Gateway  *gateway.Gateway // required
	Webhooks Webhooks         // required

	// Username and Password, or PasswordHash, are those of the owner, who may do
	// everything. The hash is that of bcrypt, "$2a$…"; exactly one of the two
	// passwords must be given.
	Username, Password, PasswordHash string
	// Accounts are the others who can log in.
	Accounts []access.Account
	// TokenSecret signs tokens, and is at least 32 bytes. Empty: tokens end with the
	// process. TokenTTL is how long they are good by default; 0 is a day.
	TokenSecret string
	TokenTTL    time.Duration

	Network Network
	// Origins are those of pages that may call the API: scheme and host, lower case,
	// such as https://panel.example. Others may not.
	Origins []string

	Recordings Recordings // nil: there are none
	Logs       Logs       // nil: nothing was logged
	// OpenMetrics shows /metrics to everyone. Else it needs the credentials.
	OpenMetrics bool
	// Collect adds to /metrics what the gateway does not know. May be nil.
	Collect func(*Metrics)

	streams streamTimes // the zero value stands for the usual ones

	// Encoding is that of texts that ask for none.
	Encoding sms.Encoding

	Version string // shown by the probes that do not ask the gateway
	Log     zerolog.Logger
}

// server holds what the handlers share. It is safe for concurrent use.
type server struct {
	gateway     *gateway.Gateway
	hooks       Webhooks
	bins        bins
	spec        *docs.Spec
	recordings  Recordings   // may be nil
	logs        Logs         // may be nil
	encoding    sms.Encoding // of texts that ask for none
	version     string
	log         zerolog.Logger
	door        *access.Door
	tokens      *access.Tokens
	several     bool           // users: messages are shown with theirs
	collect     func(*Metrics) // may be nil
	openMetrics bool
	network     Network
	cors        []string // origins
	origin      *http.CrossOriginProtection
	intake      intake
	tries       *rate.Limiter // that are logged, of what somebody may not
	proxyOnce   sync.Once     // tells of a proxy that is not trusted
	listeners   listeners
	reel        reel
	streamTimes streamTimes
	name        string // of the device

	mu       sync.Mutex // guards the two below
	health   gateway.Health
	healthAt time.Time // when health was taken; zero before the first
}

// New returns the handler of all routes. It is safe for concurrent use.
func New(o Options) (http.Handler, error) {
	if o.Gateway == nil {
		return nil, errors.New("set up the API: no gateway given")
	}
	if o.Webhooks == nil {
		return nil, errors.New("set up the API: nothing given that sends webhooks")
	}
	owner := access.Account{Name: o.Username, Password: o.Password, PasswordHash: o.PasswordHash, Role: access.Admin}
	door, err := access.NewDoor(append([]access.Account{owner}, o.Accounts...), o.Log)
	if err != nil {
		return nil, fmt.Errorf("set up the API: %w", err)
	}
	tokens, err := access.NewTokens(access.TokenOptions{
		Ledger: o.Gateway, Rights: door.Rights, Owner: o.Username, Secret: o.TokenSecret, TTL: o.TokenTTL,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the API: %w", err)
	}
	protection := http.NewCrossOriginProtection()
	for _, origin := range o.Origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("set up the API: %w", err)
		}
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "gateway"
	}
	s := &server{
		tries:   rate.NewLimiter(rate.Every(tryEvery), tryBurst),
		gateway: o.Gateway, hooks: o.Webhooks, bins: bins{now: time.Now}, spec: docs.NewSpec(), recordings: o.Recordings, logs: o.Logs, version: o.Version, encoding: o.Encoding, log: o.Log, door: door, tokens: tokens, several: len(o.Accounts) > 0,
		collect: o.Collect, openMetrics: o.OpenMetrics,
		network: o.Network, cors: o.Origins, origin: protection, streamTimes: o.streams.orDefault(), name: "tetherd/" + host,
	}
	return s.guard(cleanPath(s.mux())), nil
}
