package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway"
	"tetherd/webhook/format"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	body       string
	format     string
	webhook    string
	secretFile string
	fresh      bool
}

func (c *cli) webhookVerifyCommand() *cobra.Command {
	var o clientOptions
	var v verifyOptions
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Say whether a captured delivery is signed right, and if not, why",
		Long: `Say whether a captured delivery is signed right, and if not, why. FILE ("-" for the
standard input) has the lines of the header, as they came, then an empty line and
the body, byte for byte; or the header alone, with the body in --body.

The secret is in --secret-file, or that of a webhook of a running gateway, or else
the key that "tetherd webhook key" prints.`,
		Example: `  tetherd webhook verify request.txt --webhook ID
  tetherd webhook verify header.txt --body body.json --format integify --secret-file secret.txt`,
		Args: exactly(1, "a FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, body, err := c.readRequest(args[0], v.body)
			if err != nil {
				return err
			}
			keys, name, err := c.verifyKeys(cmd.Context(), o, &v)
			if err != nil {
				return err
			}
			f, ok := format.Lookup(gateway.Format(name))
			if !ok {
				return usagef("--format %s: there are %s", name, format.Names())
			}
			return c.verify(f, keys, h, body, v.fresh)
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&v.body, "body", "", "`FILE` with the body")
	f.StringVar(&v.format, "format", "", "`FORMAT` of the webhook (default that of --webhook, else smsgate)")
	f.StringVar(&v.webhook, "webhook", "", "`ID` of a webhook of a running gateway, to take its secrets from")
	f.StringVar(&v.secretFile, "secret-file", "", "`FILE` with the secret")
	f.BoolVar(&v.fresh, "fresh", false, "the request must be from the last five minutes, too")
	return cmd
}

// errNotSigned is returned when a signature is wrong; what is wrong was printed.
var errNotSigned = errors.New("the request is not signed right")

// verify tries each key and prints the outcome.
func (c *cli) verify(f *format.Format, keys []string, h http.Header, body []byte, fresh bool) error {
	var at time.Time
	if fresh {
		at = time.Now()
	}
	var problems []string
	for i, key := range keys {
		err := f.Verify(key, h, body, at)
		if err == nil {
			_, err = fmt.Fprintln(c.stdout, "the signature is right"+when(i > 0, ", with an older secret"))
			return err
		}
		problems = append(problems, err.Error())
	}
	fmt.Fprintln(c.stdout, printable(problems[0]))
	return errNotSigned
}

// verifyKeys returns the secrets that may have signed, newest first, and the format.
func (c *cli) verifyKeys(ctx context.Context, o clientOptions, v *verifyOptions) (keys []string, name string, err error) {
	name = v.format
	if v.secretFile != "" {
		text, err := c.readSmall(v.secretFile)
		if err != nil {
			return nil, "", fmt.Errorf("--secret-file: %w", err)
		}
		keys = append(keys, strings.TrimSpace(text))
	}
	if v.webhook != "" {
		err := c.call(ctx, o, func(ctx context.Context, conn connection) error {
			hook, err := conn.Webhook(ctx, v.webhook)
			if err != nil {
				return err
			}
			if name == "" {
				name = hook.Format
			}
			s, err := conn.WebhookSecrets(ctx, v.webhook)
			for _, k := range s.Secrets {
				keys = append(keys, k.Secret)
			}
			return err
		})
		if err != nil {
			return nil, "", err
		}
	}
	if len(keys) == 0 {
		key, err := c.globalKey(o)
		if err != nil {
			return nil, "", fmt.Errorf("%w\n(which secret? Name it with --secret-file, or the webhook with --webhook)", err)
		}
		keys = append(keys, key)
	}
	return keys, name, nil
}

// readRequest reads a captured request: a header and, behind an empty line or in a
// file of its own, a body.
func (c *cli) readRequest(name, bodyName string) (http.Header, []byte, error) {
	text, err := c.readSmall(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read request: %w", err)
	}
	head, body, _ := cutHeader(text)
	if bodyName != "" {
		if strings.TrimSpace(body) != "" {
			return nil, nil, usagef("%s has a body, so --body must be left out", name)
		}
		if body, err = c.readSmall(bodyName); err != nil {
			return nil, nil, fmt.Errorf("read body: %w", err)
		}
	}
	if first, rest, _ := strings.Cut(head, "\n"); isRequestLine(first) {
		head = rest
	}
	h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\r\n\r\n"))).ReadMIMEHeader()
	if err != nil {
		return nil, nil, fmt.Errorf("read request: %s does not begin with lines of the form \"Name: value\"", name)
	}
	return http.Header(h), []byte(body), nil
}

// cutHeader cuts a request at its first empty line.
func cutHeader(text string) (head, body string, found bool) {
	for i := 0; i < len(text); {
		end := strings.IndexByte(text[i:], '\n')
		if end < 0 {
			break
		}
		if strings.TrimRight(text[i:i+end], "\r") == "" {
			return text[:i], text[i+end+1:], true
		}
		i += end + 1
	}
	return text, "", false
}

// isRequestLine reports whether a line is the first of a request, such as
// "POST /sms HTTP/1.1".
func isRequestLine(line string) bool {
	words := strings.Fields(line)
	return len(words) == 3 && strings.HasPrefix(words[2], "HTTP/")
}
