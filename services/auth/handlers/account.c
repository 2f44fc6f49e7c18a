// Accounts: sign-up, the caller's own profile, and what operators see and change.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "lib/base/text.h"
#include "services/auth/accounts.h"
#include "services/auth/handlers/acts.h"
#include "services/auth/tokens/device.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/former_names.h"
#include "services/auth/reserved_names.h"

enum { DEFAULT_PAGE = 20 };

// Saves hashing for nothing; account_save checks again.
static bool username_is_free(struct rpc_call *call, const char *username, struct err *err)
{
    const struct auth *auth = call->service;
    char key[33];
    text_lower(key, sizeof key, username);
    return reserved_names_check(auth->settings.usernames_reserved, username, err) &&
           former_names_check(call->service, key, "", call->now_ms, err);
}

HANDLER(sign_up, Auth__SignupRequest, Auth__SignupReply)
{
    struct auth *auth = call->service;
    struct account account;
    const char *hash;
    if (!account_by_username(auth, request->username, call->arena, &account, err)) return false;
    if (account.row) return err_field(err, USERNAME_TAKEN, "username", "the username is taken");
    if (!username_is_free(call, request->username, err)) return false;
    if (!way_hash(call, request->password, &hash, err)) return false;
    char *token = arena_alloc(call->arena, DEVICE_TOKEN_MAX);
    account = account_new(call->arena, request->username, request->phone, call->now_ms);
    if (!token || !account.row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    account.row->password_hash = hash;
    if (!account_save(auth, &account, err)) return false;
    device_token_make(auth, &account, uuid_new(call->now_ms).text, call->now_ms, token);
    reply->user = account.row->user;
    reply->device_token = token;
    return true;
}

HANDLER(get_me, Auth__GetMeRequest, Auth__UserReply)
{
    struct account account;
    if (!caller_account(call, &account, err)) return false;
    reply->user = account.row->user;
    return true;
}

static bool change_phone(struct account *account, const char *phone, struct err *err)
{
    account_set_phone(account, phone, false);
    return account_has_way_in(account) ||
           err_field(err, LAST_LOGIN, "phone",
                     "the account would have no way to log in; set a password or link a wallet first");
}

static bool update_once(struct rpc_call *call, const Auth__UpdateMeRequest *request, struct account *account,
                        struct err *err)
{
    if (!caller_account(call, account, err)) return false;
    const Accounts__Account *row = account->row;
    bool new_name = request->username__case == AUTH__UPDATE_ME_REQUEST__USERNAME__USERNAME &&
                    strcmp(request->username, row->user->username) != 0;
    bool new_phone = request->phone__case == AUTH__UPDATE_ME_REQUEST__PHONE__PHONE &&
                     strcmp(request->phone, row->phone) != 0;
    if (!new_name && !new_phone) return true;
    if (!(new_phone ? proof_need_strong : proof_need)(call, account, err)) return false;
    if (new_name) account_rename(account, call->arena, request->username, call->now_ms);
    if (new_phone && !change_phone(account, request->phone, err)) return false;
    return account_save(call->service, account, err);
}

HANDLER(update_me, Auth__UpdateMeRequest, Auth__UserReply)
{
    struct account account;
    for (int tries = 0; !update_once(call, request, &account, err);)
        if (!account_again(&tries, err)) return false;
    reply->user = account.row->user;
    return true;
}

HANDLER(list_users, Auth__ListUsersRequest, Auth__ListUsersReply)
{
    struct auth *auth = call->service;
    char prefix[40];
    text_lower(prefix, sizeof prefix, request->username);
    const struct store_value from = {.text = prefix};
    struct store_query query = {
        .index = request->level ? "by_level" : "by_username",
        .equal = {{.number = request->level}},
        .equal_count = request->level ? 1 : 0,
        .from = *prefix ? &from : NULL,
        .prefix = true,
        .limit = request->page_size ? (uint32_t)request->page_size : DEFAULT_PAGE,
        .page_token = request->page_token,
    };
    struct store_rows rows;
    if (!store_find(auth->store, &auth_tables[AUTH_ACCOUNTS], &query, call->arena, &rows, err)) return false;
    reply->users = arena_array(call->arena, rows.count, sizeof *reply->users);
    if (!reply->users) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < rows.count; i++) {
        const struct account account = {.row = (Accounts__Account *)rows.messages[i]};
        if (!account.row->deleted_at) reply->users[reply->n_users++] = account_shown(&account, call->now_ms);
    }
    reply->next_page_token = rows.next_page_token;
    return true;
}

HANDLER(get_user, Auth__GetUserRequest, Auth__UserReply)
{
    struct account account;
    if (!account_get(call->service, request->user_id, call->arena, &account, err)) return false;
    reply->user = account_shown(&account, call->now_ms);
    return true;
}

// Who set it may not have said so: it is asked again when its answer was lost.
static bool say_set(struct rpc_call *call, const struct account *account, struct err *err)
{
    const struct auth *auth = call->service;
    const Google__Protobuf__Timestamp *revoked_at = account->row->revoked_at;
    bool recent = revoked_at && call->now_ms - stamp_ms(revoked_at) <= auth->settings.access_ms;
    return !recent || revocations_add_user(call->service, account->row->id, account->row->generation,
                                           stamp_ms(revoked_at), err);
}

static bool set_level_once(struct rpc_call *call, const Auth__SetLevelRequest *request,
                           struct account *account, struct err *err)
{
    if (!account_get(call->service, request->user_id, call->arena, account, err)) return false;
    if (account->row->level == request->level) return say_set(call, account, err);
    const Auth__Level__Value before = account->row->level;
    account_set_level(account, request->level);
    account_void_tokens(account, call->arena, call->now_ms);
    return act_level_set(call, account, before, err) && account_save(call->service, account, err) &&
           revocations_add_user(call->service, account->row->id, account->row->generation, call->now_ms, err);
}

HANDLER(set_level, Auth__SetLevelRequest, Auth__UserReply)
{
    struct account account;
    for (int tries = 0; !set_level_once(call, request, &account, err);)
        if (!account_again(&tries, err)) return false;
    reply->user = account_shown(&account, call->now_ms);
    return true;
}

const struct rpc_method account_methods[] = {
    RPC_METHOD("auth.Signup", sign_up),
    RPC_METHOD("auth.GetMe", get_me),
    RPC_METHOD("auth.UpdateMe", update_me),
    RPC_METHOD("auth.ListUsers", list_users),
    RPC_METHOD("auth.GetUser", get_user),
    RPC_METHOD("auth.SetLevel", set_level),
    {0},
};
