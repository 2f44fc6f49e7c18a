#include "services/auth/accounts.h"

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/base/text.h"
#include "services/auth/names.h"

static const struct store_table *const table = &auth_tables[AUTH_ACCOUNTS];

enum { USERNAME_KEY = 33, TRIES = 16 };

bool account_load(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                  struct err *err)
{
    ProtobufCMessage *row;
    if (!store_get(auth->store, table, id, arena, &row, &account->version, err)) return false;
    account->row = (Accounts__Account *)row;
    account->is_news = false;
    return true;
}

bool account_get(struct auth *auth, const char *id, struct arena *arena, struct account *account,
                 struct err *err)
{
    if (!account_load(auth, id, arena, account, err)) return false;
    return account->row || err_fail(err, NOT_FOUND, "there is no such user");
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
        *account = (struct account){(Accounts__Account *)rows.messages[0], rows.versions[0], false};
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
    account_rename(&account, arena, username);
    account_set_phone(&account, phone, false);
    account_set_level(&account, AUTH__LEVEL__VALUE__PLAYER);
    if (arena->failed) return (struct account){0};
    return account;
}

void account_rename(struct account *account, struct arena *arena, const char *username)
{
    char key[USERNAME_KEY];
    text_lower(key, sizeof key, username);
    account->row->user->username = arena_str(arena, username);
    account->row->username_key = arena_str(arena, key);
    account->is_news = true;
}

void account_set_phone(struct account *account, const char *phone, bool verified)
{
    account->row->user->phone = account->row->phone = phone;
    account->row->phone_verified = verified;
}

void account_set_wallet(struct account *account, const char *wallet)
{
    account->row->user->wallet = account->row->wallet = wallet;
}

void account_set_level(struct account *account, Auth__Level__Value level)
{
    account->row->user->level = account->row->level = level;
    account->is_news = true;
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

bool account_save(struct auth *auth, struct account *account, struct err *err)
{
    uint64_t saved =
        store_put(auth->store, table, &account->row->base, account->version, &(struct store_write){0});
    uint64_t told = account->is_news ? names_add(auth, account->row, account->version + 1, saved) : 0;
    if (!store_wait(auth->store, saved, err)) return false;
    if (told) names_finish(auth, told);
    account->version++;
    account->is_news = false;
    return true;
}

bool account_again(int *tries, const struct err *err) { return err_is(err, CONFLICT) && ++*tries < TRIES; }
