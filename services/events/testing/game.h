// A game for tests: ids by number, a clock and randomness of its own, and an event opened with a small deck.
#ifndef EVENTS_TESTING_GAME_H
#define EVENTS_TESTING_GAME_H

#include <sodium.h>

#include "services/events/game/rules/rules.h"
#include "services/events/live/snapshot/snapshot.h"
#include "services/events/game/view/view.h"
#include "tests/test.h"

enum {
    GOD = 1,
    OTHER_GOD = 2,
    SIDE_CITIZEN = 11,
    SIDE_MAFIA = 12,
    ROLE = 21,
    MOVE = 41,
    USER = 100,
    MINUTE = 60000,
    HOUR = 3600000
};
#define EVENING INT64_C(1800000000000)

struct world {
    struct game game;
    struct arena arena;
    int64_t now_ms;
    int32_t rules;  // version of the rules by which the event is played
    uint64_t drawn; // randomness used so far
    struct deal_secrets secrets;
    // All entries that were made, in their stored form.
    struct {
        uint8_t salt[HASH_CHAIN_SALT];
        uint8_t *entry;
        size_t len;
        Game__Entry__BodyCase which;
        struct audience audience;
    } kept[20000];
    size_t kept_count;
    struct err err;
};

static inline const char *id_of(unsigned n)
{
    static __thread char texts[16][UUID_LEN + 1];
    static __thread unsigned next;
    char *text = texts[next++ % 16];
    snprintf(text, UUID_LEN + 1, "01890000-0000-7000-8000-%012u", n);
    return text;
}

static inline void world_random(void *arg, void *out, size_t len)
{
    struct world *world = arg;
    uint8_t seed[randombytes_SEEDBYTES] = {0};
    world->drawn++;
    memcpy(seed, &world->drawn, sizeof world->drawn);
    randombytes_buf_deterministic(out, len, seed);
}

static inline struct entries world_entries(struct world *world, unsigned actor)
{
    arena_reset(&world->arena);
    const char *who = actor ? arena_str(&world->arena, id_of(actor)) : "";
    return (struct entries){
        .arena = &world->arena, .now_ms = world->now_ms, .actor = who, .randomness = {world_random, world}};
}

// Keeps the entries of a command; true when the command was accepted.
static inline bool world_keep(struct world *world, struct entries *entries, bool accepted)
{
    assert_false(entries->failed);
    if (!accepted) assert_int_equal(entries->count, 0);
    for (size_t i = 0; i < entries->count; i++) {
        const struct made_entry *made = &entries->made[i];
        assert_true(world->kept_count < sizeof world->kept / sizeof *world->kept);
        assert_int_equal(made->seq, world->kept_count + 1);
        memcpy(world->kept[world->kept_count].salt, made->salt, HASH_CHAIN_SALT);
        world->kept[world->kept_count].entry = malloc(made->packed.len);
        memcpy(world->kept[world->kept_count].entry, made->packed.data, made->packed.len);
        world->kept[world->kept_count].len = made->packed.len;
        world->kept[world->kept_count].which = made->which;
        world->kept[world->kept_count++].audience = made->audience;
    }
    return accepted;
}

