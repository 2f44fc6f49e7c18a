#include "services/auth/tokens/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/net/network.h"
#include "services/auth/tokens/device.h"
#include "services/auth/tokens/revocations.h"

static const struct store_table *const table = &auth_tables[AUTH_SESSIONS];

enum {
    TRIES = 16,
    V4_BITS = 24, // of the network that is kept of an address
    V6_BITS = 48,
};

static int64_t access_end_s(const struct auth *auth, int64_t now_ms)
{
    return (now_ms + auth->settings.access_ms) / 1000;
}

static bool sessions_fill(struct auth *auth, const Accounts__Session *session, const struct account *account,
                          int64_t expires_s, struct arena *arena, int64_t now_ms, Auth__Session *reply,
                          struct err *err)
{
    AUTO_KEY struct key key = {0};
    char *access = arena_alloc(arena, TOKEN_MAX), *refresh = arena_alloc(arena, REFRESH_MAX),
         *device = arena_alloc(arena, DEVICE_TOKEN_MAX);
    if (!access || !refresh || !device) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct token_claims claims = {
        .user_id = account->row->id,
        .username = account->row->user->username,
        .session_id = session->id,
        .level = account->row->level,
        .generation = account->row->generation,
        .issued_s = now_ms / 1000,
        .expires_s = expires_s,
    };
    if (!token_issue(auth->tokens, &claims, access, err)) return false;
    keyring_in_use(auth->keys, AUTH_KEY_REFRESH, &key);
    refresh_make(key.bytes, session->id, session->counter, refresh);
    device_token_make(auth, account, session->id, now_ms, device);
    reply->access_token = access;
    reply->refresh_token = refresh;
    reply->expires_in =
        (int32_t)(claims.expires_s > claims.issued_s ? claims.expires_s - claims.issued_s : 0);
    reply->token_type = "Bearer";
    reply->user = account->row->user;
    reply->device_token = device;
    return true;
}

// Two logins at once both write the account: the later one checks it again, because its proof may no longer
// count.
static bool note_login(struct auth *auth, struct account *account, struct arena *arena, int64_t now_ms,
                       struct err *err)
{
    const uint64_t epoch = account->row->epoch;
    for (int i = 0; i < TRIES; i++) {
        if (!account_check_open(account, now_ms, err)) return false;
        account->row->user->last_login_at = stamp_new(arena, now_ms);
        if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
        if (account_save(auth, account, err)) return true;
        // Deleting the account ends its sessions too.
        if (!err_is(err, CONFLICT) || !account_load(auth, account->row->id, arena, account, err))
            return false;
        if (account->row->epoch != epoch)
            return err_fail(err, CONFLICT, "the account's sessions were ended meanwhile; log in again");
    }
    return account_check_open(account, now_ms, err); // this many logins at once: one of them is noted
}

static const char *network_text(const char *address, struct arena *arena)
{
    char network[NETWORK_TEXT];
    network_of(network, address, V4_BITS, V6_BITS);
    return arena_str(arena, network);
}

static bool sessions_find(struct auth *auth, const struct account *account, bool newest_first, uint32_t limit,
                          struct arena *arena, struct store_rows *rows, struct err *err)
{
    const struct store_query query = {
        .index = "by_user",
        .equal = {{.text = account->row->id}, {.number = (int64_t)account->row->epoch}, {.number = 0}},
        .equal_count = 3, // of its epoch, and not ended
        .descending = newest_first,
        .limit = limit,
        .page_token = ""};
    return store_find(auth->store, table, &query, arena, rows, err);
}

static bool sessions_make_room(struct auth *auth, const struct account *account, struct arena *arena,
                               int64_t now_ms, struct err *err)
{
    struct store_rows rows;
    if (!sessions_find(auth, account, false, SESSIONS_MOST, arena, &rows, err)) return false;
    if (rows.count < SESSIONS_MOST) return true;
    const Accounts__Session *oldest = (const Accounts__Session *)rows.messages[0];
    return session_end(auth, oldest->id, oldest->user_id, arena, now_ms, err);
}

bool session_open(struct auth *auth, struct account *account, const struct session_start *start,
                  struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err)
{
    Accounts__Session session = ACCOUNTS__SESSION__INIT;
    session.kind = start->kind;
    session.network = network_text(start->address, arena);
    session.id = arena_str(arena, uuid_new(now_ms).text);
    session.user_id = account->row->id;
    session.epoch = account->row->epoch;
    session.created_at = session.rotated_at = stamp_new(arena, now_ms);
    session.expires_at = stamp_new(arena, now_ms + auth->settings.refresh_ms);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return note_login(auth, account, arena, now_ms, err) &&
           sessions_make_room(auth, account, arena, now_ms, err) &&
           auth_save(auth, AUTH_SESSIONS, &session.base, 0, err) &&
           sessions_fill(auth, &session, account, access_end_s(auth, now_ms), arena, now_ms, reply, err);
}

struct session {
    Accounts__Session *row;
    uint64_t version;
};

