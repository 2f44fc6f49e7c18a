// One-time codes: login by phone, which also signs up, proves a number and sets a new password.
#include "services/auth/handlers/handlers.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/auth/accounts.h"
#include "services/auth/tokens/device.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/lockout.h"
#include "services/auth/otp/otp.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/tokens/sessions.h"

enum { NAME_LEN = 32, NAME_RANDOM = 10, TRIES = 8 };

// The sender that asks for a code or tries one: a device that is known to the account with this phone, or any
// client at an address.
struct asker {
    struct otp_sender sender;
    struct lockout tries;
};

static bool find_asker(struct rpc_call *call, const char *phone, const char *device_token,
                       struct asker *asker, struct err *err)
{
    struct auth *auth = call->service;
    struct account account = {0};
    struct uuid device;
    if (*device_token && !account_by_phone(auth, phone, call->arena, &account, err)) return false;
    bool known = account.row && account.row->phone_verified &&
                 device_is_known(auth, &account, device_token, call->now_ms, &device);
    asker->sender = otp_sender_of(known, call->caller->address);
    asker->tries = known ? lockout_device(auth, account.row->id, device.text)
                         : lockout_codes(auth, call->caller->address);
    return true;
}

HANDLER(send_otp, Auth__SendOtpRequest, Google__Protobuf__Empty)
{
    struct asker asker;
    return find_asker(call, request->phone, request->device_token, &asker, err) &&
           otp_send(call->service, request->phone, &asker.sender, call->arena, call->now_ms, err);
}

