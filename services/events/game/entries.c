#include "services/events/game/entries.h"

#include <sodium.h>
#include <string.h>

void entries_random(struct entries *entries, void *out, size_t len)
{
    entries->randomness.fill(entries->randomness.arg, out, len);
}

uint32_t entries_random_below(struct entries *entries, uint32_t n)
{
    uint64_t limit = (UINT64_C(1) << 32) / n * n;
    uint32_t number;
    do entries_random(entries, &number, sizeof number);
    while (number >= limit);
    return number % n;
}

// Sets texts that were left out of a message made on the stack: they are NULL, but protobuf-c needs "".
static void entries_complete(ProtobufCMessage *message)
{
    static const char empty[] = "";
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        void *member = (char *)message + field->offset;
        if (field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED &&
            !*(const char **)member)
            *(const char **)member = empty;
    }
}

// Packs all but the hash, whose place is returned: it is known when the entry is folded. NULL when the arena
// is full.
static uint8_t *pack_link(struct entries *entries, struct made_entry *made, const Game__Entry *entry)
{
    size_t entry_len = game__entry__get_packed_size(entry);
    // Link: salt (34 bytes with tag and length), entry (tag, at most 5 bytes of length), hash (34).
    uint8_t *bytes = arena_alloc(entries->arena, entry_len + 34 + 6 + 34);
    if (!bytes) return NULL;
    uint8_t *at = bytes;
    *at++ = 1 << 3 | 2, *at++ = HASH_CHAIN_SALT;
    made->salt = at;
    entries_random(entries, at, HASH_CHAIN_SALT);
    at += HASH_CHAIN_SALT;
    *at++ = 2 << 3 | 2;
    for (size_t left = entry_len; *at++ = (uint8_t)(left > 127 ? left | 128 : left), left > 127;) left >>= 7;
    made->packed = (ProtobufCBinaryData){entry_len, at};
    at += game__entry__pack(entry, at);
    *at++ = 3 << 3 | 2, *at++ = HASH_CHAIN_HASH;
    made->link = (ProtobufCBinaryData){(size_t)(at + HASH_CHAIN_HASH - bytes), bytes};
    return at;
}

static struct made_entry *next_entry(struct entries *entries)
{
    if (entries->failed || entries->count == ENTRIES_MAX) return NULL;
    if ((entries->count & (entries->count - 1)) == 0) {
        struct made_entry *bigger =
            arena_array(entries->arena, entries->count ? entries->count * 2 : 1, sizeof *bigger);
        if (!bigger) return NULL;
        if (entries->count) memcpy(bigger, entries->made, entries->count * sizeof *bigger);
        entries->made = bigger;
    }
    return &entries->made[entries->count];
}

static void note_audience(struct made_entry *made, const struct game *game)
{
    made->seq = game->chain.seq;
    made->audience = game->log.runs[game->log.runs_count - 1].audience;
    bool god_sees = made->audience.kind != AUDIENCE_OWNER && made->audience.kind != AUDIENCE_SEALED;
    made->public_index = made->audience.kind == AUDIENCE_PUBLIC ? game->log.public_count : 0;
    made->god_index = god_sees ? game->log.god_count : 0;
}

static bool fold_entry(const struct made_entry *made, struct game *game, const Game__Entry *entry)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, made->salt, made->packed.data, made->packed.len);
    return game_fold(game, entry, leaf);
}

void entries_add(struct entries *entries, struct game *game, Game__Entry__BodyCase which, const void *body)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    entry.time_ms = entries->now_ms;
    entry.actor = entries->actor;
    entry.body_case = which;
    entry.opened = (Game__Opened *)body; // every member of the union is a pointer to a message
    entries_complete((ProtobufCMessage *)body);

    struct made_entry *made = next_entry(entries);
    uint8_t *hash = made ? pack_link(entries, made, &entry) : NULL;
    entries->failed = !hash || !fold_entry(made, game, &entry);
    if (entries->failed) return;
    memcpy(hash, game->chain.head, HASH_CHAIN_HASH);
    made->which = which;
    note_audience(made, game);
    entries->count++;
}
