package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/certificate"
	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/gateway/rest"
	"tetherd/modem"
	"tetherd/modem/device"
	"tetherd/modem/recorder"
	"tetherd/store"
	"tetherd/webhook"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

// component is something that runs from the start of the daemon until ctx ends.
type component struct {
	name string
	run  func(ctx context.Context) error
}

// daemon is everything that runs, in the order in which it was made.
type daemon struct {
	cfg      *config.Config
	log      zerolog.Logger
	listener net.Listener
	store    *store.DB
	gateway  *gateway.Gateway
	worker   *webhook.Worker
	webhooks *webhooks
	emulated *emulated
	modems   []*modem.Modem
	saver    *recorder.Saver
	server   *http.Server
	tls      *certificate.Keeper // nil: plain HTTP
	systemd  systemd

	// components run beside the modems: they end after everything that may need
	// them.
	components []component
	ready      func(api net.Addr) // called once the daemon serves; may be nil

	started time.Time     // shown in the metrics
	changed chan struct{} // capacity 1; written by modems, read by reportStatus
}

// openDaemon opens and connects everything. Nothing runs yet but the store.
func openDaemon(ctx context.Context, cfg *config.Config, log zerolog.Logger) (_ *daemon, err error) {
	d := &daemon{cfg: cfg, log: log, systemd: systemd{log}, changed: make(chan struct{}, 1), started: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	// The address first: if it is taken another tetherd is the likeliest reason,
	// and saying so helps more than that its database is in use.
	if d.listener, err = listen(ctx, cfg.Listen); err != nil {
		return nil, err
	}
	d.store, err = store.Open(filepath.Join(cfg.DataDir, databaseName), store.Options{
		Clock: clockSource(builtAt()), Log: log.With().Str("part", "store").Logger(),
		MaxPending: cfg.Webhooks.MaxPending, MaxWaiting: cfg.Webhooks.MaxSize,
	})
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: let this user write to data_dir, or choose another", err)
	}
	if err != nil {
		return nil, err
	}
	if err := d.openGateway(ctx); err != nil {
		return nil, err
	}
	if err := d.openModems(); err != nil {
		return nil, err
	}
	return d, d.openServer()
}

// openGateway makes the engine and the webhook worker.
func (d *daemon) openGateway(ctx context.Context) error {
	key, err := signingKey(d.cfg, true)
	if err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	// The worker watches the store, whose observers come before its first commit;
	// but the worker needs the device ID, which the first commit stores.
	var worker atomic.Pointer[webhook.Worker]
	d.store.OnCommit(func(c gateway.Change) {
		if w := worker.Load(); w != nil {
			w.Observe(c)
		}
	})
	client, err := egress.New(egress.Options{
		Policy:   egress.Policy(d.cfg.Webhooks.Policy),
		Allow:    d.cfg.Webhooks.Allow,
		Proxy:    d.cfg.Webhooks.Proxy,
		Source:   d.cfg.Webhooks.Source,
		OwnAddrs: ownAddrs(d.listener.Addr()),
		Clock:    d.store.Timeline().Wall,
	})
	if err != nil {
		return fmt.Errorf("set up connections to webhooks: %w", err)
	}
	local := localBins(ownAddrs(d.listener.Addr()), d.cfg.TLS.Mode != config.TLSOff, func() http.Handler {
		if d.server == nil {
			return nil
		}
		return d.server.Handler
	})
	protection, err := protection(d.cfg)
	if err != nil {
		return err
	}
	d.gateway, err = gateway.New(ctx, gateway.Options{
		Store:         d.store,
		Version:       versionString(),
		Region:        d.cfg.Region,
		MaxParts:      d.cfg.Send.MaxParts,
		Balances:      balances(d.cfg.Modems),
		Quotas:        quotas(d.cfg.Users),
		Attempts:      d.cfg.Send.Attempts,
		UnknownGrace:  d.cfg.Send.UnknownGrace,
		OnUnknown:     gateway.UnknownPolicy(d.cfg.Send.OnUnknown),
		Routing:       routing(d.cfg.Routing),
		OptOut:        optOut(d.cfg.OptOut),
		RememberFor:   d.cfg.Retention.Idempotency,
		Canary:        canary(d.cfg.Canary),
		History:       true,
		OfflineAfter:  d.cfg.Alerts.OfflineAfter,
		AdminNumbers:  d.cfg.Alerts.AdminNumbers,
		AlertEvery:    d.cfg.Alerts.Every,
		AlertsPerDay:  d.cfg.Alerts.PerDay,
		CheckEndpoint: checkWebhook(client, local),
		Carries: func(e *gateway.Endpoint, t gateway.EventType) bool {
			f, ok := format.Lookup(e.Format)
			return ok && f.Carries(t, &e.Rendering)
		},
		Protection: protection,
		Settings:   settings(d.cfg, key),
		SettingsChanged: func(s gateway.Settings) {
			if w := worker.Load(); w != nil {
				w.Tune(tuning(s))
			}
		},
		Log: d.log.With().Str("part", "engine").Logger(),
	})
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	d.worker, err = webhook.New(webhook.Options{
		Queue:        d.store,
		Client:       client,
		DeviceID:     d.gateway.DeviceID(),
		Version:      versionString(),
		Local:        local,
		Tuning:       tuning(d.gateway.Settings()),
		Timeout:      d.cfg.Webhooks.Timeout,
		Health:       d.gateway.Health,
		RecoveryRate: float64(d.cfg.Webhooks.Recovery),
		Attempts:     webhook.AttemptLog(d.cfg.Webhooks.Log),
		Pause: func(ctx context.Context, id string, p gateway.Pause) error {
			_, err := d.gateway.PauseEndpoint(ctx, id, p)
			return err
		},
		Raise: d.gateway.Raise,
		Log:   d.log.With().Str("part", "webhooks").Logger(),
	})
	if err != nil {
		return fmt.Errorf("start webhooks: %w", err)
	}
	worker.Store(d.worker)
	d.webhooks = &webhooks{worker: d.worker, client: client, cfg: d.cfg.Webhooks, deviceID: d.gateway.DeviceID(), key: key}
	return nil
}

