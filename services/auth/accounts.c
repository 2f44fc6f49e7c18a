#include "services/auth/accounts.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/base/text.h"
#include "services/auth/names.h"
#include "services/auth/former_names.h"
#include "services/auth/reserved_names.h"

static const struct store_table *const table = &auth_tables[AUTH_ACCOUNTS];

enum { USERNAME_KEY = 33, TRIES = 16, ACCOUNT_ARENA = 64 << 10 };

bool account_load(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                  struct err *err)
{
    *account = (struct account){0};
    return store_get(auth->store, table, id, arena, (ProtobufCMessage **)&account->row, &account->version,
                     err);
}

bool account_get(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                 struct err *err)
{
    if (!account_load(auth, id, arena, account, err)) return false;
    return (account->row && !account->row->deleted_at) || err_fail(err, NOT_FOUND, "there is no such user");
}

static bool find_one(struct auth *auth, const char *index, const char *value, struct arena *arena,
                     struct account *account, struct err *err)
{
    struct store_query query = {
        .index = index, .equal = {{.text = value}}, .equal_count = 1, .limit = 1, .page_token = ""};
    struct store_rows rows;
    *account = (struct account){0};
    if (!store_find(auth->store, table, &query, arena, &rows, err)) return false;
    if (rows.count)
        *account =
            (struct account){.row = (Accounts__Account *)rows.messages[0], .version = rows.versions[0]};
    return true;
}

bool account_by_username(struct auth *auth, const char *username, struct arena *arena,
                         struct account *account, struct err *err)
{
    char key[USERNAME_KEY];
    text_lower(key, sizeof key, username);
    return find_one(auth, "by_username", key, arena, account, err);
}

bool account_by_phone(struct auth *auth, const char *phone, struct arena *arena, struct account *account,
                      struct err *err)
{
    return find_one(auth, "by_phone", phone, arena, account, err);
}

bool account_by_wallet(struct auth *auth, const char *wallet, struct arena *arena, struct account *account,
                       struct err *err)
{
    return find_one(auth, "by_wallet", wallet, arena, account, err);
}

bool account_person(struct auth *auth, const char *id, struct arena *arena, Auth__Person **person,
                    struct err *err)
{
    struct account account;
    *person = arena_new(arena, Auth__Person);
    if (!*person) return err_fail(err, INTERNAL_ERROR, "out of memory");
    auth__person__init(*person);
    (*person)->id = id;
    if (!account_load(auth, id, arena, &account, err)) return false;
    if (account.row) (*person)->username = account.row->user->username;
    return true;
}

struct account account_new(struct arena *arena, const char *username, const char *phone, int64_t now_ms)
{
    struct account account = {.row = arena_new(arena, Accounts__Account)};
    Auth__User *user = arena_new(arena, Auth__User);
    if (!account.row || !user) return (struct account){0};
    accounts__account__init(account.row);
    auth__user__init(user);
    user->id = account.row->id = arena_str(arena, uuid_new(now_ms).text);
    user->created_at = stamp_new(arena, now_ms);
    account.row->user = user;
    account_rename(&account, arena, username, now_ms);
    account_set_phone(&account, phone, false);
    account_set_level(&account, AUTH__LEVEL__VALUE__PLAYER);
    if (arena->failed) return (struct account){0};
    return account;
}

void account_rename(struct account *account, struct arena *arena, const char *username, int64_t now_ms)
{
    char key[USERNAME_KEY];
    text_lower(key, sizeof key, username);
    bool other = strcmp(account->row->username_key, key) != 0;
    if (other) account->renamed_ms = now_ms;
    if (other && account->version) account->name_before = account->row->username_key;
    if (strcmp(account->row->user->username, username) != 0) account->is_news = true;
    account->row->user->username = arena_str(arena, username);
    account->row->username_key = arena_str(arena, key);
}

void account_set_phone(struct account *account, const char *phone, bool verified)
{
    if (account->row->phone_verified != verified) account->is_news = true;
    account->row->user->phone = account->row->phone = phone;
    account->row->phone_verified = verified;
}

void account_set_wallet(struct account *account, const char *wallet)
{
    if (strcmp(account->row->wallet, wallet) != 0) account->is_news = true;
    account->row->user->wallet = account->row->wallet = wallet;
}

void account_set_level(struct account *account, Auth__Level__Value level)
{
    if (account->row->level != level) account->is_news = true;
    account->row->user->level = account->row->level = level;
}

void account_set_suspension(struct account *account, Auth__Suspension *suspension)
{
    account->row->suspension = suspension;
    account->is_news = true;
}

void account_set_opt_outs(struct account *account, Auth__OptOuts *opted_out)
{
    account->row->opted_out = opted_out;
    account->is_news = true;
}

bool account_act(struct account *account, const Audit__Entry *entry, struct arena *arena, struct err *err)
{
    account->is_act = true;
    return audit_owe(&account->row->owed, entry, arena, err);
}

Auth__Suspension *account_suspension(const struct account *account, int64_t now_ms)
{
    Auth__Suspension *suspension = account->row->suspension;
    bool lasts = suspension && (!suspension->until || stamp_ms(suspension->until) > now_ms);
    return lasts ? suspension : NULL;
}

Auth__User *account_shown(const struct account *account, int64_t now_ms)
{
    account->row->user->suspension = account_suspension(account, now_ms);
    return account->row->user;
}

bool account_check_open(const struct account *account, int64_t now_ms, struct err *err)
{
    const Auth__Suspension *suspension = account_suspension(account, now_ms);
    if (!suspension) return true;
    if (!suspension->until)
        return err_fail(err, SUSPENDED, "the account is suspended until it is let in again");
    char until[STAMP_TEXT];
    stamp_print(until, stamp_ms(suspension->until) + 999); // not before it
    return err_fail(err, SUSPENDED, "the account is suspended until %s", until);
}

