// The kernel's socket of a connection, which NNG does not expose: it is found among the process's
// descriptors, over tcp by its two addresses, over ipc by its path and the other process. Of several that
// this process has dialled to one path it is the one that nobody has asked for yet; two that begin in the
// same moment may be mistaken for one another. Of several that it has accepted there from one process, it is
// the one whose other side leaves the most untaken.
#ifndef LIB_RPC_NNG_SOCKET_H
#define LIB_RPC_NNG_SOCKET_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>

// A descriptor of its own, which the caller closes; -1 when there is no such socket (any more). Costs two
// system calls for each open descriptor.
int rpc_socket_find(nng_pipe pipe);
// The same, but only one that goes on and that nobody has asked for yet.
int rpc_socket_find_unasked(nng_pipe pipe);
// Ends a connection. NNG 1.5.2 frees no pipe any more, of the whole process, once one was closed by its owner
// between a message's head and body; so it is the kernel's socket that is ended, or, if that can't be told
// from others (they were accepted over ipc from one process, which takes all), the pipe. Costs what
// rpc_socket_find does.
void rpc_socket_cut(nng_pipe pipe);
// Makes the kernel end the connection when the other machine is silent for 2 s.
void rpc_socket_guard(int fd);
// Whether the other side has closed it, or it was ended.
bool rpc_socket_ended(int fd);
// Whether a process has the socket of an ipc:// address; true of every other address. Nobody comes in by it.
// Who dials where nobody is leaves NNG 1.5.2 a socket that hangs up, in every turn of its poller until the
// one thread that closes has come to it, which has to wait for a turn: past some hundred such dials a second
// (fewer on a busy machine) they pile up faster than they are closed, until no descriptor is left.
bool rpc_socket_is_bound(const char *address);
// Milliseconds after which who has been away since then (monotonic) is looked for again: the less often, the
// longer he is away, so that a service that nobody started costs nothing.
int64_t rpc_socket_look_ms(int64_t since_ms, int64_t now_ms);

#endif
