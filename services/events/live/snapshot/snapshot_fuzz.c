// Any bytes as a stored snapshot: it is refused, or restored to a game that can be used like any other: shown
// to everybody, searched, changed by commands, and kept again.
#include <stdlib.h>
#include <string.h>

#include "services/events/game/rules/rules.h"
#include "services/events/game/view/view.h"
#include "services/events/live/snapshot/snapshot.h"

enum { ARENA = 64 << 20, SHOWN = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct deal_secrets secrets = {.further = true};
static const char stranger[] = "01890000-0000-7000-8000-00000000ffff";

static void must(bool truth)
{
    if (!truth) abort();
}

static void look_through(const struct game *game, const struct viewer *viewer)
{
    struct log_place places[8];
    uint64_t next, until = game->chain.seq;
    log_index_find(&game->log, viewer, 1, until, places, 8, &next);
    log_index_find(&game->log, viewer, until / 2, until, places, 8, &next);
    size_t count = log_index_personal(&game->log, 1, &until, places, 8);
    for (size_t i = 0; i < count; i++) {
        struct audience audience = places[i].audience;
        if (audience.kind == AUDIENCE_PERSON) must(audience.who < game->people_count);
        if (audience.kind != AUDIENCE_SET) continue;
        const struct people_set *set = &game->log.sets[audience.who];
        for (size_t p = 0; p < set->count; p++) must(set->people[p] < game->people_count);
    }
}

static void list_to(const struct game *game, const struct viewer *viewer, struct arena *arena)
{
    Events__ListPollsReply polls = EVENTS__LIST_POLLS_REPLY__INIT;
    Events__ListNotesReply notes = EVENTS__LIST_NOTES_REPLY__INIT;
    Events__ListUsesReply uses = EVENTS__LIST_USES_REPLY__INIT;
    Events__ListWaitlistReply waitlist = EVENTS__LIST_WAITLIST_REPLY__INIT;
    struct view_page page = {1, GAME_MAX_USES, SIZE_MAX, 0, NULL};
    must(view_polls(game, viewer, &page, &polls, arena) && view_uses(game, &page, &uses, arena));
    must(view_notes_page(game, viewer, &page, &notes, arena));
    must(view_waitlist(game, &page, &waitlist, arena));
}

static void show_to(const struct game *game, const struct viewer *viewer, const char *user_id,
                    struct arena *arena)
{
    Events__MeReply me = EVENTS__ME_REPLY__INIT;
    Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
    struct view_page page = {1, GAME_MAX_PHASES, SIZE_MAX, 0, NULL};
    must(view_event(game, viewer, user_id, arena) && view_phases(game, viewer, &page, &phases, arena));
    must(view_notes(game, viewer, &me, arena));
    list_to(game, viewer, arena);
    for (size_t i = 0; i < game->people_count; i++)
        if (game->people[i].seat) must(view_player(game, viewer, (int)i, arena));
    look_through(game, viewer);
    arena_reset(arena);
}

static void show(const struct game *game, struct arena *arena)
{
    const struct viewer everyone = view_as_public(game), god = view_as_god(game);
    show_to(game, &everyone, "", arena);
    show_to(game, &god, game->god_id.text, arena);
    for (size_t i = 0; i < game->people_count && i < SHOWN; i++) {
        const char *user_id = game->people[i].user_id.text;
        const struct viewer viewer = view_as(game, user_id, false);
        show_to(game, &viewer, user_id, arena);
        view_reservation(game, user_id, arena);
        if (game->dealt && game->people[i].card && game->people[i].seat)
            view_proof(game, (int)i, secrets.first[0], arena);
    }
    must(view_summary(game, arena) && view_deal(game, arena) && view_deck(game, arena));
    arena_reset(arena);
}

static void same_bytes(void *arg, void *out, size_t len)
{
    (void)arg;
    memset(out, 5, len);
}

static void keep_again(const struct game *game, struct arena *arena)
{
    struct game again;
    Game__Snapshot *saved = snapshot_make(game, arena);
    game_init(&again);
    must(saved && snapshot_restore(&again, saved));
    must(again.seats_taken == game->seats_taken && again.upvotes == game->upvotes);
    game_finish(&again);
    arena_reset(arena);
}

// One command of each kind on a copy.
static void command(const struct game *game, unsigned which, struct arena *arena)
{
    struct game copy;
    struct err err;
    const struct reminders reminders = {.before_s = {86400, 600}};
    const char *someone = game->people_count ? game->people[0].user_id.text : stranger;
    struct entries entries = {
        .arena = arena, .now_ms = 1800000000000, .actor = someone, .randomness = {same_bytes, NULL}};
    Events__OpenPollRequest poll = EVENTS__OPEN_POLL_REQUEST__INIT;
    poll.kind = EVENTS__POLL__KIND__NOMINATION;
    Game__Snapshot *saved = snapshot_make(game, arena);
    game_init(&copy);
    must(saved && snapshot_restore(&copy, saved));
    const struct poll *open = game_open_poll(&copy);
    bool done = false;
    switch (which) {
    case 0:
        rules_tick(&copy, &entries, &secrets, &reminders);
        break;
    case 1:
        done = rules_reserve(&copy, &entries, "someone", (ProtobufCBinaryData){0, NULL}, &err);
        break;
    case 2:
        done = rules_leave(&copy, &entries, someone, &secrets, &err);
        break;
    case 3:
        done = rules_lock(&copy, &entries, &err);
        break;
    case 4:
        done = rules_reveal(&copy, &entries, &secrets, &err);
        break;
    case 5:
        done = rules_open_phase(&copy, &entries, EVENTS__PHASE__KIND__DAY, 0, &err);
        break;
    case 6:
        done = rules_close_phase(&copy, &entries, &err);
        break;
    case 7:
        done = rules_open_poll(&copy, &entries, &poll, &err);
        break;
    case 8:
        done = open && rules_cast(&copy, &entries, open->id.text, "NONE", &err);
        break;
    case 9:
        done = open && rules_close_poll(&copy, &entries, open->id.text, &err);
        break;
    case 10:
        done = rules_update(
            &copy, &entries,
            &(struct player_update){.user_id = someone, .status = EVENTS__STATUS__VALUE__DEAD}, &err);
        break;
    case 11:
        done = rules_finish(&copy, &entries, &secrets, NULL, 0, &err);
        break;
    default:
        done = rules_redeal(&copy, &entries, &secrets, "why", &err);
        break;
    }
    (void)done;
    if (!entries.failed) keep_again(&copy, arena);
    game_finish(&copy);
    arena_reset(arena);
}

static void check(const struct game *game, struct arena *arena)
{
    show(game, arena);
    keep_again(game, arena);
    for (unsigned which = 0; which <= 12; which++) command(game, which, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena, scratch;
    struct game game;
    arena_init(&arena, ARENA);
    arena_init(&scratch, ARENA);
    Game__Snapshot *saved = game__snapshot__unpack(&arena.allocator, len, bytes);
    game_init(&game);
    if (saved && snapshot_restore(&game, saved)) check(&game, &scratch);
    game_finish(&game);
    arena_finish(&scratch);
    arena_finish(&arena);
    return 0;
}
