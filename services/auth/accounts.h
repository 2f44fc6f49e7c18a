// Accounts: finding and changing them.
#ifndef AUTH_ACCOUNTS_H
#define AUTH_ACCOUNTS_H

#include "services/auth/auth.h"

struct account {
    Accounts__Account *row; // NULL: there is none
    uint64_t version;       // 0: not stored yet
    bool is_news; // name, level, suspension, wallet, phone or opt-outs changed since; saving tells auth.names
    bool is_act;  // it owes the audit an entry since; saving pays that
    int64_t renamed_ms;      // when it got its new name; 0: its name is the stored one
    const char *name_before; // key of the name that the new one replaces; NULL: none
};

MUST_CHECK bool account_load(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                             struct err *err);
MUST_CHECK bool account_by_username(struct auth *auth, const char *username, struct arena *arena,
                                    struct account *account, struct err *err);
MUST_CHECK bool account_by_phone(struct auth *auth, const char *phone, struct arena *arena,
                                 struct account *account, struct err *err);
MUST_CHECK bool account_by_wallet(struct auth *auth, const char *wallet, struct arena *arena,
                                  struct account *account, struct err *err);
// Like account_load, but NOT_FOUND when there is none, or it was deleted.
MUST_CHECK bool account_get(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                            struct err *err);

// Who has the id now; without a name when there is no such account.
MUST_CHECK bool account_person(struct auth *auth, const char *id, struct arena *arena, Auth__Person **person,
                               struct err *err);

// A new player, not yet saved.
struct account account_new(struct arena *arena, const char *username, const char *phone, int64_t now_ms);
void account_rename(struct account *account, struct arena *arena, const char *username, int64_t now_ms);
void account_set_phone(struct account *account, const char *phone, bool verified);
void account_set_wallet(struct account *account, const char *wallet);
void account_set_level(struct account *account, Auth__Level__Value level);
// NULL lifts it.
void account_set_suspension(struct account *account, Auth__Suspension *suspension);
// From now on.
void account_set_opt_outs(struct account *account, Auth__OptOuts *opted_out);
// Has the change told by an entry of the audit, which its save stores too. After that save the account's
// version is no longer known.
MUST_CHECK bool account_act(struct account *account, const Audit__Entry *entry, struct arena *arena,
                            struct err *err);
// The suspension that lasts now; NULL when there is none.
Auth__Suspension *account_suspension(const struct account *account, int64_t now_ms);
// The user as operators see it. The account must not be saved after that.
Auth__User *account_shown(const struct account *account, int64_t now_ms);
// SUSPENDED, with the time of its end, while the account is.
MUST_CHECK bool account_check_open(const struct account *account, int64_t now_ms, struct err *err);
// A password, a wallet, a proven number; at a player's account also a typed one, whose owner takes it over.
bool account_has_way_in(const struct account *account);
// Leaves nothing of the person but a tombstone: a name that nobody bears, and the id. Rows elsewhere are
// erased by erasure.h after the save.
void account_bury(struct account *account, struct arena *arena, int64_t now_ms);
// Voids every access token issued so far; publish that with revocations_add_user after the save.
void account_void_tokens(struct account *account, struct arena *arena, int64_t now_ms);
// Voids every session opened so far too, in one write, so that none survives a crash.
void account_void_sessions(struct account *account, struct arena *arena, int64_t now_ms);
// Saves; on success account->version is the new one. USERNAME_TAKEN, also when the name waits for another
// owner's return; USERNAME_RESERVED; TOO_MANY_CHANGES. CONFLICT when another change was quicker: load and
// decide again, while account_again allows it.
MUST_CHECK bool account_save(struct auth *auth, struct account *account, struct err *err);
// True while a change that met a CONFLICT may be tried again.
bool account_again(int *tries, const struct err *err);

#endif
