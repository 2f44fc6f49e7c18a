// Any bytes as an event's entries: each is applied or the state is given up; nothing else may happen. The
// resulting game can be shown, kept as a snapshot and restored to the same. The entries follow a running
// game, or come first.
#include <stdlib.h>
#include <string.h>

#include "services/events/game/rules/rules.h"
#include "services/events/game/times.h"
#include "services/events/live/snapshot/snapshot.h"
#include "services/events/game/view/view.h"

enum { PEOPLE = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ids[][UUID_LEN + 1] = {
    "01890000-0000-7000-8000-000000000000", "01890000-0000-7000-8000-000000000001",
    "01890000-0000-7000-8000-000000000002", "01890000-0000-7000-8000-000000000003",
    "01890000-0000-7000-8000-000000000004", "01890000-0000-7000-8000-000000000005",
    "01890000-0000-7000-8000-000000000006", "01890000-0000-7000-8000-000000000007",
};

static void same_bytes(void *arg, void *out, size_t len)
{
    (void)arg;
    memset(out, 5, len);
}

static struct entries entries_of(struct arena *arena, const char *actor)
{
    return (struct entries){
        .arena = arena, .now_ms = 1800000000000, .actor = actor, .randomness = {same_bytes, NULL}};
}

static void must(bool truth)
{
    if (!truth) abort();
}

static void open_event(struct game *game, struct arena *arena)
{
    static uint8_t hash[DEAL_HASH];
    Game__Terms terms = GAME__TERMS__INIT;
    Game__Opened opened = GAME__OPENED__INIT;
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT, *roles[] = {&facts};
    Events__DeckLastMove move = EVENTS__DECK_LAST_MOVE__INIT, *moves_list[] = {&move};
    ProtobufCBinaryData hashes[DEAL_SECRETS];
    struct err err;
    for (int i = 0; i < DEAL_SECRETS; i++) hashes[i] = (ProtobufCBinaryData){DEAL_HASH, hash};
    terms.starts_ms = 1800000000000;
    terms.expires_ms = 1800000001000;
    terms.min_players = 1;
    terms.max_players = PEOPLE;
    terms.local = "2027-01-15T08:00:00";
    facts.role_id = facts.side_id = move.last_move_id = ids[7];
    facts.copies = move.copies = PEOPLE;
    opened.event_id = opened.group_id = opened.deck_id = opened.god_id = ids[7];
    opened.terms = &terms;
    opened.n_roles = opened.n_last_moves = 1;
    opened.roles = roles;
    opened.last_moves = moves_list;
    opened.deck_hash = hashes[0];
    opened.n_commitments = DEAL_SECRETS;
    opened.commitments = hashes;
    struct entries entries = entries_of(arena, ids[7]);
    must(rules_open(game, &entries, &opened, &err) && !entries.failed);
}

static void start(struct game *game)
{
    static const struct deal_secrets secrets = {.further = true};
    struct arena arena;
    struct err err;
    Events__OpenPollRequest poll = EVENTS__OPEN_POLL_REQUEST__INIT;
    poll.kind = EVENTS__POLL__KIND__NOMINATION;
    arena_init(&arena, 4 << 20);
    open_event(game, &arena);
    for (int i = 0; i < PEOPLE; i++) {
        struct entries entries = entries_of(&arena, ids[i]);
        must(rules_reserve(game, &entries, "someone", (ProtobufCBinaryData){0, NULL}, &err) &&
             !entries.failed);
    }
    struct entries entries = entries_of(&arena, ids[7]);
    must(rules_lock(game, &entries, &err) && rules_reveal(game, &entries, &secrets, &err) &&
         rules_open_phase(game, &entries, EVENTS__PHASE__KIND__DAY, 0, &err) &&
         rules_open_poll(game, &entries, &poll, &err));
    must(!entries.failed);
    arena_finish(&arena);
}

// A text of one letter stands for one of the ids, so that random entries name existing people.
static void name_people(ProtobufCMessage *message, struct arena *arena)
{
    for (unsigned i = 0; message && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        void *member = (char *)message + field->offset;
        if (field->type != PROTOBUF_C_TYPE_STRING) continue;
        size_t count = field->label == PROTOBUF_C_LABEL_REPEATED
                           ? *(size_t *)((char *)message + field->quantifier_offset)
                           : 1;
        const char **texts = field->label == PROTOBUF_C_LABEL_REPEATED ? *(const char ***)member : member;
        for (size_t n = 0; n < count; n++)
            if (strlen(texts[n]) == 1) texts[n] = arena_str(arena, ids[(uint8_t)texts[n][0] % 8]);
    }
}

static bool take(struct game *game, const uint8_t *bytes, size_t len)
{
    static const uint8_t leaf[HASH_CHAIN_HASH];
    struct arena arena;
    arena_init(&arena, 4 << 20);
    Game__Entry *entry = game__entry__unpack(&arena.allocator, len, bytes);
    bool ok = entry != NULL;
    if (ok) {
        name_people(&entry->base, &arena);
        if (entry->body_case) name_people((ProtobufCMessage *)entry->opened, &arena);
        ok = times_fit(&entry->base) && game_fold(game, entry, leaf);
    }
    arena_finish(&arena);
    return ok;
}

static void check(const struct game *game)
{
    struct arena arena;
    struct viewer everyone = view_as_public(game), god = view_as_god(game);
    Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
    struct view_page page = {1, GAME_MAX_PHASES, SIZE_MAX, 0, NULL};
    arena_init(&arena, 64 << 20);
    must(view_event(game, &everyone, "", &arena) && view_deal(game, &arena) &&
         view_phases(game, &god, &page, &phases, &arena));
    for (size_t i = 0; i < game->polls_count; i++) must(view_poll(game, &god, &game->polls[i], &arena));
    Game__Snapshot *snapshot = snapshot_make(game, &arena);
    struct game again;
    game_init(&again);
    must(snapshot && snapshot_restore(&again, snapshot));
    must(again.chain.seq == game->chain.seq && again.seats_taken == game->seats_taken &&
         again.sides_count == game->sides_count);
    game_finish(&again);
    arena_finish(&arena);
}

// The first byte says whether a game runs already; then entries, each with a length of two bytes.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct game game;
    if (size == 0) return 0;
    game_init(&game);
    if (data[0] & 1) start(&game);
    bool ok = true;
    for (data++, size--; ok && size >= 2;) {
        size_t len = (size_t)data[0] << 8 | data[1];
        if (len > size - 2) len = size - 2;
        ok = take(&game, data + 2, len);
        data += 2 + len;
        size -= 2 + len;
    }
    if (ok && game.state) check(&game);
    game_finish(&game);
    return 0;
}
