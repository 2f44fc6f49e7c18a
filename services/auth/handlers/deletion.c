// Leaving for good: deleting one's account.
#include "services/auth/handlers/handlers.h"

#include "lib/base/log.h"
#include "services/auth/erasure.h"
#include "services/auth/handlers/belongings.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/otp/otp.h"
#include "services/auth/tokens/revocations.h"

static bool may_delete(struct rpc_call *call, struct account *account, struct err *err)
{
    if (!caller_load(call, account, err)) return false;
    if (account->row->level != AUTH__LEVEL__VALUE__PLAYER)
        return err_fail(err, LEVEL_HELD, "only players delete their accounts; give the level back first");
    return proof_need_strong(call, account, err);
}

// The row is all that opens the account, so from its write on nothing does.
static bool delete_once(struct rpc_call *call, struct account *account, struct err *err)
{
    if (!may_delete(call, account, err)) return false;
    account_bury(account, call->arena, call->now_ms);
    return account_save(call->service, account, err);
}

// Before the number is gone. What strangers asked for with a number that nobody has proven goes by its time.
static bool erase_codes(struct rpc_call *call, bool forfeit, struct err *err)
{
    struct account account;
    if (!may_delete(call, &account, err)) return false;
    if (!forfeit && !belongings_none(call, account.row->id, err)) return false;
    return !account.row->phone_verified || otp_erase(call->service, account.row->phone, call->arena, err);
}

HANDLER(delete_me, Auth__DeleteMeRequest, Google__Protobuf__Empty)
{
    struct auth *auth = call->service;
    struct account account;
    struct err failure;
    if (!erase_codes(call, request->forfeit, err)) return false;
    for (int tries = 0; !delete_once(call, &account, err);)
        if (!account_again(&tries, err)) return false;
    if (!erasure_rows(auth, account.row->id, call->arena, &failure))
        log_err(LOG_WARN, "rows of a deleted account are left to the sweeper", &failure);
    return revocations_add_user(auth, account.row->id, account.row->generation, call->now_ms, err);
}

const struct rpc_method deletion_methods[] = {
    RPC_METHOD("auth.DeleteMe", delete_me),
    {0},
};
