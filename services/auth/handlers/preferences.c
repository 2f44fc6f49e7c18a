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

// What is left out would be turned on again unseen.
static bool is_said(int set, const char *field, struct err *err)
{
    return set || err_field(err, INVALID_FIELD, field, "%s is required", field);
}

static bool read_wish(const Auth__SetAccountPreferencesRequest *request, Auth__OptOuts *out, struct err *err)
{
    auth__opt_outs__init(out);
    out->rating = !request->show_rating;
    out->tips = !request->tips;
    out->suggestions = !request->suggestions;
    out->llm = !request->llm;
    return is_said(request->show_rating__case, "show_rating", err) &&
           is_said(request->tips__case, "tips", err) &&
           is_said(request->suggestions__case, "suggestions", err) && is_said(request->llm__case, "llm", err);
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
    Auth__OptOuts out;
    if (!read_wish(request, &out, err)) return false;
    for (int tries = 0; !set_once(call, &out, &account, err);)
        if (!account_again(&tries, err)) return false;
    return show_preferences(call, &account, reply, err);
}

const struct rpc_method preference_methods[] = {
    RPC_METHOD("auth.GetAccountPreferences", get_preferences),
    RPC_METHOD("auth.SetAccountPreferences", set_preferences),
    {0},
};