bool account_has_way_in(const struct account *account)
{
    const Accounts__Account *row = account->row;
    bool by_phone = *row->phone && (row->phone_verified || row->level == AUTH__LEVEL__VALUE__PLAYER);
    return by_phone || *row->password_hash || *row->wallet;
}

void account_void_tokens(struct account *account, struct arena *arena, int64_t now_ms)
{
    account->row->generation++;
    account->row->revoked_at = stamp_new(arena, now_ms);
}

void account_void_sessions(struct account *account, struct arena *arena, int64_t now_ms)
{
    account->row->epoch++;
    account_void_tokens(account, arena, now_ms);
}

void account_bury(struct account *account, struct arena *arena, int64_t now_ms)
{
    Accounts__Account *row = account->row;
    uint8_t random[8];
    char name[sizeof DELETED_PREFIX + 2 * sizeof random] = DELETED_PREFIX;
    randombytes_buf(random, sizeof random);
    hex_encode(name + strlen(name), random, sizeof random);
    account_rename(account, arena, name, now_ms);
    account_set_phone(account, "", false);
    account_set_wallet(account, "");
    account_set_suspension(account, NULL);
    account_set_opt_outs(account, NULL);
    row->password_hash = "";
    row->proof = NULL;
    row->user->last_login_at = NULL;
    row->deleted_at = row->erasing_since = stamp_new(arena, now_ms);
    account_void_sessions(account, arena, now_ms);
}

// A write together with the ticket that it rests on.
static bool account_put(struct auth *auth, struct account *account, uint64_t after, struct err *err)
{
    uint64_t saved = store_put(auth->store, table, &account->row->base, account->version,
                               &(struct store_write){.after = after});
    uint64_t told = account->is_news ? names_add(auth, account->row, account->version + 1, saved) : 0;
    if (!store_wait(auth->store, saved, err)) return false;
    if (told) names_finish(auth, told);
    if (account->is_act) audit_settle(auth->audit, table, account->row->id);
    *account = (struct account){.row = account->row, .version = account->version + 1};
    return true;
}

// Keeping the present name gives up nothing.
static bool is_borne(struct auth *auth, const Accounts__Account *row, bool *borne, struct err *err)
{
    struct arena arena;
    struct account bearer;
    arena_init(&arena, ACCOUNT_ARENA);
    bool ok = find_one(auth, "by_username", row->username_key, &arena, &bearer, err);
    *borne = ok && bearer.row && strcmp(bearer.row->id, row->id) != 0;
    arena_finish(&arena);
    return ok;
}

// Who gives a name up and who takes it may be at it at the same time, in different processes: the one writes
// that the name waits before it frees it, the other looks for that again after it has the name.
static bool is_rightful(struct auth *auth, const struct account *account, struct err *err)
{
    return former_names_check(auth, account->row->username_key, account->row->id, account->renamed_ms, err);
}

// The account as it was; version: after the write that is taken back. What fails here leaves the account with
// the name, so nobody is told that nothing was done.
static void account_put_back(struct auth *auth, const struct account *before, const char *id,
                             uint64_t version, struct err *err)
{
    struct err why;
    struct account restored = {.row = before->row, .version = version, .is_news = true};
    bool ok = before->row ? account_put(auth, &restored, 0, &why)
                          : auth_remove(auth, AUTH_ACCOUNTS, id, version, &why);
    if (ok) return;
    log_err(LOG_WARN, "a name that waits for another is taken", &why);
    err_fail(err, OUTCOME_UNKNOWN, "the account has the name, and may not keep it");
}

static bool account_take_name(struct auth *auth, struct account *account, uint64_t released,
                              struct arena *arena, struct err *err)
{
    struct account before = {0};
    const int64_t renamed_ms = account->renamed_ms;
    if (account->version && !account_load(auth, account->row->id, arena, &before, err)) return false;
    if (!account_put(auth, account, released, err)) return false;
    account->renamed_ms = renamed_ms;
    bool rightful = account->row->deleted_at || is_rightful(auth, account, err);
    account->renamed_ms = 0;
    if (!rightful) account_put_back(auth, &before, account->row->id, account->version, err);
    return rightful;
}

// The name that is given up waits before another user can have it, whatever happens in between.
static bool account_put_renamed(struct auth *auth, struct account *account, struct arena *arena,
                                struct err *err)
{
    uint64_t released = 0;
    const Accounts__Account *row = account->row;
    bool borne;
    if (!is_borne(auth, row, &borne, err)) return false;
    if (borne) return err_field(err, USERNAME_TAKEN, "username", "the username is taken");
    const struct username_change change = {row->id, account->name_before, row->username_key,
                                           row->deleted_at != NULL, account->renamed_ms};
    const char *reserved = auth->settings.usernames_reserved;
    return (row->deleted_at || reserved_names_check(reserved, row->username_key, err)) &&
           is_rightful(auth, account, err) &&
           (!account->name_before || former_names_release(auth, &change, &released, err)) &&
           account_take_name(auth, account, released, arena, err);
}

bool account_save(struct auth *auth, struct account *account, struct err *err)
{
    if (!account->renamed_ms) return account_put(auth, account, 0, err);
    struct arena arena;
    arena_init(&arena, ACCOUNT_ARENA);
    bool ok = account_put_renamed(auth, account, &arena, err);
    arena_finish(&arena);
    return ok;
}

bool account_again(int *tries, const struct err *err) { return err_is(err, CONFLICT) && ++*tries < TRIES; }
