// Package access says who may do what with the API: rights, and the roles that
// hold them. It knows neither HTTP nor the gateway.
package access
