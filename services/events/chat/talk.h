// What was said in a room: the fold of its entries (proto/chat.proto), each chained by hash to the one
// before. Pure; one thread at a time.
#ifndef EVENTS_CHAT_TALK_H
#define EVENTS_CHAT_TALK_H

#include "chat.pb-c.h"
#include "lib/base/arena.h"
#include "services/events/game/game.h"

enum {
    TALK_MAX_ENTRIES = 50000,
    TALK_MAX_BYTES = 16 << 20, // of texts in one room
    TALK_MAX_MENTIONS = 20,
    TALK_CLIENT_ID = 37,
    TALK_HASH = 16,
};

// A message as it is now.
struct said {
    struct uuid id;
    char client_id[TALK_CLIENT_ID];
    uint32_t writer;                        // place in talk.writers
    uint64_t seq;                           // of the entry that said it
    int64_t time_ms, edited_ms, deleted_ms; // 0: never
    char *text;                             // NULL when it was deleted or erased
    uint8_t first_text[TALK_HASH]; // hash of the text that was sent; of no meaning when that is erased
    uint32_t reply_to;             // place + 1; 0: none
    struct uuid *mentions;
    uint16_t mentions_count;
    bool erased;       // its newest text is not stored any more
    bool first_erased; // nor the one that was sent
    bool phase_open;
    uint8_t deleted_by; // Chat__Deleted__By
    int32_t phase, revision;
};

struct writer {
    struct uuid user_id;
    char username[PERSON_USERNAME]; // with the first message
    int64_t last_ms;                // of their newest message
    uint32_t said;                  // how many they sent
};

// What an entry did.
struct deed {
    int64_t time_ms;
    uint32_t message; // place
    uint8_t which;    // Chat__Entry__BodyCase
    bool erased;
};

struct talk {
    struct hash_chain chain;
    struct deed *deeds; // by seq - 1
    size_t deeds_count;
    struct said *messages; // by seq
    size_t count;
    struct writer *writers;
    size_t writers_count;
    struct idmap by_id, by_client, writers_by_id; // places + 1
    size_t text_bytes;
    int64_t newest_ms;
};

void talk_init(struct talk *talk);
void talk_finish(struct talk *talk);
size_t talk_bytes(const struct talk *talk);

// NULL when there is none.
struct said *talk_find(const struct talk *talk, const char *message_id);
struct said *talk_find_sent(const struct talk *talk, const char *user_id, const char *client_id);
const struct writer *talk_writer(const struct talk *talk, const char *user_id);
// How many messages have a seq up to this one; the place of the first behind it.
size_t talk_place(const struct talk *talk, uint64_t seq);
// Messages behind `seq`, up to `head`, said since since_ms, that are not this user's and not deleted.
int32_t talk_unread(const struct talk *talk, uint64_t seq, uint64_t head, int64_t since_ms,
                    const char *user_id);
void talk_hash_text(const char *text, uint8_t hash[TALK_HASH]);

// Applies a stored entry; false when it does not follow. *newer: because a newer program wrote it.
bool talk_apply(struct talk *talk, const ProtobufCBinaryData *link, bool *newer);
// Applies a new entry and makes its stored form in the arena; false when it does not fit, or without memory:
// the talk is invalid then.
bool talk_add(struct talk *talk, const Chat__Entry *entry, const uint8_t salt[HASH_CHAIN_SALT],
              struct arena *arena, ProtobufCBinaryData *link);
// The stored form of an entry once its texts are erased: leaf and hash stay. False when it is no entry, or
// was erased before.
bool talk_stub(const ProtobufCBinaryData *link, struct arena *arena, ProtobufCBinaryData *stub);

#endif
