// Package browsertest shows pages to a real browser, for tests of other packages.
//
// Its promises:
//
//   - The browser is the Chromium that scripts/test-setup.sh installs, or one that is
//     there already. Without one, tests that ask for it skip and say why.
//   - What a person would find in the browser's console fails the test: errors and
//     warnings, exceptions that nothing caught, violations of the
//     Content-Security-Policy, requests that fail, and, which none would find, requests
//     to another origin than the first. A test that expects one takes it with
//     [Page.Complaints].
//   - Pages share nothing with each other: no login, no cookies, no storage.
//   - The browser ends with its test, and leaves nothing behind.
//   - Nothing waits for a time: [Page.Until] returns in the frame in which a condition
//     holds.
//
// If SCREENSHOTS names a folder, [Page.Screenshot] leaves pictures in it.
package browsertest