static bool sign_up(struct rpc_call *call, const char *phone, struct account *account, struct err *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    char username[NAME_LEN] = "player-";
    for (size_t i = 0, at = strlen(username); i < NAME_RANDOM; i++)
        username[at + i] = letters[randombytes_uniform(sizeof letters - 1)];
    *account = account_new(call->arena, username, arena_str(call->arena, phone), call->now_ms);
    return account->row || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// Nothing proves that this number belongs to the account's person. Unless the caller's own token does, all
// logins of the account end here, and it now belongs to the number's owner.
static void take_over(struct rpc_call *call, struct account *account)
{
    account->row->password_hash = "";
    account_set_wallet(account, "");
    account_void_sessions(account, call->arena, call->now_ms);
}

// A god's, a dev's or a suspended account is not handed to an unproven number: the number leaves the account.
static bool let_go_of_phone(struct rpc_call *call, struct account *account, struct err *err)
{
    account_set_phone(account, "", false);
    return account_save(call->service, account, err);
}

static bool may_take_over(const struct rpc_call *call, const struct account *account)
{
    return account->row->level == AUTH__LEVEL__VALUE__PLAYER && !account_suspension(account, call->now_ms);
}

static bool is_callers(const struct rpc_call *call, const struct account *account)
{
    return strcmp(call->caller->user_id, account->row->id) == 0;
}

// A password is set, or a number that a god or a dev has typed opens the account from now on: a token is not
// enough. A player's is its owner's in any case.
static bool may_claim(struct rpc_call *call, struct account *account, bool new_password, struct err *err)
{
    bool is_player = account->row->level == AUTH__LEVEL__VALUE__PLAYER;
    bool opens_nothing_new = !new_password && (account->row->phone_verified || is_player);
    return opens_nothing_new || !is_callers(call, account) || proof_need_strong(call, account, err);
}

// So that no code is used up without a proof.
static bool may_claim_phone(struct rpc_call *call, const Auth__VerifyOtpRequest *request, struct err *err)
{
    struct account account;
    return account_by_phone(call->service, request->phone, call->arena, &account, err) &&
           (!account.row || may_claim(call, &account, *request->new_password, err));
}

static bool find_owner(struct rpc_call *call, const char *phone, struct account *account, struct err *err)
{
    if (!account_by_phone(call->service, phone, call->arena, account, err)) return false;
    if (!account->row) return sign_up(call, phone, account, err);
    if (account->row->phone_verified) return account_check_open(account, call->now_ms, err);
    if (is_callers(call, account)) return true;
    if (may_take_over(call, account)) return take_over(call, account), true;
    return let_go_of_phone(call, account, err) && sign_up(call, phone, account, err);
}

// new_hash is NULL when the password stays.
static bool claim_once(struct rpc_call *call, const char *phone, const char *new_hash,
                       struct account *account, struct err *err)
{
    if (!find_owner(call, phone, account, err) || !may_claim(call, account, new_hash, err)) return false;
    account_set_phone(account, account->row->phone, true);
    if (new_hash) {
        account->row->password_hash = new_hash;
        account_void_sessions(account, call->arena, call->now_ms);
    }
    return account_save(call->service, account, err);
}

// Another login, or a sign-up with the same number or name, may come in between.
static bool phone_claim(struct rpc_call *call, const char *phone, const char *new_hash,
                        struct account *account, struct err *err)
{
    for (int i = 0; !claim_once(call, phone, new_hash, account, err); i++) {
        bool passing = err_is(err, CONFLICT) || err_is(err, PHONE_TAKEN) || err_is(err, USERNAME_TAKEN);
        if (!passing || i == TRIES) return false;
    }
    if (!account->row->revoked_at || stamp_ms(account->row->revoked_at) != call->now_ms) return true;
    return revocations_add_user(call->service, account->row->id, account->row->generation, call->now_ms, err);
}

static bool check_code(struct rpc_call *call, const struct otp_try *attempt, const struct lockout *tries,
                       struct err *err)
{
    if (!lockout_check(call->service, tries, call->arena, call->now_ms, err)) return false;
    if (otp_check(call->service, attempt, call->arena, call->now_ms, err)) return true;
    struct err failure;
    if (err_is(err, OTP_INVALID) &&
        !lockout_note_failure(call->service, tries, call->arena, call->now_ms, &failure))
        *err = failure;
    return false;
}

// Hashed while the code is still valid: a full gate must not cost the code.
// An address stays locked: a right code says nothing about wrong ones from there.
static bool phone_unlock(struct rpc_call *call, const struct account *account, const struct asker *asker,
                         struct err *err)
{
    const struct lockout lockout = lockout_account(call->service, account->row->id);
    return lockout_clear(call->service, &lockout, call->arena, err) &&
           (!asker->sender.known || lockout_clear(call->service, &asker->tries, call->arena, err));
}

bool way_code(struct rpc_call *call, const struct account *account, const char *code,
              const char *device_token, struct err *err)
{
    struct asker asker;
    if (!find_asker(call, account->row->phone, device_token, &asker, err)) return false;
    const struct otp_try attempt = {account->row->phone, code, asker.sender};
    return check_code(call, &attempt, &asker.tries, err) &&
           otp_use(call->service, &attempt, call->arena, call->now_ms, err) &&
           phone_unlock(call, account, &asker, err);
}

HANDLER(verify_otp, Auth__VerifyOtpRequest, Auth__Session)
{
    struct auth *auth = call->service;
    struct account account;
    struct asker asker;
    const char *new_hash;
    if (!find_asker(call, request->phone, request->device_token, &asker, err)) return false;
    const struct otp_try attempt = {request->phone, request->code, asker.sender};
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__CODE, call->caller->address};
    return check_code(call, &attempt, &asker.tries, err) && may_claim_phone(call, request, err) &&
           way_hash(call, request->new_password, &new_hash, err) &&
           otp_use(auth, &attempt, call->arena, call->now_ms, err) &&
           phone_claim(call, request->phone, new_hash, &account, err) &&
           phone_unlock(call, &account, &asker, err) &&
           session_open(auth, &account, &start, call->arena, call->now_ms, reply, err);
}

const struct rpc_method phone_methods[] = {
    RPC_METHOD("auth.SendOtp", send_otp),
    RPC_METHOD("auth.VerifyOtp", verify_otp),
    {0},
};
