// consectl ai: recomputes ratings from the games that are stored, and makes what is made of them anew.
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "bus.pb-c.h"
#include "lib/base/ids.h"
#include "services/ai/standings/check.h"
#include "services/ai/standings/read.h"
#include "services/ai/standings/state.h"
#include "services/ai/rows/rows.h"
#include "services/ai/tables.h"
#include "tools/consectl/consectl.h"

enum { PAGE = 500, ASKED_PAGE = 200, STATE_ARENA = 1 << 30, SUM = 32 };

struct ratings_check {
    struct ctl *ctl;
    struct store *store; // NULL: the service is asked
    struct standings standings;
    uint64_t games;
};

// ---- Entries

// Of the page, or one of before.
static bool read_entries(struct ratings_check *check, uint64_t from, size_t limit, struct store_entries *page,
                         uint64_t *head, struct err *err)
{
    struct ctl *ctl = check->ctl;
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    ProtobufCMessage *message;
    *page = (struct store_entries){.first_seq = from};
    if (check->store)
        return store_read(check->store, STANDINGS_STREAM, from, limit, &ctl->arena, page, err) &&
               store_head(check->store, STANDINGS_STREAM, head, err);
    request.stream = STANDINGS_STREAM;
    request.from = from;
    request.limit = (uint32_t)limit;
    if (!ctl_ask_running(ctl, "ai.feed.Read", &request.base, &message, err)) return false;
    const Bus__ReadReply *reply = (const Bus__ReadReply *)message;
    page->entries = arena_array(&ctl->arena, reply->n_notices + 1, sizeof *page->entries);
    if (!page->entries) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (; page->count < reply->n_notices; page->count++)
        page->entries[page->count] = reply->notices[page->count]->payload;
    *head = reply->head;
    return true;
}

static bool unpack_entry(struct ratings_check *check, const ProtobufCBinaryData *bytes,
                         const Standings__Entry **entry, struct err *err)
{
    *entry = standings__entry__unpack(&check->ctl->arena.allocator, bytes->len, bytes->data);
    return *entry || err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is none",
                              check->standings.seq + 1);
}

// What a guest played whose seat was taken over; NULL of other entries.
static bool find_played(struct ratings_check *check, const Standings__Entry *entry,
                        const Standings__Game **played, struct err *err)
{
    struct store_entries page;
    const Standings__Entry *game;
    uint64_t head;
    *played = NULL;
    if (entry->body_case != STANDINGS__ENTRY__BODY_GUEST_CLAIMED) return true;
    if (!read_entries(check, entry->guest_claimed->game, 1, &page, &head, err)) return false;
    if (!page.count || !unpack_entry(check, &page.entries[0], &game, err)) return false;
    if (game->body_case == STANDINGS__ENTRY__BODY_GAME) *played = game->game;
    return true;
}

static bool check_bytes(struct ratings_check *check, const ProtobufCBinaryData *bytes, struct err *err)
{
    const Standings__Entry *entry;
    const Standings__Game *played;
    if (!unpack_entry(check, bytes, &entry, err) || !find_played(check, entry, &played, err) ||
        !check_entry(&check->standings, entry, played, &check->ctl->arena, err) ||
        !standings_apply(&check->standings, check->standings.seq + 1, entry, err))
        return false;
    check->games += entry->body_case == STANDINGS__ENTRY__BODY_GAME;
    return true;
}

// Up to the entry that was the newest when it began.
static bool check_all(struct ratings_check *check, struct err *err)
{
    uint64_t end = 0, head = 0;
    do {
        struct store_entries page;
        arena_reset(&check->ctl->arena);
        if (!read_entries(check, check->standings.seq + 1, check->store ? PAGE : ASKED_PAGE, &page, &head,
                          err))
            return false;
        if (!end) end = head;
        if (!page.count && check->standings.seq < end)
            return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is missing",
                            check->standings.seq + 1);
        for (size_t i = 0; i < page.count; i++)
            if (!check_bytes(check, &page.entries[i], err)) return false;
    } while (check->standings.seq < end);
    return true;
}

// ---- What is told

