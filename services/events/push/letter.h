// An entry of a topic as its subscribers get it: as a message, and as the signed body of a webhook.
#ifndef EVENTS_PUSH_LETTER_H
#define EVENTS_PUSH_LETTER_H

#include "lib/base/buf.h"
#include "lib/keys/keyring.h"
#include "notifications.pb-c.h"
#include "services/events/push/topic_rows.h"

#define WEBHOOK_KEY "webhook" // in the ring: signs webhooks

enum { LETTER_ID = UUID_LEN + 22, LETTER_KEY_ID = 17, LETTER_HEADERS = 6, LETTER_MOST = 256 << 10 };

// The event's entry as everybody sees it; without one when the event is gone.
Events__TopicEntry *letter_entry(struct events *events, const Push__TopicRow *row, uint64_t index,
                                 const Push__Published *published, struct arena *arena, struct err *err);

// The id is the same whenever the entry is sent; the rest is of this time.
struct letter {
    char id[LETTER_ID];
    char lines[4][160];
    const char *headers[LETTER_HEADERS]; // NULL-ended
    struct buf body;
};

// Ed25519 over "<id>.<seconds>.<body>" by the key. Finish it.
MUST_CHECK bool letter_make(struct letter *letter, const Events__TopicEntry *entry, const char *topic_id,
                            const struct key *key, int64_t now_ms, struct err *err);
void letter_finish(struct letter *letter);
// By which receivers find the public key.
void letter_key_id(const uint8_t public_key[32], char id[LETTER_KEY_ID]);

#endif
