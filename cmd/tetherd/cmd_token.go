package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

func (c *cli) tokenCommand() *cobra.Command {
	return group("token", "Manage tokens that let programs into a running gateway", c.tokenIssueCommand(), c.tokenRevokeCommand())
}

func (c *cli) tokenIssueCommand() *cobra.Command {
	var o clientOptions
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:   "issue RIGHT...",
		Short: "Print a token that has the given rights of the user who is logged in",
		Long: `Print a token that has the given rights of the user who is logged in. A program
sends it with each request as "Authorization: Bearer TOKEN"; the commands of
tetherd take it from $TETHERD_TOKEN. With --json its ID is printed, too, by which
it can be revoked, and the token that it can be exchanged with for another.

The rights: ` + strings.Join(access.Names(), ", ") + `.`,
		Example: `  tetherd token issue messages:send messages:read --ttl 720h`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, rights []string) error {
			if _, ok := access.Parse(rights); !ok {
				return usagef("there is no such right: there are %s", strings.Join(access.Names(), ", "))
			}
			if cmd.Flags().Changed("ttl") && (ttl < time.Second || ttl > access.MaxTTL) {
				return usagef("--ttl must be between 1s and %s", access.MaxTTL)
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				t, err := conn.IssueToken(ctx, api.TokenRequest{Scopes: rights, TTL: int64(ttl / time.Second)})
				switch {
				case err != nil:
					return err
				case o.json:
					return c.printJSON(t)
				}
				fmt.Fprintln(c.stdout, t.AccessToken)
				fmt.Fprintf(c.stderr, "It is good until %s. Its ID is %s.\n", t.ExpiresAt.Format(time.DateTime), t.ID)
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().DurationVar(&ttl, "ttl", 0, "how long it is good (default what auth.token_ttl says)")
	return cmd
}

func (c *cli) tokenRevokeCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "revoke ID...",
		Short: "Make tokens worthless, with those that they can be exchanged with",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				for _, id := range ids {
					if strings.Count(id, ".") == 2 {
						return errors.New("this is a token: give its ID, which was printed with it and is the claim jti in it")
					}
					if err := conn.RevokeToken(ctx, id); err != nil {
						return fmt.Errorf("revoke %s: %w", id, err)
					}
				}
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}
