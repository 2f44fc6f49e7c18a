// API keys: with one a program gets access tokens for a person. A key is "conse-key.<id>.<secret>"; the store
// has its MAC by refresh.key, so another refresh.key ends keys as it ends sessions. Whatever ends all
// sessions of the account ends its keys too.
#ifndef AUTH_API_KEYS_H
#define AUTH_API_KEYS_H

#include "services/auth/accounts.h"

enum { API_KEYS_MOST = 20, API_KEY_MAX = 128 };

// LIMIT_REACHED when the account has as many keys as it may have.
MUST_CHECK bool api_keys_check_room(struct auth *auth, const struct account *account, struct arena *arena,
                                    struct err *err);
// Stores a key of the account, whose id, MAC and times are filled in here; key becomes the text that is shown
// once. LIMIT_REACHED.
MUST_CHECK bool api_key_create(struct auth *auth, const struct account *account, Accounts__ApiKey *row,
                               char key[API_KEY_MAX], struct arena *arena, int64_t now_ms, struct err *err);
// Those that have not ended with the account's sessions, oldest first; also expired ones.
struct api_keys {
    Accounts__ApiKey *rows[API_KEYS_MOST];
    size_t count;
};
MUST_CHECK bool api_keys_list(struct auth *auth, const struct account *account, struct arena *arena,
                              struct api_keys *keys, struct err *err);
// NOT_FOUND, also for another person's. Its access tokens end too.
MUST_CHECK bool api_key_delete(struct auth *auth, const char *user_id, const char *id, struct arena *arena,
                               int64_t now_ms, struct err *err);
// An access token for the key, with the weaker one of its level and the account's. KEY_INVALID; SUSPENDED.
MUST_CHECK bool api_key_exchange(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                                 Auth__ApiKeyToken *reply, struct err *err);
// Removes all keys of a user, whose access tokens were ended by other means.
MUST_CHECK bool api_keys_remove(struct auth *auth, const char *user_id, struct err *err);

#endif
