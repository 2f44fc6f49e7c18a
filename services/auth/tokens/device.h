// Device tokens: a log-in leaves one with a client, so that the account knows the client the next time. They
// are signed and belong to one account; nothing is stored. Ending all sessions of the account ends them too.
// Pure.
#ifndef AUTH_DEVICE_H
#define AUTH_DEVICE_H

#include "lib/base/ids.h"
#include "services/auth/accounts.h"

enum { DEVICE_TOKEN_MAX = 129 }; // 128 characters, as auth.proto says

void device_token_make(const struct auth *auth, const struct account *account, const char *device_id,
                       int64_t now_ms, char token[DEVICE_TOKEN_MAX]);
// False when the account, which may be NULL, has not issued this token, has ended its sessions since, or
// issued it too long ago.
bool device_is_known(const struct auth *auth, const struct account *account, const char *token,
                     int64_t now_ms, struct uuid *device_id);

#endif
