// Who this process is among our programs, by a certificate, and who its peers may be: the CA's, with the name
// of a program of ours among their DNS names. What a certificate names is the program, not an address. A
// process has one identity, which may be replaced while it is used: connections keep the one that they began
// with. Any thread.
#ifndef LIB_RPC_TLS_IDENTITY_H
#define LIB_RPC_TLS_IDENTITY_H

#include <gnutls/gnutls.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum { IDENTITY_NAME = 64, IDENTITY_WHY = 192 };

struct rpc_identity;

// Takes ca.crt, PROGRAM.crt and PROGRAM.key of the folder, in place of what was taken before. Refuses what
// has ended, is another program's, or does not belong together, and a key that others may read; then the
// identity stays as it was.
MUST_CHECK bool rpc_identity_load(const char *folder, const char *program, struct err *err);
void rpc_identity_unload(void);
bool rpc_identity_is_loaded(void);
int64_t rpc_identity_ends_s(void); // unix, when its certificate ends; 0: there is none

// "conse-auth" for ("auth").
void rpc_identity_name(char name[IDENTITY_NAME], const char *service);

// The one in use, until it is dropped; NULL: there is none.
struct rpc_identity *rpc_identity_hold(void);
void rpc_identity_drop(struct rpc_identity *identity); // NULL is fine
gnutls_certificate_credentials_t rpc_identity_credentials(const struct rpc_identity *identity);

// Of a handshake that has come to the peer's certificate: whether it may be who it is. A side that dials
// names the program that it expects; one that listens ("") takes each program of ours. If not, `why` says so.
bool rpc_identity_judge(gnutls_session_t session, const char *expected, char why[IDENTITY_WHY]);

#endif
