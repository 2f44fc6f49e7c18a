#include "services/events/game/moves.h"

#include <sodium.h>
#include <string.h>

void moves_random(struct moves *moves, void *out, size_t len)
{
    moves->randomness.fill(moves->randomness.arg, out, len);
}

uint32_t moves_random_below(struct moves *moves, uint32_t n)
{
    uint64_t limit = (UINT64_C(1) << 32) / n * n;
    uint32_t number;
    do moves_random(moves, &number, sizeof number);
    while (number >= limit);
    return number % n;
}

// Every text of a message made on the stack that was left out is NULL, where protobuf-c wants "".
static void complete(ProtobufCMessage *message)
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
static uint8_t *pack_link(struct moves *moves, struct move *move, const Game__Entry *entry)
{
    size_t entry_len = game__entry__get_packed_size(entry);
    // Link: salt (34 bytes with tag and length), entry (tag, at most 5 bytes of length), hash (34).
    uint8_t *bytes = arena_alloc(moves->arena, entry_len + 34 + 6 + 34);
    if (!bytes) return NULL;
    uint8_t *at = bytes;
    *at++ = 1 << 3 | 2, *at++ = HASH_CHAIN_SALT;
    move->salt = at;
    moves_random(moves, at, HASH_CHAIN_SALT);
    at += HASH_CHAIN_SALT;
    *at++ = 2 << 3 | 2;
    for (size_t left = entry_len; *at++ = (uint8_t)(left > 127 ? left | 128 : left), left > 127;) left >>= 7;
    move->entry = (ProtobufCBinaryData){entry_len, at};
    at += game__entry__pack(entry, at);
    *at++ = 3 << 3 | 2, *at++ = HASH_CHAIN_HASH;
    move->link = (ProtobufCBinaryData){(size_t)(at + HASH_CHAIN_HASH - bytes), bytes};
    return at;
}

static struct move *next_move(struct moves *moves)
{
    if (moves->failed || moves->count == MOVES_MAX) return NULL;
    if ((moves->count & (moves->count - 1)) == 0) {
        struct move *bigger = arena_array(moves->arena, moves->count ? moves->count * 2 : 1, sizeof *bigger);
        if (!bigger) return NULL;
        if (moves->count) memcpy(bigger, moves->made, moves->count * sizeof *bigger);
        moves->made = bigger;
    }
    return &moves->made[moves->count];
}

static void note_audience(struct move *move, const struct game *game)
{
    move->seq = game->chain.seq;
    move->audience = game->log.runs[game->log.runs_count - 1].audience;
    bool god_sees = move->audience.kind != AUDIENCE_OWNER && move->audience.kind != AUDIENCE_SEALED;
    move->public_index = move->audience.kind == AUDIENCE_PUBLIC ? game->log.public_count : 0;
    move->god_index = god_sees ? game->log.god_count : 0;
}

static bool fold_move(const struct move *move, struct game *game, const Game__Entry *entry)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, move->salt, move->entry.data, move->entry.len);
    return game_fold(game, entry, leaf);
}

void moves_add(struct moves *moves, struct game *game, Game__Entry__BodyCase which, const void *body)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    entry.time_ms = moves->now_ms;
    entry.actor = moves->actor;
    entry.body_case = which;
    entry.opened = (Game__Opened *)body; // every member of the union is a pointer to a message
    complete((ProtobufCMessage *)body);

    struct move *move = next_move(moves);
    uint8_t *hash = move ? pack_link(moves, move, &entry) : NULL;
    moves->failed = !hash || !fold_move(move, game, &entry);
    if (moves->failed) return;
    memcpy(hash, game->chain.head, HASH_CHAIN_HASH);
    move->which = which;
    note_audience(move, game);
    moves->count++;
}
