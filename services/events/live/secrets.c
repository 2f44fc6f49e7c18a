#include "services/events/live/secrets.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/replica/replica.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

// What is sealed: the first secrets and then, but in older rows, the seed.
enum {
    FIRST_BYTES = DEAL_SECRETS * DEAL_HASH,
    ALL_BYTES = FIRST_BYTES + DEAL_HASH,
    BOX_BYTES = ALL_BYTES + crypto_secretbox_MACBYTES,
};

static const struct store_table *const SECRETS = &events_tables[EVENTS_SECRETS];

// The first entry of an event, to which they are attached.
enum { OPENED = 1 };

struct sealed {
    Game__SecretRow row;
    uint8_t nonce[crypto_secretbox_NONCEBYTES], box[BOX_BYTES];
};

static void secrets_seal(struct sealed *sealed, struct events *events, const struct deal_secrets *secrets)
{
    uint8_t all[ALL_BYTES];
    AUTO_KEY struct key key;
    keyring_in_use(events->keys, EVENTS_KEY_DEAL, &key);
    memcpy(all, secrets->first, FIRST_BYTES);
    memcpy(all + FIRST_BYTES, secrets->seed, DEAL_HASH);
    randombytes_buf(sealed->nonce, sizeof sealed->nonce);
    crypto_secretbox_easy(sealed->box, all, sizeof all, sealed->nonce, key.bytes);
    sodium_memzero(all, sizeof all);
    game__secret_row__init(&sealed->row);
    sealed->row.nonce = (ProtobufCBinaryData){sizeof sealed->nonce, sealed->nonce};
    sealed->row.box = (ProtobufCBinaryData){sizeof sealed->box, sealed->box};
    sealed->row.key_number = key.number;
}

static bool secrets_attach(struct command *command, const struct deal_secrets *secrets)
{
    struct sealed sealed;
    secrets_seal(&sealed, command->events, secrets);
    size_t len = game__secret_row__get_packed_size(&sealed.row);
    uint8_t *packed = arena_alloc(command->call->arena, len);
    if (!packed) return false;
    command->attached = (ProtobufCBinaryData){game__secret_row__pack(&sealed.row, packed), packed};
    return true;
}

static uint64_t put_row(struct events *events, const char *event_id, const struct deal_secrets *secrets)
{
    struct sealed sealed;
    secrets_seal(&sealed, events, secrets);
    sealed.row.event_id = event_id;
    return store_put(events->store, SECRETS, &sealed.row.base, 0, &(struct store_write){0});
}

static bool secrets_publish(Game__Opened *opened, const struct deal_secrets *secrets, struct arena *arena)
{
    struct deal_commitments *commitments = arena_new(arena, struct deal_commitments);
    opened->commitments = arena_array(arena, DEAL_SECRETS, sizeof *opened->commitments);
    if (!commitments || !opened->commitments) return false;
    deal_commit(commitments, opened->event_id, secrets);
    opened->n_commitments = DEAL_SECRETS;
    for (int i = 0; i < DEAL_SECRETS; i++)
        opened->commitments[i] = (ProtobufCBinaryData){DEAL_HASH, commitments->first[i]};
    opened->further_root = (ProtobufCBinaryData){DEAL_HASH, commitments->further_root};
    return true;
}

static bool open_box(const struct key *key, const Game__SecretRow *row, struct deal_secrets *secrets)
{
    uint8_t all[ALL_BYTES] = {0};
    size_t len = row->box.len - crypto_secretbox_MACBYTES;
    bool ok = row->nonce.len == crypto_secretbox_NONCEBYTES && (len == FIRST_BYTES || len == ALL_BYTES) &&
              crypto_secretbox_open_easy(all, row->box.data, row->box.len, row->nonce.data, key->bytes) == 0;
    memcpy(secrets->first, all, FIRST_BYTES);
    memcpy(secrets->seed, all + FIRST_BYTES, DEAL_HASH);
    secrets->further = len == ALL_BYTES;
    sodium_memzero(all, sizeof all);
    return ok;
}

// row may be NULL.
static bool open_row(struct events *events, const char *event_id, const Game__SecretRow *row,
                     struct deal_secrets *secrets, struct err *err)
{
    AUTO_KEY struct key key = {0};
    if (row &&
        !keyring_find(events->keys, EVENTS_KEY_DEAL, row->key_number ? row->key_number : 1, &key, err) &&
        !err_is(err, NOT_FOUND))
        return false;
    return (row && open_box(&key, row, secrets)) ||
           err_fail(err, STORE_CORRUPT, "the deal secrets of event %s are missing or sealed with another key",
                    event_id);
}

