// What is kept of a person, for themselves. A table with rows of people has its part here.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "services/auth/handlers/shown.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/lockout.h"
#include "services/auth/tokens/sessions.h"

enum { MOST = 1000 }; // rows of one kind, the newest of sessions that have ended; names have a lower limit

struct export
{
    struct rpc_call *call;
    const Accounts__Account *row;
    Auth__Export *reply;
};

static bool export_query(const struct export *export, enum auth_table table, const struct store_query *query,
                         struct store_rows *rows, struct err *err)
{
    struct auth *auth = export->call->service;
    return store_find(auth->store, &auth_tables[table], query, export->call->arena, rows, err);
}

// By an index that begins with the person's id.
static bool export_find(const struct export *export, enum auth_table table, const char *index,
                        struct store_rows *rows, struct err *err)
{
    const struct store_query query = {.index = index,
                                      .equal = {{.text = export->row->id}},
                                      .equal_count = 1,
                                      .limit = MOST,
                                      .page_token = ""};
    return export_query(export, table, &query, rows, err);
}

// A list of new messages of one type. NULL without memory.
static void **export_list(const struct export *export, size_t count, const ProtobufCMessageDescriptor *type)
{
    void **list = arena_array(export->call->arena, count, sizeof *list);
    for (size_t i = 0; list && i < count; i++) {
        if (!(list[i] = arena_alloc(export->call->arena, type->sizeof_message))) return NULL;
        protobuf_c_message_init(type, list[i]);
    }
    return list;
}

static bool no_memory(struct err *err) { return err_fail(err, INTERNAL_ERROR, "out of memory"); }

static bool is_among(const struct sessions *sessions, const Accounts__Session *row)
{
    for (size_t i = 0; i < sessions->count; i++)
        if (strcmp(sessions->all[i]->id, row->id) == 0) return true;
    return false;
}

static bool export_session(const struct export *export, const Accounts__Session *row, struct err *err)
{
    Auth__Export__KeptSession *kept = export->reply->sessions[export->reply->n_sessions++];
    kept->session = session_shown(export->call, row);
    kept->ended_at = row->revoked_at;
    return kept->session || no_memory(err);
}

// Those that go on come first: however many have ended, none of them is cut off.
static bool export_sessions(const struct export *export, const struct account *account, struct err *err)
{
    struct rpc_call *call = export->call;
    struct sessions open;
    struct store_rows rows;
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = export->row->id}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = MOST,
                                      .page_token = ""};
    if (!sessions_list(call->service, account, call->arena, call->now_ms, &open, err) ||
        !export_query(export, AUTH_SESSIONS, &query, &rows, err))
        return false;
    export->reply->sessions = (Auth__Export__KeptSession **)export_list(
        export, open.count + rows.count, &auth__export__kept_session__descriptor);
    if (!export->reply->sessions) return no_memory(err);
    for (size_t i = 0; i < open.count; i++)
        if (!export_session(export, open.all[i], err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__Session *row = (const Accounts__Session *)rows.messages[i];
        if (!is_among(&open, row) && !export_session(export, row, err)) return false;
    }
    return true;
}

static bool export_names(const struct export *export, struct err *err)
{
    struct store_rows rows;
    if (!export_find(export, AUTH_RELEASED, "by_user", &rows, err)) return false;
    Auth__Export__FormerUsername **list = (Auth__Export__FormerUsername **)export_list(
        export, rows.count, &auth__export__former_username__descriptor);
    if (!list) return no_memory(err);
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__Released *released = (const Accounts__Released *)rows.messages[i];
        list[i]->username = released->username_key;
        list[i]->kept_until = released->until;
    }
    export->reply->former_usernames = list;
    export->reply->n_former_usernames = rows.count;
    return true;
}

static void show_tries(Auth__Export__FailedTries *tries, const Accounts__Lockout *lockout, const char *of)
{
    tries->of = of;
    tries->count = lockout->failures;
    tries->last_at = lockout->last_failure;
    tries->locked_until = lockout->until;
}