// routing returns what the engine is to know of the configuration's routing.
func routing(c config.Routing) gateway.Routing {
	r := gateway.Routing{Selection: gateway.Selection(c.Selection), Sticky: c.Sticky, Handover: c.Handover}
	for _, rule := range c.Rules {
		r.Rules = append(r.Rules, gateway.Rule{Prefix: rule.Prefix, Modems: rule.Modems, Strict: !rule.Fallback})
	}
	return r
}

// optOut returns by which messages people opt out; nil if they cannot.
func optOut(c config.OptOut) *gateway.OptOutRules {
	if !c.Enabled {
		return nil
	}
	return &gateway.OptOutRules{Stop: c.Stop, Start: c.Start}
}

// balances says how the credit of SIMs is asked for.
func balances(modems []config.Modem) map[string]gateway.BalanceQuery {
	out := make(map[string]gateway.BalanceQuery)
	for _, m := range modems {
		if b := m.Balance; b != nil {
			out[m.Name] = gateway.BalanceQuery{Code: b.Code, Every: b.Every, Match: b.Match, Below: b.Below}
		}
	}
	return out
}

// openModems makes the modems, plugging the emulated ones in.
func (d *daemon) openModems() error {
	var err error
	if d.emulated, err = plugEmulated(d.cfg.Modems, filepath.Join(d.cfg.DataDir, "emulated")); err != nil {
		return fmt.Errorf("emulate modems: %w", err)
	}
	d.saver = recorder.NewSaver(filepath.Join(d.cfg.DataDir, "traces"), d.log.With().Str("part", "recorder").Logger())
	d.components = append(d.components, component{"recorder", d.saver.Run})
	finder := modem.NewFinder(device.Host())
	d.components = append(d.components, component{"devices", finder.Run})
	for i, mc := range d.cfg.Modems {
		port := mc.Port
		if mc.Emulator != "" {
			port = d.emulated.port(mc.Name)
		}
		m, err := modem.New(modem.Options{
			Name:          mc.Name,
			Slot:          i + 1,
			Port:          port,
			IMEI:          mc.IMEI,
			USB:           mc.USB,
			Finder:        finder,
			PIN:           mc.PIN,
			Number:        mc.Number,
			SMSC:          mc.SMSC,
			ResetCommand:  mc.ResetCommand,
			Baud:          mc.Baud,
			Domain:        mc.Domain,
			SlowWrite:     mc.SlowWrite,
			SendStored:    mc.SendStored,
			Outbox:        d.gateway,
			PurgeForeign:  mc.PurgeForeign,
			RefuseCalls:   mc.RefuseCalls,
			ResultTimeout: d.cfg.Send.ResultTimeout,
			Inbox:         d.gateway,
			Journal:       d.store,
			Recorder:      d.saver.Recorder(mc.Name),
			Changed:       d.modemChanged,
			Log:           d.log.With().Str("part", "modem").Str("modem", mc.Name).Logger(),
		})
		if err != nil {
			return fmt.Errorf("modem %s: %w", mc.Name, err)
		}
		d.modems = append(d.modems, m)
		d.gateway.Attach(m)
	}
	return nil
}

// modemChanged is called by modems when their status changed.
func (d *daemon) modemChanged() {
	d.gateway.Kick()
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// openServer makes the HTTP server.
func (d *daemon) openServer() error {
	log := d.log.With().Str("part", "api").Logger()
	secret, err := tokenSecret(d.cfg)
	if err != nil {
		return fmt.Errorf("key of tokens: %w", err)
	}
	handler, err := rest.New(rest.Options{
		Gateway:      d.gateway,
		Webhooks:     d.webhooks,
		Recordings:   recordings{d.saver},
		Logs:         d.store,
		Encoding:     encoding(d.cfg.Send.Encoding),
		Username:     d.cfg.Auth.Username,
		Password:     d.cfg.Auth.Password,
		PasswordHash: d.cfg.Auth.PasswordHash,
		Accounts:     accounts(d.cfg.Users),
		TokenSecret:  secret,
		TokenTTL:     d.cfg.Auth.TokenTTL,
		Network:      rest.Network{Allow: d.cfg.Network.Allow, TrustedProxies: d.cfg.Network.TrustedProxies, Hosts: d.cfg.Network.Hosts},
		Origins:      d.cfg.Network.CORSOrigins,
		OpenMetrics:  d.cfg.Metrics.Public,
		Collect:      d.collect,
		Version:      versionString(),
		Log:          log,
	})
	if err != nil {
		return fmt.Errorf("start API: %w", err)
	}
	if err := d.openTLS(); err != nil {
		return fmt.Errorf("set up TLS: %w", err)
	}
	d.server = newServer(handler, log)
	crowd := newCrowd(d.listener, d.cfg.Network.TrustedProxies, log)
	d.listener, d.server.ConnState = crowd, crowd.watch
	if d.tls != nil {
		d.server.TLSConfig = d.tls.Config()
	}
	return nil
}

// close releases what openDaemon acquired, the store last.
func (d *daemon) close() error {
	var errs []error
	if d.listener != nil {
		if err := d.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if d.emulated != nil {
		errs = append(errs, d.emulated.close())
	}
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	return errors.Join(errs...)
}
