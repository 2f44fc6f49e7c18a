// What of the caller's account is used, and for what. What is not to be used is stored with the account, and
// told to other services with its name.
#include "lib/replica/replica.h"
#include "services/auth/accounts.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/handlers/shown.h"
#include "services/auth/handlers/ways.h"

enum { OPTING_OUT_SINCE = 21 }; // CONSE_FORMAT

Auth__AccountPreferences *preferences_shown(const Accounts__Account *row, struct arena *arena)
{
    static const Auth__OptOuts none = AUTH__OPT_OUTS__INIT;
    const Auth__OptOuts *out = row->opted_out ? row->opted_out : &none;
    Auth__AccountPreferences *shown = arena_new(arena, Auth__AccountPreferences);
    if (!shown) return NULL;
    auth__account_preferences__init(shown);
    shown->show_rating = !out->rating;
    shown->tips = !out->tips;
    shown->suggestions = !out->suggestions;
    shown->llm = !out->llm;
    return shown;
}

static bool show_preferences(struct rpc_call *call, const struct account *account,
                             Auth__AccountPreferencesReply *reply, struct err *err)
{
    reply->preferences = preferences_shown(account->row, call->arena);
    return reply->preferences || err_fail(err, INTERNAL_ERROR, "out of memory");
}

HANDLER(get_preferences, Auth__GetAccountPreferencesRequest, Auth__AccountPreferencesReply)
{
    struct account account;
    (void)request;
    return caller_account(call, &account, err) && show_preferences(call, &account, reply, err);
}

static Auth__OptOuts wish_of(const Auth__SetAccountPreferencesRequest *request)
{
    Auth__OptOuts out = AUTH__OPT_OUTS__INIT;
    out.rating = !request->show_rating;
    out.tips = !request->tips;
    out.suggestions = !request->suggestions;
    out.llm = !request->llm;
    return out;
}

// It is told again though it is as before: a service of an older program may not have kept it.
static bool set_once(struct rpc_call *call, Auth__OptOuts *out, struct account *account, struct err *err)
{
    const struct auth *auth = call->service;
    if (!caller_account(call, account, err)) return false;
    if (!replica_all_know(auth->replica, OPTING_OUT_SINCE))
        return err_fail(err, SERVICE_BUSY, "an older process knows of no preferences");
    account_set_opt_outs(account, out);
    return account_save(call->service, account, err);
}

HANDLER(set_preferences, Auth__SetAccountPreferencesRequest, Auth__AccountPreferencesReply)
{
    struct account account;
    Auth__OptOuts out = wish_of(request);
    for (int tries = 0; !set_once(call, &out, &account, err);)
        if (!account_again(&tries, err)) return false;
    return show_preferences(call, &account, reply, err);
}

const struct rpc_method preference_methods[] = {
    RPC_METHOD("auth.GetAccountPreferences", get_preferences),
    RPC_METHOD("auth.SetAccountPreferences", set_preferences),
    {0},
};
