// TLS below NNG (tls+tcp://), both sides with certificates: an engine of our own, since NNG 1.5.2's does not
// tell who a peer is. A dialer expects one program, a listener takes each of ours (rpc/tls/identity.h), by
// TLS 1.3 alone. Who is refused, or speaks no TLS, is told in the log.
#ifndef LIB_RPC_NNG_SECURE_H
#define LIB_RPC_NNG_SECURE_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>

bool rpc_secure_is(const char *address); // tls+tcp://
// As nng_dialer_create; the program is whom the address has to lead to ("conse-auth"). NNG's error.
int rpc_secure_dialer(nng_dialer *dialer, nng_socket socket, const char *address, const char *program);
// As nng_listener_create.
int rpc_secure_listener(nng_listener *listener, nng_socket socket, const char *address);
// Connections of programs of ours that the process's listeners have, also those that NNG does not take.
uint32_t rpc_secure_accepted(void);

#endif
