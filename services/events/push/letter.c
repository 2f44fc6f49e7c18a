#include "services/events/push/letter.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "services/events/push/public_log.h"
#include "services/events/streams.h"

static const char *event_of(const Push__Published *published, struct arena *arena)
{
    return arena_strn(arena, published->stream + strlen(EVENTS_PREFIX), UUID_LEN);
}

static bool add_body(struct events *events, const Push__Published *published, Events__TopicEntry *entry,
                     struct arena *arena, struct err *err)
{
    struct public_page page;
    struct public_query query = {event_of(published, arena), published->seq, 1, 0};
    if (!query.event_id) return err_fail(err, INTERNAL_ERROR, "no memory for a topic");
    if (!public_read(events, &query, arena, &page, err)) return err_is(err, NOT_FOUND);
    if (!page.count) { // it is there: another process has published it, of which this one has not heard
        query.since_ns = clock_mono_ns();
        if (!public_read(events, &query, arena, &page, err)) return err_is(err, NOT_FOUND);
    }
    if (!page.count || page.notices[0]->seq != published->seq) return true;
    const ProtobufCBinaryData *bytes = &page.notices[0]->payload;
    entry->entry = events__log_entry__unpack(&arena->allocator, bytes->len, bytes->data);
    return entry->entry || err_fail(err, INTERNAL_ERROR, "no memory for a topic");
}

Events__TopicEntry *letter_entry(struct events *events, const Push__TopicRow *row, uint64_t index,
                                 const Push__Published *published, struct arena *arena, struct err *err)
{
    char cursor[CURSOR_TEXT];
    Events__TopicEntry *entry = arena_new(arena, Events__TopicEntry);
    topic_cursor(events, row->id, index, cursor);
    if (!entry) return err_fail(err, INTERNAL_ERROR, "no memory for a topic"), NULL;
    events__topic_entry__init(entry);
    entry->index = index;
    entry->topic = row->name;
    entry->stream = published->stream;
    entry->seq = published->seq;
    entry->cursor = arena_str(arena, cursor);
    if (!entry->cursor) return err_fail(err, INTERNAL_ERROR, "no memory for a topic"), NULL;
    return add_body(events, published, entry, arena, err) ? entry : NULL;
}

void letter_key_id(const uint8_t public_key[32], char id[LETTER_KEY_ID])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, public_key, 32);
    hex_encode(id, hash, (LETTER_KEY_ID - 1) / 2);
}

// What is signed stays together in one buffer: "<id>.<seconds>." and the body.
static bool sign_letter(struct letter *letter, const struct key *key, int64_t seconds, struct err *err)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES],
        signature[crypto_sign_BYTES];
    char text[sodium_base64_ENCODED_LEN(crypto_sign_BYTES, sodium_base64_VARIANT_ORIGINAL)],
        id[LETTER_KEY_ID];
    struct buf signed_bytes;
    buf_init(&signed_bytes, LETTER_MOST + sizeof letter->id + 32);
    buf_printf(&signed_bytes, "%s.%lld.", letter->id, (long long)seconds);
    buf_append(&signed_bytes, letter->body.bytes, letter->body.len);
    crypto_sign_seed_keypair(public_key, secret, key->bytes);
    crypto_sign_detached(signature, NULL, (const uint8_t *)signed_bytes.bytes, signed_bytes.len, secret);
    sodium_memzero(secret, sizeof secret);
    bool ok = !signed_bytes.failed;
    buf_finish(&signed_bytes);
    sodium_bin2base64(text, sizeof text, signature, sizeof signature, sodium_base64_VARIANT_ORIGINAL);
    letter_key_id(public_key, id);
    snprintf(letter->lines[2], sizeof letter->lines[2], "webhook-signature: v1a,%s", text);
    snprintf(letter->lines[3], sizeof letter->lines[3], "webhook-key-id: %s", id);
    return ok || err_fail(err, INTERNAL_ERROR, "no memory for a webhook");
}

bool letter_make(struct letter *letter, const Events__TopicEntry *entry, const char *topic_id,
                 const struct key *key, int64_t now_ms, struct err *err)
{
    *letter = (struct letter){.headers = {"Content-Type: application/json"}};
    buf_init(&letter->body, LETTER_MOST);
    json_write(&letter->body, &entry->base, NULL);
    snprintf(letter->id, sizeof letter->id, "%s-%llu", topic_id, (unsigned long long)entry->index);
    snprintf(letter->lines[0], sizeof letter->lines[0], "webhook-id: %s", letter->id);
    snprintf(letter->lines[1], sizeof letter->lines[1], "webhook-timestamp: %lld",
             (long long)(now_ms / 1000));
    for (size_t i = 0; i < 4; i++) letter->headers[i + 1] = letter->lines[i];
    if (!letter->body.failed && sign_letter(letter, key, now_ms / 1000, err)) return true;
    bool large = letter->body.failed;
    letter_finish(letter);
    return large ? err_fail(err, REPLY_TOO_LARGE, "the entry is too large for a webhook") : false;
}

void letter_finish(struct letter *letter) { buf_finish(&letter->body); }
