// The ai service for tests, opened on a real store and called through its own methods as the server would
// call them; and finished games, as events would tell of them. Requests are JSON in which ' stands for ".
#ifndef AI_TESTING_CLUB_H
#define AI_TESTING_CLUB_H

#include "tests/test.h"

#include <sodium.h>

#include "game.pb-c.h"
#include "lib/json/json.h"
#include "lib/names/names.h"
#include "lib/names/testing/news.h"
#include "lib/rpc/frame.h"
#include "lib/schema/passport.h"
#include "lib/store/testing/shared.h"
#include "services/ai/games/learn.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/rows/rows.h"
#include "services/ai/standings/board.h"
#include "services/ai/standings/read.h"
#include "services/ai/standings/state.h"
#include "services/ai/tables.h"

#define WOLVES "01890000-0000-7000-8000-000000000051"
#define TOWN "01890000-0000-7000-8000-000000000052"
#define LONER "01890000-0000-7000-8000-000000000053"
#define DECK "01890000-0000-7000-8000-000000000061"

enum { CLUB_ARENA = 32 << 20, CLUB_REQUEST = 4096, CLUB_PLAYERS = 64, CLUB_SIDES = 3, CLUB_NOW = 1800000000 };

struct club {
    char dir[64];
    const char *url; // of a shared store; NULL: a file in the folder
    struct ai ai;
    struct arena arena; // of the last answer
    struct err err;     // of the last answer
    int64_t now_ms;
    uint64_t taught; // entries of auth.names

    // The game that is being told of.
    uint64_t told, generation; // entries of events.games
    uint64_t locked;           // entries of events.locks
    unsigned number;
    Game__FinishedGame game;
    Game__FinishedGame__Player players[CLUB_PLAYERS], *player_list[CLUB_PLAYERS];
    struct uuid event, ids[CLUB_PLAYERS], seats[CLUB_PLAYERS];
    const char *sides[CLUB_SIDES], *winners[CLUB_SIDES];
};

// ---- The service

static inline void club_start(struct club *club)
{
    struct err err = {0};
    char url[96];
    snprintf(url, sizeof url, "sqlite:%s/ai.db", club->dir);
    const struct ai_options options = {.store_url = club->url ? club->url : url};
    if (!ai_open(&club->ai, &options, &err)) fprintf(stderr, "%s\n", err.message), _exit(1);
}

static inline struct club *club_at(const char *url)
{
    struct club *club = calloc(1, sizeof *club);
    if (!club || sodium_init() < 0) _exit(1);
    test_folder_make(club->dir);
    club->url = url;
    club->now_ms = CLUB_NOW * INT64_C(1000);
    club->generation = 1;
    arena_init(&club->arena, CLUB_ARENA);
    club_start(club);
    return club;
}

static inline void club_close(struct club *club)
{
    ai_close(&club->ai);
    test_folder_remove(club->dir);
    arena_finish(&club->arena);
    free(club);
}

// ---- Set-ups of cases, whose state is their club: in a file, and in a store that processes share

#define CLUB_SHARED "shared:club"

static inline int club_in_a_file(void **state)
{
    *state = club_at(NULL);
    return 0;
}

static inline int club_in_a_shared_store(void **state)
{
    shared_store_register();
    *state = club_at(CLUB_SHARED);
    return 0;
}

static inline int club_end(void **state)
{
    club_close(*state);
    shared_store_drop(CLUB_SHARED);
    return 0;
}

#define CLUB_IN_BOTH(name)                                                                                   \
    cmocka_unit_test_setup_teardown(name, club_in_a_file, club_end),                                         \
        cmocka_unit_test_setup_teardown(name, club_in_a_shared_store, club_end)

// As after a kill: what was committed is there.
static inline void club_restart(struct club *club)
{
    ai_close(&club->ai);
    club_start(club);
}

