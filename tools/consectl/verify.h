// A server's signed identity.
#ifndef CONSECTL_VERIFY_H
#define CONSECTL_VERIFY_H

#include "auth.pb-c.h"
#include "tools/consectl/consectl.h"

// Reads what a server says of itself, and checks all signatures; with key (hex) it must be that server's.
// In the arena.
MUST_CHECK bool verify_identity(struct ctl *ctl, const char *url, const char *key,
                                const Auth__Identity **identity, struct err *err);

#endif
