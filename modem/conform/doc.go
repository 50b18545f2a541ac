// Package conform is what the tests share that try the gateway against emulated
// modems: the modems, the faults, and the account of what happened that
// [tetherd/gateway/invariant] judges. Only tests import it.
//
// A [Profile] is a way in which modems differ. A [Fault] is one thing that goes
// wrong for a while; it works on a [Bench], which is one modem with its network,
// and is as well used over a pipe in fake time as over a terminal in real time.
// A [Recorder] writes down what goes over a port.
//
// The suite itself is in the tests of this package. Each cell of the matrix
// profile × fault runs the real driver, engine and store through one scenario:
// messages of one and of several parts go out and come in before, during and
// after the fault; then everything comes to its end, and no promise may be broken.
// The environment chooses what is run:
//
//   - CONFORMANCE=full runs every cell over a pipe, and a cell of every fault and
//     profile over a pty. Without it a sample of both is run.
//   - SEED chooses the sample, and when and how faults strike. Default 1.
//
// With the build tag hardware, TestHardware tries a real modem; see there.
package conform
