// Slows down repeated failures: after some of them an account, a device or an address is locked for a time
// that doubles with each further one. Kept in the store, so a restart forgets nothing.
#ifndef AUTH_LOCKOUT_H
#define AUTH_LOCKOUT_H

#include "services/auth/auth.h"

struct lockout {
    char key[96];
    int64_t after;   // failures before the first lock; 0: no lock
    int64_t base_ms; // the first lock
    int64_t most_ms; // the longest lock
    int64_t
        forget_ms; // one failure is forgotten after each such time without failure or lock; all after a day
    Conse__Reason__Value reason; // of a refusal, with
    const char *sentence;
};

struct lockout lockout_account(const struct auth *auth, const char *account_id);
// Unknown usernames have locks of their own, so that locking does not reveal which names exist.
struct lockout lockout_unknown(const struct auth *auth, const char *username);
// A device that the account knows is locked by its own failures alone.
struct lockout lockout_device(const struct auth *auth, const char *account_id, const char *device_id);
// Passwords, and one-time codes, guessed from an address: "" is no address, IPv6 counts by its first 64 bits.
struct lockout lockout_address(const struct auth *auth, const char *address);
struct lockout lockout_codes(const struct auth *auth, const char *address);

// Fails with the lockout's reason and retry_after_s while it is locked.
MUST_CHECK bool lockout_check(struct auth *auth, const struct lockout *lockout, struct arena *arena,
                              int64_t now_ms, struct err *err);
// Checks both, and reports the longer lock.
MUST_CHECK bool lockout_check_both(struct auth *auth, const struct lockout both[2], struct arena *arena,
                                   int64_t now_ms, struct err *err);
// Fails like lockout_check while it is locked, so that failures made at once are reported no more often than
// those made in turn.
MUST_CHECK bool lockout_note_failure(struct auth *auth, const struct lockout *lockout, struct arena *arena,
                                     int64_t now_ms, struct err *err);
MUST_CHECK bool lockout_clear(struct auth *auth, const struct lockout *lockout, struct arena *arena,
                              struct err *err);
// The first rows whose key begins so, by key: accounts.Lockout.
MUST_CHECK bool lockout_find(struct auth *auth, const char *prefix, uint32_t limit, struct arena *arena,
                             struct store_rows *rows, struct err *err);
// With what the keys of all devices of an account begin; NULL without memory.
const char *lockout_devices(const char *account_id, struct arena *arena);
// All whose key begins so.
MUST_CHECK bool lockout_clear_prefix(struct auth *auth, const char *prefix, struct arena *arena,
                                     struct err *err);
// Clears the account's, and those of its devices.
MUST_CHECK bool lockout_clear_account(struct auth *auth, const char *account_id, struct arena *arena,
                                      struct err *err);
bring_back lockout_bring_back; // by the longest lock of all

#endif
