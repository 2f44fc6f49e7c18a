// Slows down guessing: after some failures an account, and an address, is locked for a time that doubles with
// each further one. Kept in the store, so a restart forgets nothing.
#ifndef AUTH_LOCKOUT_H
#define AUTH_LOCKOUT_H

#include "services/auth/auth.h"

enum { LOCKOUT_KEY = 96 };

void lockout_account_key(char key[LOCKOUT_KEY], const char *account_id);
void lockout_address_key(char key[LOCKOUT_KEY], const char *address);

// ACCOUNT_LOCKED with retry_after_s while the key is locked.
MUST_CHECK bool lockout_check(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                              struct err *err);
MUST_CHECK bool lockout_note_failure(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                                     struct err *err);
MUST_CHECK bool lockout_clear(struct auth *auth, const char *key, struct arena *arena, struct err *err);

#endif
