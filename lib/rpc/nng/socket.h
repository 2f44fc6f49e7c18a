// The kernel's socket of a tcp connection, which NNG does not expose: it is found among the process's
// descriptors by its two addresses.
#ifndef LIB_RPC_NNG_SOCKET_H
#define LIB_RPC_NNG_SOCKET_H

#include <nng/nng.h>
#include <stdbool.h>

// A descriptor of its own, which the caller closes; -1 when there is no such tcp connection (any more). Costs
// two system calls for each open descriptor.
int rpc_socket_find(nng_pipe pipe);
// Makes the kernel end the connection when the other machine is silent for 2 s.
void rpc_socket_guard(int fd);
// Whether the other side has closed it, or it was ended.
bool rpc_socket_ended(int fd);

#endif