// DO(world, actor, lock) or DO(world, actor, status, id_of(7), STATUS): one command of rules.h.
#define DO_(world, actor, command, ...)                                                                      \
    __extension__({                                                                                          \
        struct entries made_ = world_entries(world, actor);                                                  \
        (world)->err = (struct err){0};                                                                      \
        bool accepted_ = command(&(world)->game, &made_, ##__VA_ARGS__, &(world)->err);                      \
        world_keep(world, &made_, accepted_);                                                                \
    })
#define DO(world, actor, command, ...) DO_(world, actor, rules_##command, ##__VA_ARGS__)
#define assert_refused(world, reason_) assert_int_equal((world)->err.reason, CONSE__REASON__VALUE__##reason_)

static inline bool rules_status(struct game *game, struct entries *entries, const char *user_id,
                                Events__Status__Value status, struct err *err)
{
    return rules_update(game, entries, &(struct player_update){.user_id = user_id, .status = status}, err);
}

static inline bool rules_change(struct game *game, struct entries *entries, const char *user_id,
                                const Game__RoleFacts *role, const char *side_id, struct err *err)
{
    const struct player_update update = {.user_id = user_id, .role = role, .side_id = side_id};
    return rules_update(game, entries, &update, err);
}

static inline const struct deal_secrets *world_secrets(const struct world *world) { return &world->secrets; }

static inline bool world_tick(struct world *world)
{
    static const struct reminders reminders = {.before_s = {86400, 3600, 600}};
    struct entries entries = world_entries(world, 0);
    rules_tick(&world->game, &entries, world_secrets(world), &reminders);
    size_t count = entries.count;
    world_keep(world, &entries, true);
    return count > 0;
}

struct world_deck {
    unsigned roles, copies; // of each role; sides alternate
};

static inline void world_open(struct world *world, struct world_deck deck, const Game__Terms *terms)
{
    Game__RoleFacts facts[32], *roles[32];
    Events__DeckLastMove moves[2], *move_list[2];
    ProtobufCBinaryData commitments[DEAL_SECRETS];
    struct deal_commitments committed;
    uint8_t deck_hash[DEAL_HASH];
    char ids[32][2][UUID_LEN + 1], move_ids[2][UUID_LEN + 1], event_id[UUID_LEN + 1], group[UUID_LEN + 1],
        god[UUID_LEN + 1];
    struct deal_role hashed[32];
    strcpy(event_id, id_of(9999));
    for (unsigned i = 0; i < deck.roles; i++) {
        game__role_facts__init(roles[i] = &facts[i]);
        facts[i].role_id = strcpy(ids[i][0], id_of(ROLE + i));
        facts[i].side_id = strcpy(ids[i][1], id_of(i % 2 ? SIDE_MAFIA : SIDE_CITIZEN));
        facts[i].abilities = i == 0 ? 2 : i == 1 ? GAME_UNLIMITED : 0;
        facts[i].copies = (int32_t)deck.copies;
        facts[i].meets = i % 2;
        hashed[i] = (struct deal_role){facts[i].role_id, deck.copies};
    }
    for (unsigned i = 0; i < 2; i++) {
        events__deck_last_move__init(move_list[i] = &moves[i]);
        moves[i].last_move_id = strcpy(move_ids[i], id_of(MOVE + i));
        moves[i].copies = 1;
    }
    deal_commit(&committed, event_id, &world->secrets);
    for (int i = 0; i < DEAL_SECRETS; i++)
        commitments[i] = (ProtobufCBinaryData){DEAL_HASH, committed.first[i]};
    deal_deck_hash(deck_hash, hashed, deck.roles);
    Game__Opened opened = GAME__OPENED__INIT;
    opened.event_id = event_id;
    opened.group_id = opened.deck_id = strcpy(group, id_of(3));
    opened.god_id = strcpy(god, id_of(GOD));
    opened.deck_name = "evening";
    opened.deck_version = 4;
    opened.n_roles = deck.roles;
    opened.roles = roles;
    opened.n_last_moves = 2;
    opened.last_moves = move_list;
    opened.deck_hash = (ProtobufCBinaryData){DEAL_HASH, deck_hash};
    opened.n_commitments = DEAL_SECRETS;
    opened.commitments = commitments;
    if (world->secrets.further)
        opened.further_root = (ProtobufCBinaryData){DEAL_HASH, committed.further_root};
    opened.terms = (Game__Terms *)terms;
    opened.rules_version = world->rules;
    assert_true(DO(world, GOD, open, &opened));
}

static inline Game__Terms world_terms(int32_t max_players)
{
    Game__Terms terms = GAME__TERMS__INIT;
    terms.title = "Friday";
    terms.content = "bring tea";
    terms.local = "2027-01-15T08:00:00";
    terms.zone = "UTC";
    terms.starts_ms = EVENING;
    terms.expires_ms = EVENING + 48 * HOUR;
    terms.min_players = 1;
    terms.max_players = max_players;
    terms.waitlist = true;
    return terms;
}

static inline struct world *world_create(void)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    assert_true(sodium_init() >= 0);
    game_init(&world->game);
    arena_init(&world->arena, 8 << 20);
    world->now_ms = EVENING - 30 * 24 * (int64_t)HOUR;
    world->rules = GAME_RULES;
    for (int i = 0; i < DEAL_SECRETS; i++) memset(world->secrets.first[i], 0x40 + i, DEAL_HASH);
    world->secrets.further = true;
    return world;
}

static inline void world_destroy(struct world *world)
{
    for (size_t i = 0; i < world->kept_count; i++) free(world->kept[i].entry);
    game_finish(&world->game);
    arena_finish(&world->arena);
    free(world);
}

