#include "services/events/live/secrets.h"

#include <sodium.h>
#include <stdlib.h>

#include "services/events/live/aggregates.h"
#include "services/events/tables.h"

enum { SECRETS_BYTES = DEAL_SECRETS * DEAL_HASH, BOX_BYTES = SECRETS_BYTES + crypto_secretbox_MACBYTES };

void secrets_create(struct events *events, const char *event_id, uint8_t commitments[DEAL_SECRETS][DEAL_HASH],
                    uint64_t *ticket)
{
    uint8_t secrets[DEAL_SECRETS][DEAL_HASH], nonce[crypto_secretbox_NONCEBYTES], box[BOX_BYTES];
    randombytes_buf(secrets, sizeof secrets);
    randombytes_buf(nonce, sizeof nonce);
    for (int i = 0; i < DEAL_SECRETS; i++)
        deal_commitment(commitments[i], event_id, (uint8_t)(i + 1), secrets[i]);
    crypto_secretbox_easy(box, secrets[0], sizeof secrets, nonce, events->deal_key);
    sodium_memzero(secrets, sizeof secrets);

    Game__SecretRow row = GAME__SECRET_ROW__INIT;
    row.event_id = event_id;
    row.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    row.box = (ProtobufCBinaryData){sizeof box, box};
    *ticket =
        store_put(events->store, &events_tables[EVENTS_SECRETS], &row.base, 0, &(struct store_write){0});
}

bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                  uint8_t secrets[DEAL_SECRETS][DEAL_HASH], struct err *err)
{
    ProtobufCMessage *found;
    uint64_t version;
    if (!store_get(events->store, &events_tables[EVENTS_SECRETS], event_id, arena, &found, &version, err))
        return false;
    const Game__SecretRow *row = (const Game__SecretRow *)found;
    bool ok = row && row->nonce.len == crypto_secretbox_NONCEBYTES && row->box.len == BOX_BYTES &&
              crypto_secretbox_open_easy(secrets[0], row->box.data, row->box.len, row->nonce.data,
                                         events->deal_key) == 0;
    return ok || err_fail(err, STORE_CORRUPT,
                          "the deal secrets of event %s are missing or sealed with another key", event_id);
}

bool aggregate_secrets(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    if (aggregate->secrets) return true;
    uint8_t(*secrets)[DEAL_HASH] = malloc(SECRETS_BYTES);
    if (!secrets) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!secrets_load(aggregate->events, aggregate->id.text, arena, secrets, err)) {
        free(secrets);
        return false;
    }
    aggregate->secrets = secrets;
    return true;
}

const uint8_t *aggregate_secret(const struct aggregate *aggregate)
{
    int32_t k = aggregate->game.k;
    return aggregate->secrets[k > DEAL_SECRETS ? DEAL_SECRETS - 1 : k - 1];
}
