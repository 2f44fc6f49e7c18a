// The kernel's socket of a tcp connection, which NNG keeps to itself: found among the process's descriptors
// by its two addresses.
#ifndef LIB_RPC_NNG_SOCKET_H
#define LIB_RPC_NNG_SOCKET_H

#include <nng/nng.h>
#include <stdbool.h>

// A descriptor of its own, which the caller closes; -1 for what is no tcp connection (any more). Costs two
// system calls for each descriptor that is open.
int rpc_socket_find(nng_pipe pipe);
// Has the kernel end the connection when the other machine says nothing for 2 s.
void rpc_socket_guard(int fd);
// The other side has closed it, or it was ended.
bool rpc_socket_ended(int fd);

#endif
