// In whatever order finished games and ends that are taken back come, how often, to which process, and
// whatever is killed meanwhile: each seat gives its card once.
#include "services/chain/book/snapshot.h"
#include "services/chain/rewards/rewards.h"
#include "services/chain/testing/played.h"

#define URL "shared:order"

enum { PEOPLE = 8, SOMEBODIES = 6, GAMES = 8, TOLD_MOST = 64, STEPS = 50, STORIES = 12, PROCESSES = 2 };

// A game, and what events know of it by now.
struct evening_game {
    size_t players, guests; // the first places are guests'
    bool is_short, undone;
    unsigned absent, claimed; // by place
};

struct told_game {
    size_t game;
    unsigned claimed; // when it was told
};

struct story {
    struct played played;
    struct house *houses[PROCESSES];
    struct evening_game games[GAMES];
    size_t count;
    struct told_game told[TOLD_MOST]; // of this generation of events' store
    size_t told_count, read;
    uint32_t seed;
};

static unsigned pick(struct story *story, unsigned below)
{
    story->seed = story->seed * 1664525 + 1013904223;
    return (story->seed >> 8) % below;
}

static void set_limits(struct house *house)
{
    played_settings(house);
    house->chain.settings.reward_games = house->chain.settings.reward_god_games = GAMES;
}

static struct story *begin_story(uint32_t seed)
{
    struct story *story = calloc(1, sizeof *story);
    shared_store_register();
    story->seed = seed;
    story->houses[0] = house_at(URL);
    played_init(&story->played, story->houses[0], SOMEBODIES);
    for (unsigned i = SOMEBODIES; i < PEOPLE; i++) played_know(story->houses[0], i, false);
    story->houses[1] = house_at(URL);
    for (size_t i = 0; i < PROCESSES; i++) set_limits(story->houses[i]);
    return story;
}

static void end_story(struct story *story)
{
    for (size_t i = 0; i < PROCESSES; i++) house_close(story->houses[i]);
    shared_store_drop(URL);
    free(story);
}

// ---- What events tell

static void say_game(struct story *story, size_t game, unsigned claimed)
{
    const struct evening_game *of = &story->games[game];
    struct played *played = &story->played;
    played->number = (unsigned)game;
    played_begin(played, of->players, of->guests);
    if (of->is_short) played->game.n_phases--;
    for (size_t i = 0; i < of->players; i++) {
        if (of->absent >> i & 1) played->players[i].attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
        if (claimed >> i & 1) played_claim(played, i, (unsigned)i);
    }
    played_deal(played);
}

// Entry `at` of the stream, as a process reads it.
static void deliver(struct story *story, size_t at)
{
    struct err err = {0};
    story->played.house = story->houses[pick(story, PROCESSES)];
    say_game(story, story->told[at].game, story->told[at].claimed);
    if (!played_hand_over(&story->played, (struct bus_place){story->played.generation, at + 1}, &err))
        fail_msg("%s", err.message);
}

static void tell_of(struct story *story, size_t game)
{
    assert_true(story->told_count < TOLD_MOST);
    story->told[story->told_count++] = (struct told_game){game, story->games[game].claimed};
}

// ---- What happens

static void play_one(struct story *story)
{
    if (story->count == GAMES) return;
    struct evening_game *game = &story->games[story->count];
    *game = (struct evening_game){.players = 4 + pick(story, 5), .is_short = pick(story, 5) == 0};
    game->guests = pick(story, 4);
    if (pick(story, 3) == 0) game->absent = 1U << pick(story, (unsigned)game->players);
    tell_of(story, story->count++);
}

static void read_next(struct story *story)
{
    if (story->read < story->told_count) deliver(story, story->read++);
}

static void read_again(struct story *story)
{
    if (story->read) deliver(story, pick(story, (unsigned)story->read));
}

static void claim_one(struct story *story)
{
    if (!story->count) return;
    size_t at = pick(story, (unsigned)story->count);
    struct evening_game *game = &story->games[at];
    if (!game->guests) return;
    unsigned place = 1U << pick(story, (unsigned)game->guests);
    if (game->claimed & place) return;
    game->claimed |= place;
    tell_of(story, at);
}

// Events' store was restored: all games are told of anew, in another order.
static void begin_anew(struct story *story)
{
    story->played.generation++;
    story->told_count = story->read = 0;
    const size_t first = pick(story, GAMES);
    for (size_t i = 0; i < GAMES; i++)
        if ((first + 3 * i) % GAMES < story->count) tell_of(story, (first + 3 * i) % GAMES);
}