static bool export_tries(const struct export *export, struct err *err)
{
    struct auth *auth = export->call->service;
    struct arena *arena = export->call->arena;
    const struct lockout own = lockout_account(auth, export->row->id);
    const char *devices = lockout_devices(export->row->id, arena); // what follows in a key is the device
    struct store_rows of_account, of_devices;
    if (!devices) return no_memory(err);
    if (!lockout_find(auth, own.key, MOST, arena, &of_account, err) ||
        !lockout_find(auth, devices, MOST, arena, &of_devices, err))
        return false;
    size_t count = of_account.count + of_devices.count, at = 0;
    Auth__Export__FailedTries **list =
        (Auth__Export__FailedTries **)export_list(export, count, &auth__export__failed_tries__descriptor);
    if (!list) return no_memory(err);
    for (size_t i = 0; i < of_account.count; i++)
        show_tries(list[at++], (const Accounts__Lockout *)of_account.messages[i], "account");
    for (size_t i = 0; i < of_devices.count; i++) {
        const Accounts__Lockout *lockout = (const Accounts__Lockout *)of_devices.messages[i];
        show_tries(list[at++], lockout, lockout->key + strlen(devices));
    }
    export->reply->failed_tries = list;
    export->reply->n_failed_tries = count;
    return true;
}

// Of a number that the person has proven: who else typed it does not learn who asks for codes to it.
static bool export_code(const struct export *export, struct err *err)
{
    struct auth *auth = export->call->service;
    struct arena *arena = export->call->arena;
    ProtobufCMessage *row;
    uint64_t version;
    if (!export->row->phone_verified) return true;
    if (!store_get(auth->store, &auth_tables[AUTH_OTPS], export->row->phone, arena, &row, &version, err))
        return false;
    if (!row) return true;
    const Accounts__Otp *otp = (const Accounts__Otp *)row;
    Auth__Export__Code *code = arena_new(arena, Auth__Export__Code);
    if (!code) return no_memory(err);
    auth__export__code__init(code);
    code->sent_at = otp->sent_at;
    code->expires_at = otp->expires_at;
    code->used = otp->used;
    code->network = otp->sender;
    export->reply->code = code;
    return true;
}

static bool export_blocks(const struct export *export, struct err *err)
{
    struct store_rows rows;
    Auth__Export *reply = export->reply;
    return export_find(export, AUTH_BLOCKS, "by_user", &rows, err) &&
           blocks_shown(export->call, &rows, &reply->blocks, &reply->n_blocks, err);
}

static bool export_reports(const struct export *export, struct err *err)
{
    struct store_rows rows;
    Auth__Export *reply = export->reply;
    if (!export_find(export, AUTH_REPORTS, "by_reporter", &rows, err)) return false;
    reply->reports = arena_array(export->call->arena, rows.count, sizeof *reply->reports);
    if (!reply->reports) return no_memory(err);
    for (; reply->n_reports < rows.count; reply->n_reports++)
        if (!report_shown(export->call, (const Accounts__Report *)rows.messages[reply->n_reports],
                          &reply->reports[reply->n_reports], err))
            return false;
    return true;
}

static void export_account(const struct export *export, const struct account *account)
{
    Auth__Export *reply = export->reply;
    reply->user = account_shown(account, export->call->now_ms);
    reply->has_password = account->row->password_hash[0] != 0;
    reply->phone_verified = account->row->phone_verified;
    reply->tokens_ended_at = account->row->revoked_at;
    reply->preferences = preferences_shown(account->row, export->call->arena);
}

HANDLER(export_me, Auth__ExportMeRequest, Auth__Export)
{
    struct account account;
    if (!caller_load(call, &account, err) || !proof_spend(call, &account, err)) return false;
    const struct export export = {call, account.row, reply};
    export_account(&export, &account);
    return export_sessions(&export, &account, err) && export_names(&export, err) &&
           export_tries(&export, err) && export_code(&export, err) &&
           api_keys_shown(call, &account, &reply->api_keys, &reply->n_api_keys, err) &&
           export_blocks(&export, err) && export_reports(&export, err);
}

const struct rpc_method export_methods[] = {
    RPC_METHOD("auth.ExportMe", export_me),
    {0},
};