static inline bool world_reserve(struct world *world, unsigned user, bool with_nonce)
{
    uint8_t nonce[DEAL_NONCE];
    memset(nonce, (int)user, sizeof nonce);
    char name[16];
    snprintf(name, sizeof name, "user%u", user);
    return DO(world, user, reserve, name, (ProtobufCBinaryData){with_nonce ? sizeof nonce : 0, nonce});
}

// Players USER, USER + 1, ... seated, cards dealt.
static inline struct world *world_dealt_by(int32_t rules, unsigned players)
{
    struct world *world = world_create();
    world->rules = rules;
    Game__Terms terms = world_terms((int32_t)players);
    world_open(world, (struct world_deck){players < 4 ? players : 4, (players + 3) / 4}, &terms);
    for (unsigned i = 0; i < players; i++) assert_true(world_reserve(world, USER + i, i % 2 == 0));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    return world;
}

static inline struct world *world_dealt(unsigned players) { return world_dealt_by(GAME_RULES, players); }

static inline struct world *world_running_by(int32_t rules, unsigned players)
{
    struct world *world = world_dealt_by(rules, players);
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    return world;
}

static inline struct world *world_running(unsigned players) { return world_running_by(GAME_RULES, players); }

static inline bool world_cast(struct world *world, unsigned voter, const char *candidate)
{
    char poll_id[UUID_LEN + 1] = "";
    if (world->game.polls_count) strcpy(poll_id, world->game.polls[world->game.polls_count - 1].id.text);
    return DO(world, voter, cast, poll_id, candidate);
}

static inline bool world_open_poll(struct world *world, bool secret)
{
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    open.kind = EVENTS__POLL__KIND__NOMINATION;
    open.secret__case = EVENTS__OPEN_POLL_REQUEST__SECRET__SECRET;
    open.secret = secret;
    return DO(world, GOD, open_poll, &open);
}

static inline bool world_close_poll(struct world *world)
{
    char poll_id[UUID_LEN + 1];
    strcpy(poll_id, world->game.polls[world->game.polls_count - 1].id.text);
    return DO(world, GOD, close_poll, poll_id);
}

static inline size_t world_kinds(const struct world *world, Game__Entry__BodyCase which)
{
    size_t count = 0;
    for (size_t i = 0; i < world->kept_count; i++) count += world->kept[i].which == which;
    return count;
}

static inline struct person *world_person(struct world *world, unsigned user)
{
    int person = game_person(&world->game, id_of(user));
    assert_int_not_equal(person, GAME_NO_ONE);
    return &world->game.people[person];
}

// Packed messages, one behind the other; the caller frees data.
struct bytes {
    uint8_t *data;
    size_t len;
};

static inline void bytes_add(struct bytes *bytes, const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bigger = realloc(bytes->data, bytes->len + len + 1);
    assert_non_null(bigger);
    bytes->data = bigger;
    protobuf_c_message_pack(message, bytes->data + bytes->len);
    bytes->len += len;
}

static inline int voters_by_id(const void *a, const void *b)
{
    return strcmp((*(Game__Snapshot__Voter *const *)a)->user_id,
                  (*(Game__Snapshot__Voter *const *)b)->user_id);
}

// The whole state as bytes, which the caller frees. The order of voters is that of a hash table, so it has no
// meaning.
static inline uint8_t *state_bytes(const struct game *game, size_t *len)
{
    struct arena arena;
    arena_init(&arena, 64 << 20);
    Game__Snapshot *snapshot = snapshot_make(game, &arena);
    assert_non_null(snapshot);
    qsort(snapshot->voters, snapshot->n_voters, sizeof *snapshot->voters, voters_by_id);
    *len = game__snapshot__get_packed_size(snapshot);
    uint8_t *bytes = malloc(*len);
    assert_non_null(bytes);
    game__snapshot__pack(snapshot, bytes);
    arena_finish(&arena);
    return bytes;
}

static inline void assert_same_state(const struct game *a, const struct game *b)
{
    size_t a_len, b_len;
    uint8_t *a_bytes = state_bytes(a, &a_len), *b_bytes = state_bytes(b, &b_len);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a_bytes, b_bytes, a_len);
    free(a_bytes);
    free(b_bytes);
}

// The entries, applied to a fresh game, give the same state; so does continuing from a snapshot.
static inline void assert_replays(const struct world *world)
{
    struct game replayed;
    game_init(&replayed);
    for (size_t i = 0; i < world->kept_count; i++)
        assert_true(game_apply(&replayed, world->kept[i].salt, world->kept[i].entry, world->kept[i].len));
    assert_same_state(&world->game, &replayed);
    game_finish(&replayed);
}

#endif
