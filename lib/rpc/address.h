// Addresses of calls and topics, in NNG's form. ipc:// and inproc:// stay on this machine under our own
// names; other programs can reach or impersonate any other kind. Pure except for rpc_address_check, which
// looks at folders and whether there are certificates; any thread.
#ifndef LIB_RPC_ADDRESS_H
#define LIB_RPC_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

bool rpc_address_is_tcp(const char *address);
// Where SLOW methods listen when nothing else was said: ipc://run/auth.ipc -> ipc://run/auth-slow.ipc,
// tcp://host:7 -> tcp://host:8, inproc://x -> inproc://x-slow. False when it has no port or does not fit.
MUST_CHECK bool rpc_slow_address(const char *address, char *out, size_t size);
// A peer's two addresses, from "FAST" or "FAST SLOW". False when there is no slow one or they do not fit.
MUST_CHECK bool rpc_address_split(const char *peer, char *fast, char *slow, size_t size);
// Joins two lists, pairwise, to one of "FAST SLOW". They have equally many addresses, and over tcp both
// addresses of a peer have one host.
MUST_CHECK bool rpc_address_join(const char *fast, const char *slow, char *out, size_t size, struct err *err);
// Whether each of the addresses, joined by commas and blanks, may be used to listen or dial. ipc:// within
// one of the folders (NULL-ended; NULL: anywhere) and inproc:// need no bus key, all others do, and abstract
// sockets are refused.
MUST_CHECK bool rpc_address_check(const char *addresses, bool has_keys, const char *const *folders,
                                  struct err *err);

#endif
