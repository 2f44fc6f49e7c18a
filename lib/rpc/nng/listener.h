// A listener that keeps listening. NNG 1.5.2 takes no more connections once a client of an ipc socket has
// left in the handshake (it takes the EPIPE for a close of the listener), and reports nothing: later clients
// are greeted, ask, and wait for ever. The same by TLS, where a client that leaves costs two writes. This
// module notices that within a second, by a handshake that failed and connections that are not taken after
// it, and listens anew, which cuts the listener's connections.
#ifndef LIB_RPC_NNG_LISTENER_H
#define LIB_RPC_NNG_LISTENER_H

#include <nng/nng.h>

#include "lib/base/err.h"

// A look walks through all that NNG counts, so it comes seldom while no handshake has failed.
enum { RPC_LISTENER_CALM_MS = 400, RPC_LISTENER_CHECK_MS = 100, RPC_LISTENER_CHECKS = 4 };

struct rpc_listener;

// The socket must outlive the listener. An ipc socket is the owner's alone (mode 0600).
MUST_CHECK bool rpc_listener_open(struct rpc_listener **out, nng_socket socket, const char *address,
                                  struct err *err);
// Ends the watching. Call it before the socket is closed, which ends the listening.
void rpc_listener_close(struct rpc_listener *listener);

#endif
