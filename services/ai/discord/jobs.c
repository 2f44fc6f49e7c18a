#include "services/ai/discord/jobs.h"

#include <sodium.h>
#include <string.h>

#include "services/ai/tables.h"

enum { FIRST_VERSION = 1, NONCE = crypto_secretbox_NONCEBYTES };

static const struct store_table *const jobs = &ai_tables[AI_JOBS];

// ---- Asking

bool job_answered(struct store *store, const char *id, struct arena *arena, ProtobufCBinaryData *first,
                  struct err *err)
{
    ProtobufCMessage *found;
    uint64_t version;
    *first = (ProtobufCBinaryData){0, NULL};
    if (!store_get(store, jobs, id, arena, &found, &version, err)) return false;
    if (found) *first = ((const Discord__JobRow *)found)->first;
    return true;
}

// Of other commands of a kind, by a user or in a channel.
struct others {
    const char *index, *of, *but; // but: the command's own id
    Discord__JobRow__Kind kind;
};

// The newest of them; 0: none since then.
static bool newest_of(struct store *store, const struct others *others, int64_t since_ms,
                      int64_t *received_ms, struct arena *arena, struct err *err)
{
    const struct store_value from = {.number = since_ms};
    const struct store_query query = {.index = others->index,
                                      .equal = {{.number = others->kind}, {.text = others->of}},
                                      .equal_count = 2,
                                      .from = &from,
                                      .descending = true,
                                      .limit = 2};
    struct store_rows rows;
    if (!store_find(store, jobs, &query, arena, &rows, err)) return false;
    *received_ms = 0;
    for (size_t i = 0; i < rows.count && !*received_ms; i++) {
        const Discord__JobRow *row = (const Discord__JobRow *)rows.messages[i];
        if (strcmp(row->id, others->but) != 0) *received_ms = row->received_ms;
    }
    return true;
}

bool job_may_from(struct store *store, const struct interaction *interaction, Discord__JobRow__Kind kind,
                  int64_t now_ms, int64_t *from_ms, struct arena *arena, struct err *err)
{
    bool catchup = kind == DISCORD__JOB_ROW__KIND__CATCHUP;
    int64_t pause_ms = catchup ? JOB_USER_MS : JOB_OTHER_MS, by_user, in_channel = 0;
    const struct others theirs = {"by_user", interaction->user_id, interaction->id, kind};
    const struct others there = {"by_channel", interaction->channel_id, interaction->id, kind};
    if (!newest_of(store, &theirs, now_ms - pause_ms, &by_user, arena, err)) return false;
    if (catchup && !newest_of(store, &there, now_ms - JOB_CHANNEL_MS, &in_channel, arena, err)) return false;
    *from_ms = by_user ? by_user + pause_ms : 0;
    if (in_channel && in_channel + JOB_CHANNEL_MS > *from_ms) *from_ms = in_channel + JOB_CHANNEL_MS;
    return true;
}

// ---- The token

static void key_of(uint8_t key[crypto_secretbox_KEYBYTES], const char *secret)
{
    static const char place[] = "conse discord interaction";
    crypto_generichash(key, crypto_secretbox_KEYBYTES, (const uint8_t *)secret, strlen(secret),
                       (const uint8_t *)place, sizeof place - 1);
}

static ProtobufCBinaryData seal_token(const char *token, const char *secret, struct arena *arena)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    size_t len = strlen(token), whole = NONCE + crypto_secretbox_MACBYTES + len;
    uint8_t *box = arena_alloc(arena, whole);
    if (!box) return (ProtobufCBinaryData){0, NULL};
    key_of(key, secret);
    randombytes_buf(box, NONCE);
    crypto_secretbox_easy(box + NONCE, (const uint8_t *)token, len, box, key);
    sodium_memzero(key, sizeof key);
    return (ProtobufCBinaryData){whole, box};
}

// Its time counts for no pause: `kind` is unset.
void job_fill_refused(Discord__JobRow *row)
{
    row->kind = DISCORD__JOB_ROW__KIND__KIND_UNSPECIFIED;
    row->state = DISCORD__JOB_ROW__STATE__DONE;
    row->token = (ProtobufCBinaryData){0, NULL};
}

bool job_token(const Discord__JobRow *row, const char *secret, char token[INTERACTION_TOKEN])
{
    const size_t least = NONCE + crypto_secretbox_MACBYTES;
    uint8_t key[crypto_secretbox_KEYBYTES];
    if (row->token.len < least || row->token.len - least >= INTERACTION_TOKEN) return false;
    key_of(key, secret);
    bool ok = crypto_secretbox_open_easy((uint8_t *)token, row->token.data + NONCE, row->token.len - NONCE,
                                         row->token.data, key) == 0;
    token[row->token.len - least] = 0;
    sodium_memzero(key, sizeof key);
    return ok;
}

// ---- Writing

void job_fill(Discord__JobRow *row, const struct interaction *interaction, Discord__JobRow__Kind kind,
              int64_t now_ms, const char *secret, struct arena *arena)
{
    discord__job_row__init(row);
    row->id = interaction->id;
    row->state = DISCORD__JOB_ROW__STATE__WAITING;
    row->kind = kind;
    row->received_ms = now_ms;
    row->token = seal_token(interaction->token, secret, arena);
    row->application_id = interaction->application_id;
    row->guild_id = interaction->guild_id;
    row->channel_id = interaction->channel_id;
    row->user_id = interaction->user_id;
    row->hours = interaction->hours;
    row->event = interaction->event;
    row->public_ = interaction->public;
}

// As if it were made of the interaction: when two deliveries of it meet, neither fails, and a later state
// stays.
uint64_t job_begin(struct store *store, const Discord__JobRow *row, const struct store_write *write)
{
    return store_put_made(store, jobs, &row->base, FIRST_VERSION, write);
}

bool job_move(struct store *store, const Discord__JobRow *row, uint64_t *version, struct err *err)
{
    const struct store_write write = {.after = 0};
    if (!store_wait(store, store_put(store, jobs, &row->base, *version, &write), err)) return false;
    ++*version;
    return true;
}

// ---- All

bool jobs_in(struct store *store, Discord__JobRow__State state, struct arena *arena, struct store_rows *rows,
             struct err *err)
{
    const struct store_query query = {
        .index = "by_state", .equal = {{.number = state}}, .equal_count = 1, .limit = JOBS_PAGE};
    return store_find(store, jobs, &query, arena, rows, err);
}

bool jobs_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena, struct err *err)
{
    const struct store_value until = {.number = now_ms - JOB_KEPT_MS};
    const struct store_query query = {.index = "by_time", .to = &until, .limit = JOBS_PAGE};
    struct store_rows rows;
    if (!store_find(store, jobs, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_write write = {.after = 0};
        store_delete(store, jobs, ((const Discord__JobRow *)rows.messages[i])->id, rows.versions[i], &write);
    }
    *more |= rows.more;
    return true;
}
