// Package docs describes the HTTP API: in OpenAPI 3.1, for programs, and as a page,
// for people.
//
// The description is written by hand, in the files of the folder spec: base.yaml has
// what all share, each of the others one subject, with its paths and its schemas. They
// are one document when they are served. Besides what OpenAPI has, an operation names
// in x-aliases the other paths it answers at. Which rights it needs is in its security:
// one of those of the alternatives.
//
// The page is the folder page. It has no code of others and needs nothing but the API it
// describes, so that it works where there is no internet; all that it shows is built
// from the description, in the browser. [Page] and [Policy] are all that a server needs.
//
// What it promises: a name that two files have for two things is an error and not a
// matter of luck, the order of the files is kept in what is served, and everything is
// safe for concurrent use.
package docs