static void secrets_draw(struct deal_secrets *secrets)
{
    secrets->further = true;
    randombytes_buf(secrets->first, sizeof secrets->first);
    randombytes_buf(secrets->seed, sizeof secrets->seed);
}

// A row is stored before the event, so an earlier try, perhaps of another process, may have left one: its
// secrets are taken then.
static bool find_or_draw(struct command *command, const char *event_id, struct deal_secrets *secrets,
                         bool *stored, struct err *err)
{
    const struct rpc_call *call = command->call;
    ProtobufCMessage *row = NULL;
    uint64_t version;
    if (call->tries &&
        !store_get(command->events->store, SECRETS, event_id, call->arena, &row, &version, err))
        return false;
    *stored = row;
    if (row) return open_row(command->events, event_id, (const Game__SecretRow *)row, secrets, err);
    secrets_draw(secrets);
    return true;
}

// For as long as a process lives that does not look for them at the entry.
static bool create_row(struct command *command, Game__Opened *opened, struct deal_secrets *secrets,
                       struct err *err)
{
    bool stored;
    if (!find_or_draw(command, opened->event_id, secrets, &stored, err)) return false;
    bool ok = secrets_publish(opened, secrets, command->call->arena);
    if (ok && !stored) command->aggregate->live.ticket = put_row(command->events, opened->event_id, secrets);
    return ok || filled(NULL, err);
}

bool secrets_create(struct command *command, Game__Opened *opened, struct err *err)
{
    struct deal_secrets secrets;
    bool ok;
    if (replica_all_know(command->events->replica, SECRETS_ATTACHED_SINCE)) {
        secrets_draw(&secrets);
        ok = (secrets_publish(opened, &secrets, command->call->arena) && secrets_attach(command, &secrets)) ||
             filled(NULL, err);
    } else {
        ok = create_row(command, opened, &secrets, err);
    }
    sodium_memzero(&secrets, sizeof secrets);
    return ok;
}

// NULL of an event that has them in a row.
static bool find_attached(struct events *events, const char *event_id, struct arena *arena,
                          Game__SecretRow **row, struct err *err)
{
    ProtobufCBinaryData attached;
    *row = NULL;
    if (!store_attached(events->store, events_stream(event_id).text, OPENED, arena, &attached, err))
        return false;
    if (!attached.len) return true;
    *row = game__secret_row__unpack(&arena->allocator, attached.len, attached.data);
    if (*row || arena->failed) return filled(*row, err);
    return err_fail(err, STORE_CORRUPT, "what is attached to event %s is no deal secrets", event_id);
}

bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                  struct deal_secrets *secrets, struct err *err)
{
    Game__SecretRow *attached;
    ProtobufCMessage *row = NULL;
    uint64_t version;
    if (!find_attached(events, event_id, arena, &attached, err)) return false;
    if (!attached && !store_get(events->store, SECRETS, event_id, arena, &row, &version, err)) return false;
    return open_row(events, event_id, attached ? attached : (const Game__SecretRow *)row, secrets, err);
}

bool secrets_remove_row(struct events *events, const char *event_id, struct arena *arena, uint64_t *ticket,
                        struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    if (!store_get(events->store, SECRETS, event_id, arena, &row, &version, err) &&
        !err_is(err, STORE_CORRUPT))
        return false;
    const struct store_write write = {.after = *ticket};
    if (version) *ticket = store_delete(events->store, SECRETS, event_id, version, &write);
    return true;
}

bool aggregate_secrets(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    if (aggregate->secrets) return true;
    struct deal_secrets *secrets = malloc(sizeof *secrets);
    if (!secrets) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bool ok = secrets_load(aggregate->events, aggregate->live.id.text, arena, secrets, err);
    if (ok && aggregate->game.further && !secrets->further)
        ok = err_fail(err, STORE_CORRUPT, "the further deal secrets of event %s are missing",
                      aggregate->live.id.text);
    if (ok) return aggregate->secrets = secrets, true;
    sodium_memzero(secrets, sizeof *secrets);
    free(secrets);
    return false;
}
