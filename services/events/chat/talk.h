// What was said in a room: the fold of its entries (proto/chat.proto), each chained by hash to the one
// before. Pure; one thread at a time.
#ifndef EVENTS_CHAT_TALK_H
#define EVENTS_CHAT_TALK_H

#include "chat.pb-c.h"
#include "lib/base/arena.h"
#include "services/events/game/game.h"

enum {
    TALK_MAX_ENTRIES = 50000,
    TALK_MAX_BYTES = 16 << 20, // of texts in one room; bounds.h
    TALK_MAX_MENTIONS = 20,
    TALK_CLIENT_ID = 37,
    TALK_HASH = 16,
};

// What a message said, from an entry on.
struct wording {
    uint64_t seq; // of the entry
    int64_t time_ms;
    char *text; // NULL when it was erased or forgotten
    struct uuid *mentions;
    uint16_t mentions_count;
    bool erased; // it is not stored any more
};

struct said {
    struct uuid id;
    char client_id[TALK_CLIENT_ID];
    uint32_t writer; // place in talk.writers
    uint64_t seq;    // of the entry that said it
    int64_t time_ms;
    int64_t deleted_ms;     // 0: never
    struct wording newest;  // also of one that was deleted
    struct wording *before; // those that it replaced, oldest first
    size_t before_count;
    uint8_t first_text[TALK_HASH]; // hash of the text that was sent; of no meaning when that is erased
    uint32_t reply_to;             // place + 1; 0: none
    bool first_erased;             // the text that was sent is not stored any more
    bool phase_open;
    uint8_t deleted_by;      // Chat__Deleted__By
    int32_t phase, revision; // revision: the number of its wordings
};

struct writer {
    struct uuid user_id;
    char username[PERSON_USERNAME]; // with the first message
    int64_t last_ms;                // of their newest message
    uint32_t said;                  // how many they sent
    uint32_t entries;               // with their changes
    size_t bytes;                   // of the texts of these, as far as they are stored
};

// What an entry did.
struct deed {
    int64_t time_ms;
    uint32_t message; // place
    uint8_t which;    // Chat__Entry__BodyCase
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
    size_t changes;                               // of messages, altogether
    size_t forgotten;                             // deeds that have been looked at for texts to forget
    size_t text_bytes;                            // in memory
    size_t stored_bytes;                          // of all texts, with those that were replaced or deleted
    size_t standing;                              // messages that were not deleted
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
// The newest entry that was made by then; 0: none.
uint64_t talk_head_at(const struct talk *talk, int64_t at_ms);
// What the message said at this time; of one that was said later, what it said first.
const struct wording *talk_wording(const struct said *said, int64_t at_ms, int32_t *revision);
bool talk_is_deleted(const struct said *said, int64_t at_ms); // by then
// The i-th from 0 on, of said->revision.
struct wording *talk_nth_wording(struct said *said, size_t i);
// When the i-th was replaced or deleted; 0: it stands.
int64_t talk_passed_ms(const struct said *said, size_t i);
// Texts that were replaced or deleted by then are remembered no more.
void talk_forget(struct talk *talk, int64_t by_ms);
// What somebody has to read, of the newest messages alone: those behind `after`, up to `head`, said since
// since_ms, that are not their own and were not deleted by at_ms.
struct unread {
    uint64_t after, head;
    int64_t since_ms, at_ms;
    const char *user_id;
};
enum { TALK_UNREAD_LOOKS = 1000 };
int32_t talk_unread(const struct talk *talk, const struct unread *unread);
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