static inline void club_teach(struct club *club, struct name_news news)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 16);
    news.version = ++club->taught;
    const struct bus_batch page = name_news_page(&arena, (struct bus_place){1, news.version}, &news, 1);
    if (!names_learn(club->ai.names, &page, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

// Runs it as the server does, on what is stored; ' stands for ". NULL: refused, by club->err.
static inline const void *club_run(struct club *club, const char *user_id, const char *method, char *text)
{
    Rpc__Caller who = RPC__CALLER__INIT;
    for (char *at = text; *at; at++)
        if (*at == '\'') *at = '"';
    club->err = (struct err){0};
    arena_reset(&club->arena);
    if (!board_read_on(club->ai.board, &club->err) || !rows_catch_up(&club->ai, &club->err)) return NULL;
    who.user_id = user_id;
    who.level = LEVEL_PLAYER;
    who.username = (char *)"someone";
    ProtobufCMessage *request = json_message_new(rpc_schema_of(method)->request, &club->arena);
    if (!json_parse(text, strlen(text), request, NULL, &club->arena, &club->err)) return NULL;
    struct rpc_call call = {.arena = &club->arena,
                            .service = &club->ai,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &who,
                            .now_ms = club->now_ms};
    const void *reply = rpc_run_here(&call, ai_methods, method, request, &club->err);
    if (reply && call.ticket && !store_wait(club->ai.store, call.ticket, &club->err)) return NULL;
    struct err undecided; // the reply is the same for every outcome
    if (call.rows_ticket) (void)!store_wait(club->ai.store, call.rows_ticket, &undecided);
    return reply;
}

static inline const void *club_ask(struct club *club, const char *method, const char *template, ...)
{
    char text[CLUB_REQUEST];
    va_list args;
    va_start(args, template);
    vsnprintf(text, sizeof text, template, args);
    va_end(args);
    return club_run(club, "01890000-0000-7000-8000-0000000000a1", method, text);
}

static inline const void *club_ask_as(struct club *club, const char *user_id, const char *method,
                                      const char *template, ...)
{
    char text[CLUB_REQUEST];
    va_list args;
    va_start(args, template);
    vsnprintf(text, sizeof text, template, args);
    va_end(args);
    return club_run(club, user_id, method, text);
}

// ---- Games

// People, and guests of a game, have ids by their number.
static inline struct uuid club_person(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-0001%08x", number);
    return id;
}
static inline struct uuid club_guest(unsigned game, unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%04x%08x", 0x1000 + (game & 0xFFF), number);
    return id;
}

static inline void club_know(struct club *club, unsigned number, bool deleted)
{
    char name[32];
    const struct uuid id = club_person(number);
    snprintf(name, sizeof name, "person%u", number);
    club_teach(club, (struct name_news){
                         .user_id = id.text, .name = name, .level = LEVEL_PLAYER, .deleted = deleted});
}

// From now on.
static inline void club_opt_out(struct club *club, unsigned number, uint32_t of)
{
    char name[32];
    const struct uuid id = club_person(number);
    snprintf(name, sizeof name, "person%u", number);
    club_teach(club,
               (struct name_news){.user_id = id.text, .name = name, .level = LEVEL_PLAYER, .opted_out = of});
}

// The next game of so many, just over: the first third are wolves, the others the town, which won.
static inline void club_begin(struct club *club, unsigned count)
{
    Game__FinishedGame *game = &club->game;
    game__finished_game__init(game);
    snprintf(club->event.text, sizeof club->event.text, "01890000-0000-7000-8000-0009%08x", ++club->number);
    game->event_id = club->event.text;
    game->deck_id = DECK;
    game->finished_ms = club->now_ms;
    club->sides[0] = WOLVES;
    club->sides[1] = TOWN;
    club->sides[2] = LONER;
    club->winners[0] = TOWN;
    game->sides = club->sides;
    game->n_sides = CLUB_SIDES;
    game->winning_side_ids = club->winners;
    game->n_winning_side_ids = 1;
    for (unsigned i = 0; i < count; i++) {
        Game__FinishedGame__Player *player = club->player_list[i] = &club->players[i];
        game__finished_game__player__init(player);
        club->ids[i] = club_person(i);
        player->user_id = club->ids[i].text;
        player->side = i < count / 3 ? 1 : 2;
        player->attendance = EVENTS__ATTENDANCE__VALUE__PRESENT;
    }
    game->players = club->player_list;
    game->n_players = count;
}

static inline void club_make_guest(struct club *club, unsigned place)
{
    club->ids[place] = club_guest(club->number, place);
    club->players[place].guest = true;
}

// An account took the seat of a guest over.
static inline void club_claim(struct club *club, unsigned place, unsigned person)
{
    Game__FinishedGame__Player *player = &club->players[place];
    club->seats[place] = club->ids[place];
    club->ids[place] = club_person(person);
    player->seat_id = club->seats[place].text;
    player->guest = false;
}

// Entry `seq` of a generation, as the follower would hand it over.
static inline bool club_hand_over(struct club *club, struct bus_place place, struct err *err)
{
    struct arena arena;
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    arena_init(&arena, 1 << 20);
    notice.seq = place.seq;
    notice.payload.len = game__finished_game__get_packed_size(&club->game);
    notice.payload.data = arena_alloc(&arena, notice.payload.len + 1);
    game__finished_game__pack(&club->game, notice.payload.data);
    const struct bus_batch batch = {.notices = &notices, .count = 1, .place = place};
    bool ok = games_learn(club->ai.games, &batch, club->now_ms, err);
    arena_finish(&arena);
    return ok;
}

static inline void club_tell(struct club *club)
{
    struct err err = {0};
    if (!club_hand_over(club, (struct bus_place){club->generation, ++club->told}, &err))
        fail_msg("%s", err.message);
}

// The table of the game to be, as events tells it when it is locked: a card for each who plays, of their
// side; or that there will be no game.
static inline void club_lock(struct club *club, bool let_go)
{
    struct arena arena;
    struct err err = {0};
    Game__LockedTable table = GAME__LOCKED_TABLE__INIT;
    Game__RoleFacts cards[CLUB_SIDES], *card_list[CLUB_SIDES];
    const char *seats[CLUB_PLAYERS];
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    table.event_id = club->event.text;
    table.k = 1;
    table.let_go = let_go;
    table.deck_id = DECK;
    for (size_t i = 0; i < CLUB_SIDES; i++) {
        game__role_facts__init(card_list[i] = &cards[i]);
        cards[i].role_id = cards[i].side_id = club->sides[i];
    }
    for (size_t i = 0; i < club->game.n_players; i++) {
        seats[i] = club->ids[i].text;
        cards[club->players[i].side - 1].copies++;
    }
    table.roles = card_list;
    table.user_ids = seats;
    if (!let_go) table.n_roles = 2, table.n_user_ids = club->game.n_players;
    arena_init(&arena, 1 << 20);
    notice.seq = ++club->locked;
    notice.payload.len = game__locked_table__get_packed_size(&table);
    notice.payload.data = arena_alloc(&arena, notice.payload.len + 1);
    game__locked_table__pack(&table, notice.payload.data);
    const struct bus_batch batch = {
        .notices = &notices, .count = 1, .place = {club->generation, club->locked}};
    if (!games_expect(club->ai.games, &batch, club->now_ms, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

// The next game of so many, told.
static inline void club_play(struct club *club, unsigned count)
{
    club_begin(club, count);
    club_tell(club);
}

// ---- What is known

static inline struct rating club_belief(struct club *club, unsigned person)
{
    struct err err = {0};
    if (!board_read_on(club->ai.board, &err)) fail_msg("%s", err.message);
    const struct standings *standings = board_hold(club->ai.board);
    const struct uuid id = club_person(person);
    uint32_t number = standings_player(standings, id.text);
    const struct rating belief = number ? standings->players[number - 1].belief : (struct rating){0, 0};
    board_release(club->ai.board);
    return belief;
}

static inline uint32_t club_games(struct club *club, unsigned person)
{
    struct err err = {0};
    if (!board_read_on(club->ai.board, &err)) fail_msg("%s", err.message);
    const struct standings *standings = board_hold(club->ai.board);
    const struct uuid id = club_person(person);
    uint32_t number = standings_player(standings, id.text);
    const uint32_t games = number ? standings->players[number - 1].games : 0;
    board_release(club->ai.board);
    return games;
}

// What all entries make, from the first one on, is what the board has.
static inline void club_expect_equal_bytes(struct club *club)
{
    struct err err = {0};
    struct standings anew;
    struct arena arena;
    ProtobufCBinaryData a, b;
    arena_init(&arena, CLUB_ARENA);
    standings_init(&anew);
    if (!standings_read_all(&anew, club->ai.store, &err) || !board_read_on(club->ai.board, &err))
        fail_msg("%s", err.message);
    assert_true(standings_save(&anew, &arena, &a, &err));
    assert_true(standings_save(board_hold(club->ai.board), &arena, &b, &err));
    board_release(club->ai.board);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    standings_finish(&anew);
    arena_finish(&arena);
}

#endif