static void take_back(struct story *story)
{
    struct err err = {0};
    if (!story->count) return;
    size_t at = pick(story, (unsigned)story->count);
    struct house *house = story->houses[pick(story, PROCESSES)];
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    uint8_t event[MERIT_ID_BYTES];
    story->games[at].undone = true;
    say_game(story, at, 0);
    uuid_bytes(story->played.event.text, event);
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    rewards_take_back(&b, event);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(store_wait(house->chain.store, ticket, &err));
}

static void kill_one(struct story *story)
{
    struct house *house = story->houses[pick(story, PROCESSES)];
    house_restart(house);
    set_limits(house);
}

static void keep_snapshot(struct story *story)
{
    struct house *house = story->houses[0];
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct book_snapshot snapshot;
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    assert_true(book_snapshot_take(b.book, &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
}

static void step(struct story *story)
{
    static void (*const happenings[])(struct story *) = {
        play_one,  play_one,  read_next,  read_next, read_next, read_next,    read_again,
        claim_one, claim_one, begin_anew, take_back, kill_one,  keep_snapshot};
    happenings[pick(story, sizeof happenings / sizeof *happenings)](story);
}

// ---- What came of it

// Cards by game and person: that were made; that are with who won them.
struct won {
    size_t made[GAMES][PEOPLE], held[GAMES][PEOPLE], others;
};

static size_t game_of(const uint8_t event[16])
{
    return strtoul(uuid_text(event).text + UUID_LEN - 8, NULL, 16) - 1;
}

static size_t person_of(const struct book *book, uint32_t account)
{
    const struct ledger_owner owner = ledger_owner_of(&book->accounts, account);
    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct ledger_owner person = book_user(played_person(i).text);
        if (memcmp(person.id, owner.id, sizeof owner.id) == 0) return i;
    }
    return PEOPLE;
}

static void look_at_role(const struct book *book, uint32_t asset, struct won *won)
{
    const struct exchange_cards *cards = &exchange_role(&book->exchange, asset)->cards;
    const char *role_id = book->assets[asset].role_id;
    for (uint32_t card = 1; card <= cards->count; card++) {
        uint32_t winner = cards_winner(cards, card);
        size_t game = game_of(cards_event(cards, card)), person = person_of(book, winner);
        const struct card_queue *own = exchange_holder(&book->exchange, winner, asset);
        if (game >= GAMES || person == PEOPLE || strcmp(role_id, person % 2 ? ROLE_TWO : ROLE_ONE) != 0) {
            won->others++;
            continue;
        }
        won->made[game][person]++;
        won->held[game][person] += own && cards_has(cards, own, card);
    }
}

static struct won look(struct house *house)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct won won = {0};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    for (uint32_t i = BOOK_FIRST_CARD; i < b.book->assets_count; i++) look_at_role(b.book, i, &won);
    book_end(&b);
    return won;
}

static bool is_game(const struct evening_game *game)
{
    return !game->is_short && game->players - (game->absent != 0) >= 5;
}

static bool earns(const struct evening_game *game, unsigned person)
{
    bool plays = person < game->players && (person >= game->guests || game->claimed >> person & 1);
    return is_game(game) && plays && person < SOMEBODIES && !(game->absent >> person & 1);
}

// At any time: none that was not won, none twice, and nobody's.
static void check_bounds(const struct story *story, const struct won *won)
{
    assert_int_equal(won->others, 0);
    for (size_t g = 0; g < GAMES; g++)
        for (unsigned i = 0; i < PEOPLE; i++) {
            assert_true(won->made[g][i] <= (g < story->count && earns(&story->games[g], i)));
            if (story->games[g].undone) assert_int_equal(won->held[g][i], 0);
        }
}

// When all is told: each that was won, with who won it.
static void check_all(const struct story *story, struct house *house)
{
    const struct won won = look(house);
    check_bounds(story, &won);
    for (size_t g = 0; g < story->count; g++)
        for (unsigned i = 0; i < PEOPLE; i++)
            assert_int_equal(won.held[g][i], !story->games[g].undone && earns(&story->games[g], i));
}

static void each_seat_gives_its_card_once(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= STORIES; seed++) {
        struct story *story = begin_story(seed);
        for (int i = 0; i < STEPS; i++) {
            step(story);
            const struct won won = look(story->houses[pick(story, PROCESSES)]);
            check_bounds(story, &won);
        }
        while (story->read < story->told_count) read_next(story);
        for (size_t i = 0; i < PROCESSES; i++) {
            check_all(story, story->houses[i]);
            kill_one(story);
            check_all(story, story->houses[i]);
        }
        end_story(story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_seat_gives_its_card_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
