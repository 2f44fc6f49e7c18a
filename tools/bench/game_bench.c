// The pure parts of the game on one core: a ballot decided, packed, hashed and folded; entries folded when an
// event is loaded; the public view of an event; a deal of a hundred cards.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/events/game/rules/rules.h"
#include "services/events/game/view/view.h"

enum { PLAYERS = 64, ROUNDS = 200000 };

struct table {
    struct game game;
    struct arena arena;
    struct deal_secrets secrets;
    struct uuid ids[PLAYERS + 40];
};

static double now_s(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void random_bytes(void *arg, void *out, size_t len)
{
    (void)arg;
    randombytes_buf(out, len);
}

static struct entries entries_of(struct table *table, const char *actor)
{
    arena_reset(&table->arena);
    return (struct entries){
        .arena = &table->arena, .now_ms = 1800000000000, .actor = actor, .randomness = {random_bytes, NULL}};
}

static void game_must(bool truth, const char *what)
{
    if (truth) return;
    fprintf(stderr, "game_bench: %s\n", what);
    exit(1);
}

static void open_event(struct table *table)
{
    struct uuid *ids = table->ids + PLAYERS;
    Game__RoleFacts facts[20], *roles[20];
    ProtobufCBinaryData hashes[DEAL_SECRETS];
    Game__Terms terms = GAME__TERMS__INIT;
    Game__Opened opened = GAME__OPENED__INIT;
    struct err err;
    for (int i = 0; i < 20; i++) {
        game__role_facts__init(roles[i] = &facts[i]);
        facts[i].role_id = ids[i].text;
        facts[i].side_id = ids[i % 3].text;
        facts[i].copies = 5;
    }
    for (int i = 0; i < DEAL_SECRETS; i++)
        hashes[i] = (ProtobufCBinaryData){DEAL_HASH, table->secrets.first[0]};
    terms.title = "bench";
    terms.local = "2027-01-15T08:00:00";
    terms.zone = "UTC";
    terms.starts_ms = 1800000000000;
    terms.expires_ms = 1800100000000;
    terms.min_players = 1;
    terms.max_players = PLAYERS;
    opened.event_id = opened.group_id = opened.deck_id = opened.god_id = ids[39].text;
    opened.n_roles = 20;
    opened.roles = roles;
    opened.deck_hash = hashes[0];
    opened.n_commitments = DEAL_SECRETS;
    opened.commitments = hashes;
    opened.terms = &terms;
    struct entries entries = entries_of(table, ids[39].text);
    game_must(rules_open(&table->game, &entries, &opened, &err) && !entries.failed, "open");
}

static void start_game(struct table *table)
{
    struct err err;
    struct entries entries;
    for (int i = 0; i < PLAYERS; i++) {
        entries = entries_of(table, table->ids[i].text);
        game_must(rules_reserve(&table->game, &entries, "player", (ProtobufCBinaryData){0, NULL}, &err),
                  "reserve");
    }
    Events__OpenPollRequest poll = EVENTS__OPEN_POLL_REQUEST__INIT;
    poll.kind = EVENTS__POLL__KIND__NOMINATION;
    entries = entries_of(table, table->ids[PLAYERS + 39].text);
    game_must(rules_lock(&table->game, &entries, &err) &&
                  rules_reveal(&table->game, &entries, &table->secrets, &err) &&
                  rules_open_phase(&table->game, &entries, EVENTS__PHASE__KIND__DAY, 0, &err) &&
                  rules_open_poll(&table->game, &entries, &poll, &err) && !entries.failed,
              "start");
}

static void print_rate(const char *what, double count, double seconds)
{
    printf("%-48s %10.0f /s  %7.2f us\n", what, count / seconds, seconds * 1e6 / count);
}

// Keeps the last entry made, to be folded repeatedly.
static void cast_ballots(struct table *table, uint8_t salt[HASH_CHAIN_SALT], uint8_t entry[512], size_t *len)
{
    struct err err;
    double began = now_s();
    for (int i = 0; i < ROUNDS; i++) {
        struct entries entries = entries_of(table, table->ids[i % PLAYERS].text);
        bool ok = rules_cast(&table->game, &entries, table->game.polls[0].id.text,
                             table->ids[(i * 7 + i / PLAYERS) % PLAYERS].text, &err);
        game_must(ok && !entries.failed && entries.made[0].packed.len <= 512, "cast");
        if (i + 1 < ROUNDS) continue;
        memcpy(salt, entries.made[0].salt, HASH_CHAIN_SALT);
        memcpy(entry, entries.made[0].packed.data, *len = entries.made[0].packed.len);
    }
    print_rate("ballots decided, packed, hashed, folded", ROUNDS, now_s() - began);
}

static void fold_entries(struct table *table, const uint8_t salt[HASH_CHAIN_SALT], const uint8_t *entry,
                         size_t len)
{
    double began = now_s();
    for (int i = 0; i < ROUNDS; i++) game_must(game_apply(&table->game, salt, entry, len), "fold");
    print_rate("entries unpacked, hashed, folded (loading)", ROUNDS, now_s() - began);
}

static void game_show(struct table *table)
{
    enum { VIEWS = 20000 };
    struct viewer everyone = view_as_public(&table->game);
    uint8_t bytes[65536];
    double began = now_s();
    for (int i = 0; i < VIEWS; i++) {
        arena_reset(&table->arena);
        Events__Event *event = view_event(&table->game, &everyone, "", &table->arena);
        game_must(event && events__event__get_packed_size(event) <= sizeof bytes, "view");
        events__event__pack(event, bytes);
    }
    print_rate("public views of an event with 64 players, packed", VIEWS, now_s() - began);
}

static void game_deal(const struct table *table)
{
    enum { DEALS = 2000 };
    struct deal_role roles[1] = {{table->ids[0].text, 100}};
    struct deal_seat seats[PLAYERS];
    uint16_t role_of[DEAL_MAX_SEATS];
    for (int i = 0; i < PLAYERS; i++) seats[i] = (struct deal_seat){table->ids[i].text, NULL, 0};
    const struct deal_terms terms = {.event_id = table->ids[0].text,
                                     .k = 1,
                                     .roles = roles,
                                     .roles_count = 1,
                                     .seats = seats,
                                     .seats_count = PLAYERS};
    double began = now_s();
    for (int i = 0; i < DEALS; i++) game_must(deal_cards(&terms, table->secrets.first[0], role_of), "deal");
    print_rate("deals of 100 cards to 64 seats", DEALS, now_s() - began);
}

static void game_commit(const struct table *table)
{
    enum { EVENTS = 200 };
    struct deal_commitments committed;
    double began = now_s();
    for (int i = 0; i < EVENTS; i++) deal_commit(&committed, table->ids[0].text, &table->secrets);
    print_rate("events' commitments to 1032 deal secrets", EVENTS, now_s() - began);
}

int main(void)
{
    static struct table table;
    uint8_t salt[HASH_CHAIN_SALT], entry[512];
    size_t len = 0;
    game_must(sodium_init() >= 0, "libsodium");
    game_init(&table.game);
    arena_init(&table.arena, 8 << 20);
    for (size_t i = 0; i < sizeof table.ids / sizeof *table.ids; i++) table.ids[i] = uuid_new(1800000000000);
    open_event(&table);
    start_game(&table);
    cast_ballots(&table, salt, entry, &len);
    fold_entries(&table, salt, entry, len);
    game_show(&table);
    game_deal(&table);
    game_commit(&table);
    game_finish(&table.game);
    arena_finish(&table.arena);
    return 0;
}