static bool sessions_load(struct auth *auth, const char *id, struct arena *arena, struct session *session,
                          struct err *err)
{
    ProtobufCMessage *row;
    if (!store_get(auth->store, table, id, arena, &row, &session->version, err)) return false;
    session->row = (Accounts__Session *)row;
    return true;
}

static bool is_alive(const Accounts__Session *session, int64_t now_ms)
{
    return session && !session->revoked_at && stamp_ms(session->expires_at) > now_ms;
}

bool session_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena)
{
    return auth_bring_back(&((Accounts__Session *)row)->expires_at, now_ms + auth->settings.refresh_ms,
                           arena);
}

static bool sessions_end(struct auth *auth, struct session *session, struct arena *arena, int64_t now_ms,
                         struct err *err)
{
    session->row->revoked_at = stamp_new(arena, now_ms);
    return auth_save(auth, AUTH_SESSIONS, &session->row->base, session->version, err) &&
           revocations_add_session(auth, session->row->id, session->row->user_id, now_ms, err);
}

static bool is_near(const Google__Protobuf__Timestamp *stamp, int64_t now_ms, int64_t distance_ms)
{
    return llabs(now_ms - stamp_ms(stamp)) <= distance_ms;
}

// The token before the current one is honoured within the grace period, on either side of a clock that is
// set, and once: when it has come again, all that come with it are tabs that refresh at once, and later ones
// are refused.
static bool is_within_grace(const struct auth *auth, const Accounts__Session *session, uint32_t counter,
                            int64_t now_ms)
{
    const int64_t grace_ms = auth->settings.refresh_grace_ms;
    return counter + 1 == session->counter && is_near(session->rotated_at, now_ms, grace_ms) &&
           (!session->replayed_at || is_near(session->replayed_at, now_ms, grace_ms / 2));
}

static bool note_replay(struct auth *auth, struct session *session, struct arena *arena, int64_t now_ms,
                        struct err *err)
{
    if (session->row->replayed_at) return true;
    session->row->replayed_at = stamp_new(arena, now_ms);
    return auth_save(auth, AUTH_SESSIONS, &session->row->base, session->version, err);
}

static bool sessions_rotate(struct auth *auth, struct session *session, struct arena *arena, int64_t now_ms,
                            struct err *err)
{
    session->row->counter++;
    session->row->replayed_at = NULL;
    session->row->rotated_at = stamp_new(arena, now_ms);
    session->row->expires_at = stamp_new(arena, now_ms + auth->settings.refresh_ms);
    return auth_save(auth, AUTH_SESSIONS, &session->row->base, session->version, err);
}

static bool refuse_reuse(struct auth *auth, struct session *session, struct arena *arena, int64_t now_ms,
                         struct err *err)
{
    log_warn("refresh token reused", F_STR("user", session->row->user_id),
             F_STR("session", session->row->id));
    return sessions_end(auth, session, arena, now_ms, err) &&
           err_fail(err, REFRESH_REUSED, "this refresh token was used before; log in again");
}

struct refresh {
    char session_id[40];
    uint32_t counter;
    const char *address; // of the client
};

static bool refresh_once(struct auth *auth, const struct refresh *token, struct arena *arena, int64_t now_ms,
                         Auth__Session *reply, struct err *err)
{
    const uint32_t counter = token->counter;
    struct session session;
    struct account account;
    if (!sessions_load(auth, token->session_id, arena, &session, err)) return false;
    if (!is_alive(session.row, now_ms) || counter > session.row->counter)
        return err_fail(err, REFRESH_INVALID, "the refresh token is unknown, expired or revoked");
    if (counter < session.row->counter && !is_within_grace(auth, session.row, counter, now_ms))
        return refuse_reuse(auth, &session, arena, now_ms, err);
    if (!account_load(auth, session.row->user_id, arena, &account, err)) return false;
    if (!account.row || session.row->epoch != account.row->epoch)
        return err_fail(err, REFRESH_INVALID, "the refresh token is unknown, expired or revoked");
    if (!account_check_open(&account, now_ms, err)) return false;
    bool first = counter == session.row->counter;
    if (first) session.row->network = network_text(token->address, arena);
    if (!(first ? sessions_rotate : note_replay)(auth, &session, arena, now_ms, err)) return false;
    return sessions_fill(auth, session.row, &account, access_end_s(auth, now_ms), arena, now_ms, reply, err);
}

bool session_token_read(struct auth *auth, const char *refresh_token, int64_t now_ms, char session_id[40],
                        uint32_t *counter)
{
    AUTO_KEYS struct key_set set;
    keyring_get(auth->keys, AUTH_KEY_REFRESH, &set);
    for (size_t i = 0; i < set.count && key_serves(&set, i, auth->settings.refresh_ms, now_ms); i++)
        if (refresh_read(set.keys[i].bytes, refresh_token, session_id, counter)) return true;
    return false;
}