static bool sum_of(const struct standings *standings, char text[2 * SUM + 1], struct err *err)
{
    struct arena arena;
    ProtobufCBinaryData state;
    uint8_t sum[SUM];
    arena_init(&arena, STATE_ARENA);
    bool ok = standings_save(standings, &arena, &state, err);
    if (ok) crypto_generichash(sum, sizeof sum, state.data, state.len, NULL, 0);
    if (ok) hex_encode(text, sum, sizeof sum);
    arena_finish(&arena);
    return ok;
}

static bool print_standings(const struct ctl *ctl, const char *what, const struct standings *standings,
                            struct err *err)
{
    char sum[2 * SUM + 1];
    if (!sum_of(standings, sum, err)) return false;
    if (ctl->json)
        printf("{\"entries\": %" PRIu64 ", \"games\": %zu, \"players\": %zu, \"sum\": \"%s\"}\n",
               standings->seq, standings->game_count, standings->player_count, sum);
    else
        printf("%s\nentries  %" PRIu64 "\ngames    %zu\nplayers  %zu\nsum      %s\n", what, standings->seq,
               standings->game_count, standings->player_count, sum);
    return true;
}

static int ai_verify(struct ctl *ctl, int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ratings_check check = {.ctl = ctl};
    struct err err = {0};
    const struct office *office = office_find("ai");
    if (!place_has_store(ctl, office->name, &err)) return ctl_fail(ctl, &err);
    if (!ctl_open_store(ctl, office, &check.store, &err) && !ctl->held) return ctl_fail(ctl, &err);
    ctl->held = false; // the service is asked
    standings_init(&check.standings);
    bool ok = check_all(&check, &err) &&
              print_standings(ctl, "ratings follow from the games", &check.standings, &err);
    standings_finish(&check.standings);
    store_close(check.store);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

// ---- Made anew

// Rows begin anew at the next start, or here.
static bool forget_place(struct ctl *ctl, struct store *store, struct err *err)
{
    const struct store_table *places = &ai_tables[AI_PLACES];
    ProtobufCMessage *row;
    uint64_t version;
    if (!store_get(store, places, STANDINGS_STREAM, &ctl->arena, &row, &version, err)) return false;
    const struct store_write write = {.done = NULL};
    return !row || store_wait(store, store_delete(store, places, STANDINGS_STREAM, version, &write), err);
}

static bool rebuild_all(struct ctl *ctl, struct store *store, struct standings *standings, struct err *err)
{
    struct ai ai = {.store = store};
    return standings_read_all(standings, store, err) && standings_keep(standings, &ai, err) &&
           forget_place(ctl, store, err) && rows_catch_up(&ai, err) &&
           print_standings(ctl, "made anew from the games", standings, err);
}

static int ai_rebuild(struct ctl *ctl, int argc, char **argv)
{
    (void)argc, (void)argv;
    struct err err = {0};
    struct store *store = NULL;
    struct standings standings;
    const struct office *office = office_find("ai");
    if (!place_has_store(ctl, office->name, &err) || !ctl_open_store(ctl, office, &store, &err))
        return ctl_fail(ctl, &err);
    standings_init(&standings);
    bool ok = rebuild_all(ctl, store, &standings, &err);
    standings_finish(&standings);
    store_close(store);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

const struct ctl_command rating_commands[] = {
    {.name = "ai verify",
     .usage = "",
     .help = "recomputes all ratings from the games that are stored",
     .more =
         "Reads every entry of ai.games from the store, or, while a service has the store alone, asks that "
         "for them, and rates\n"
         "each game again. The first whose result is another is told; without one, how many there are, and "
         "a hash of what they\n"
         "made, which is the same wherever the same entries are.",
     .least = 0,
     .most = 0,
     .run = ai_verify},
    {.name = "ai rebuild",
     .usage = "",
     .help = "makes anew what is made of the games: standings and histories",
     .more =
         "Works on the store of a service that does not run. What is made is the same as before, or what it "
         "should have been:\n"
         "games are entries, and stay. The hash that is told is that of ai verify.",
     .least = 0,
     .most = 0,
     .run = ai_rebuild},
    {0},
};