bool session_refresh(struct auth *auth, const char *refresh_token, const char *address, struct arena *arena,
                     int64_t now_ms, Auth__Session *reply, struct err *err)
{
    struct refresh token = {.address = address};
    if (!session_token_read(auth, refresh_token, now_ms, token.session_id, &token.counter))
        return err_fail(err, REFRESH_INVALID, "the refresh token is unknown, expired or revoked");
    // A parallel refresh of the same token won the write: read again, and find the child it made.
    for (int i = 0; i < TRIES; i++)
        if (refresh_once(auth, &token, arena, now_ms, reply, err) || !err_is(err, CONFLICT)) break;
    return reply->user != NULL;
}

// Who ended it may not have said so: it is asked again when its answer was lost.
static bool say_ended(struct auth *auth, const Accounts__Session *session, int64_t now_ms, struct err *err)
{
    return !is_near(session->revoked_at, now_ms, auth->settings.access_ms) ||
           revocations_add_session(auth, session->id, session->user_id, stamp_ms(session->revoked_at), err);
}

bool session_end(struct auth *auth, const char *session_id, const char *user_id, struct arena *arena,
                 int64_t now_ms, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        struct session session;
        if (!sessions_load(auth, session_id, arena, &session, err)) return false;
        bool mine = session.row && strcmp(session.row->user_id, user_id) == 0;
        if (!mine) return true;
        if (session.row->revoked_at) return say_ended(auth, session.row, now_ms, err);
        if (sessions_end(auth, &session, arena, now_ms, err)) return true;
        if (!err_is(err, CONFLICT)) return false;
    }
    return false;
}

bool session_goes_on(struct auth *auth, const char *session_id, const struct account *account,
                     struct arena *arena, int64_t now_ms, bool *goes_on, struct err *err)
{
    struct session session;
    if (!sessions_load(auth, session_id, arena, &session, err)) return false;
    *goes_on = is_alive(session.row, now_ms) && strcmp(session.row->user_id, account->row->id) == 0 &&
               session.row->epoch == account->row->epoch;
    return true;
}

static bool note_proof_once(struct auth *auth, const char *session_id, bool right, struct arena *arena,
                            int64_t now_ms, struct err *err)
{
    struct session session;
    if (!sessions_load(auth, session_id, arena, &session, err)) return false;
    if (!is_alive(session.row, now_ms)) return err_fail(err, TOKEN_INVALID, "the session has ended");
    if (right && !session.row->wrong_proofs) return true;
    session.row->wrong_proofs = right ? 0 : session.row->wrong_proofs + 1;
    if (session.row->wrong_proofs >= SESSION_WRONG_PROOFS)
        return sessions_end(auth, &session, arena, now_ms, err);
    return auth_save(auth, AUTH_SESSIONS, &session.row->base, session.version, err);
}

bool session_note_proof(struct auth *auth, const char *session_id, bool right, struct arena *arena,
                        int64_t now_ms, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (note_proof_once(auth, session_id, right, arena, now_ms, err)) return true;
        if (!err_is(err, CONFLICT)) return false; // a refresh, or another try, was quicker
    }
    return false;
}

bool sessions_list(struct auth *auth, const struct account *account, struct arena *arena, int64_t now_ms,
                   struct sessions *sessions, struct err *err)
{
    struct store_rows rows;
    sessions->count = 0;
    if (!sessions_find(auth, account, true, SESSIONS_MOST, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__Session *session = (const Accounts__Session *)rows.messages[i];
        if (is_alive(session, now_ms)) sessions->all[sessions->count++] = session;
    }
    return true;
}

static bool keep_once(struct auth *auth, const char *session_id, const struct account *account,
                      struct arena *arena, int64_t now_ms, struct session *session, struct err *err)
{
    if (!sessions_load(auth, session_id, arena, session, err)) return false;
    if (!is_alive(session->row, now_ms)) return err_fail(err, TOKEN_INVALID, "the session has ended");
    session->row->epoch = account->row->epoch;
    return auth_save(auth, AUTH_SESSIONS, &session->row->base, session->version, err);
}

// A thief of an access token must not stay by a refresh token, or by a token that ends later than the stolen
// one; the device token would be taken for the owner.
bool session_keep(struct auth *auth, const Rpc__Caller *caller, const struct account *account,
                  struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err)
{
    struct session session;
    const char *session_id = caller->session_id;
    int64_t end_s = access_end_s(auth, now_ms);
    if (caller->expires_s && caller->expires_s < end_s) end_s = caller->expires_s;
    for (int i = 0; !keep_once(auth, session_id, account, arena, now_ms, &session, err); i++)
        if (!err_is(err, CONFLICT) || i == TRIES) return false;
    if (!sessions_fill(auth, session.row, account, end_s, arena, now_ms, reply, err)) return false;
    reply->refresh_token = reply->device_token = "";
    return true;
}

bool sessions_erase(struct auth *auth, const char *user_id, struct err *err)
{
    return auth_remove_of(auth, AUTH_SESSIONS, "by_user", user_id, err);
}
