// Every cell of the table of rights, against the same said in words, and what no cell may tell.
#include "services/events/chat/rights.h"

#include "services/events/game/status.h"
#include "services/events/testing/game.h"

enum {
    CITIZEN = USER,   // seated, of a side that does not meet
    MAFIA = USER + 1, // seated, of one that does
    PARTNER = USER + 2,
    OUTSIDER = USER + 3, // seated and of the mafia's side, by a role that does not meet
    LEFT = USER + 4,     // was in the waitlist
    SPECTATOR = USER + 5,
    ASSISTANT = USER + 6,
    DEV = USER + 7,
};

static bool room_named(struct room *room, enum room_kind kind, unsigned whose)
{
    *room = (struct room){.kind = kind};
    strcpy(room->event_id.text, id_of(9999));
    if (whose) strcpy(room->whose.text, id_of(whose));
    return true;
}

static struct room_right right_of(const struct world *world, unsigned user, enum room_kind kind,
                                  unsigned whose)
{
    struct room room;
    struct uuid id = {""};
    if (user) strcpy(id.text, id_of(user));
    const struct room_viewer viewer = {id.text, user == DEV, user == DEV || user == GOD || user == OTHER_GOD};
    room_named(&room, kind, whose);
    return room_right(&world->game, &viewer, &room, world->now_ms);
}

static void tell_role(struct world *world, unsigned user, const char *side_id, bool meets)
{
    struct person *person = world_person(world, user);
    for (size_t i = 0; i < world->game.roles_count; i++)
        if (strcmp(world->game.roles[i].side_id.text, side_id) == 0 && world->game.roles[i].meets == meets)
            person->role = person->told_role = (uint16_t)(i + 1);
    for (size_t i = 0; i < world->game.sides_count; i++)
        if (strcmp(world->game.sides[i].text, side_id) == 0)
            person->side = person->told_side = (uint8_t)(i + 1);
}

// Four seats, cards chosen; one role of the mafia's side does not meet.
static void seat_all(struct world *world)
{
    Game__Terms terms = world_terms(4);
    world_open(world, (struct world_deck){6, 1}, &terms);
    world->game.roles[5].meets = false;
    for (unsigned user = CITIZEN; user <= LEFT; user++) assert_true(world_reserve(world, user, false));
    assert_true(DO(world, LEFT, leave, id_of(LEFT), NULL));
    assert_true(DO(world, GOD, add_assistant, id_of(ASSISTANT), "helper"));
}

static void deal_all(struct world *world)
{
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    tell_role(world, CITIZEN, id_of(SIDE_CITIZEN), false);
    tell_role(world, MAFIA, id_of(SIDE_MAFIA), true);
    tell_role(world, PARTNER, id_of(SIDE_CITIZEN), false);
    tell_role(world, OUTSIDER, id_of(SIDE_MAFIA), false);
}

enum stage {
    BEGUN, // the first reservation was made
    LOCKED,
    REVEALED,
    DAY,
    BREAK, // between phases
    MID_DAY,
    NIGHT,
    PAUSED_NIGHT,
    DONE,
    LONG_DONE,
    CANCELLED,
    STAGES
};

static bool is_night(enum stage stage) { return stage == NIGHT || stage == PAUSED_NIGHT; }
static bool is_over(enum stage stage) { return stage >= DONE; }
static bool is_dealt(enum stage stage) { return stage >= REVEALED; }

static struct world *world_at(enum stage stage)
{
    static const char *winners[] = {NULL};
    struct world *world = world_create();
    seat_all(world);
    if (stage == BEGUN) return world;
    assert_true(DO(world, GOD, lock));
    if (stage == LOCKED) return world;
    deal_all(world);
    if (stage == REVEALED) return world;
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    if (stage == BREAK) assert_true(DO(world, GOD, close_phase));
    if (stage == MID_DAY) assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__MID_DAY, 0));
    if (is_night(stage)) assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    if (stage == PAUSED_NIGHT) assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    winners[0] = id_of(SIDE_CITIZEN);
    if (stage == DONE || stage == LONG_DONE)
        assert_true(DO(world, GOD, finish, world_secrets(world), winners, 1));
    if (stage == CANCELLED) assert_true(DO(world, GOD, cancel, world_secrets(world)));
    if (stage == LONG_DONE) world->now_ms += 25 * (int64_t)HOUR;
    return world;
}

static const unsigned viewers[] = {0,         CITIZEN,   MAFIA, PARTNER, OUTSIDER, LEFT,
                                   SPECTATOR, ASSISTANT, DEV,   GOD,     OTHER_GOD};
enum { VIEWERS = sizeof viewers / sizeof *viewers };

#define S(status) STATUS_BIT(status)
static const uint16_t statuses[] = {0,
                                    S(DEAD),
                                    S(KICKED),
                                    S(EXITED),
                                    S(DEVOTED),
                                    S(SILENT_2_PHASES),
                                    S(SILENT_6_PHASES),
                                    S(DISABLED),
                                    S(DISABLED_3_PHASES),
                                    S(CHAINED),
                                    S(ROLE_CHANGED),
                                    S(SIDE_CHANGED),
                                    S(PRO_KILLED_9_PHASES),
                                    S(DEAD) | S(KICKED),
                                    S(EXITED) | S(SILENT_2_PHASES),
                                    S(SILENT_6_PHASES) | S(CHAINED)};
#undef S
enum { STATUSES = sizeof statuses / sizeof *statuses, PLAYERS = OUTSIDER - CITIZEN + 1 };

// One cell, as D.2 of the specification says it.
struct cell {
    enum stage stage;
    unsigned user;
    uint16_t on[PLAYERS]; // statuses
    bool chat, at_night, by_day;
};

static bool is_seated(unsigned user) { return user >= CITIZEN && user <= OUTSIDER; }
static bool leads(unsigned user) { return user == GOD || user == DEV || user == ASSISTANT; }

static bool has(const struct cell *c, unsigned user, unsigned some)
{
    return is_seated(user) && c->on[user - CITIZEN] & some;
}

static bool is_alive(const struct cell *c) { return is_seated(c->user) && !has(c, c->user, STATUSES_GONE); }

// Whose part is over in the game; who was kicked is no more at the table in any way.
static bool is_among_the_dead(const struct cell *c, unsigned user)
{
    return has(c, user, STATUSES_GONE) && !has(c, user, STATUS_BIT(KICKED));
}

static bool somebody_died(const struct cell *c)
{
    bool died = false;
    for (unsigned user = CITIZEN; user <= OUTSIDER; user++) died |= is_among_the_dead(c, user);
    return died;
}

static bool reads(const struct cell *c, enum room_kind kind, unsigned whose)
{
    if (!c->chat || !c->user) return false;
    switch (kind) {
    case ROOM_TABLE:
        return true;
    case ROOM_SIDE:
        return whose == SIDE_MAFIA && is_dealt(c->stage) &&
               (is_over(c->stage) || leads(c->user) || c->user == MAFIA);
    case ROOM_DEAD:
        return somebody_died(c) && is_dealt(c->stage) &&
               (is_over(c->stage) || leads(c->user) || is_among_the_dead(c, c->user));
    default:
        return is_seated(whose) && c->stage >= LOCKED && (c->user == GOD || c->user == whose);
    }
}

static bool writes(const struct cell *c, enum room_kind kind, unsigned whose)
{
    bool silenced = has(c, c->user, STATUS_BIT(SILENT_2_PHASES) | STATUS_BIT(SILENT_6_PHASES));
    if (!reads(c, kind, whose)) return false;
    if (kind == ROOM_GOD) return c->stage != LONG_DONE;
    if (is_over(c->stage)) return false;
    if (leads(c->user)) return true;
    if (kind == ROOM_TABLE) return is_alive(c) && !silenced && (!is_night(c->stage) || c->at_night);
    if (kind == ROOM_SIDE) return is_alive(c) && (is_night(c->stage) || c->by_day);
    return true;
}

// The living do nothing at night that others would see, where they don't write.
static bool is_quiet(const struct cell *c, enum room_kind kind, unsigned whose)
{
    return reads(c, kind, whose) && is_alive(c) && is_night(c->stage);
}

static void try_room(const struct world *world, const struct cell *c, enum room_kind kind, unsigned whose)
{
    const struct room_right right = right_of(world, c->user, kind, whose);
    bool read = reads(c, kind, whose), write = writes(c, kind, whose), moderate = read && leads(c->user),
         quiet = is_quiet(c, kind, whose);
    if (right.read != read || right.write != write || right.moderates != moderate || right.quiet != quiet)
        fail_msg("stage %d user %u statuses %x terms %d%d%d room %d of %u: %d%d%d%d and not %d%d%d%d",
                 (int)c->stage, c->user, is_seated(c->user) ? c->on[c->user - CITIZEN] : 0, c->chat,
                 c->at_night, c->by_day, (int)kind, whose, right.read, right.write, right.moderates,
                 right.quiet, read, write, moderate, quiet);
    assert_int_equal(right.why != 0, right.read && !right.write);
    if (right.write) assert_true(right.read);
    if (right.read) assert_true(right.exists);
    if (!right.read) assert_false(right.since_ms || right.behind_ms);
}

static void try_cell(const struct world *world, const struct cell *cell)
{
    static const unsigned sides[] = {SIDE_CITIZEN, SIDE_MAFIA, 4711},
                          people[] = {CITIZEN, PARTNER, LEFT, SPECTATOR, GOD, 4711};
    try_room(world, cell, ROOM_TABLE, 0);
    try_room(world, cell, ROOM_DEAD, 0);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) try_room(world, cell, ROOM_SIDE, sides[i]);
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) try_room(world, cell, ROOM_GOD, people[i]);
}

static void try_viewers(struct world *world, struct cell *cell)
{
    for (unsigned user = CITIZEN; user <= OUTSIDER; user++)
        world_person(world, user)->statuses.on = cell->on[user - CITIZEN];
    for (size_t i = 0; i < VIEWERS; i++) {
        cell->user = viewers[i];
        try_cell(world, cell);
    }
}

// All players have the same statuses, or each has others: apart by so many places of the list.
static void try_terms(struct world *world, struct cell *cell)
{
    static const size_t apart[] = {0, 1, 5};
    for (size_t n = 0; n < sizeof apart / sizeof *apart; n++)
        for (size_t first = 0; first < STATUSES; first++) {
            for (size_t i = 0; i < PLAYERS; i++) cell->on[i] = statuses[(first + i * apart[n]) % STATUSES];
            try_viewers(world, cell);
        }
}

static void try_stage(enum stage stage)
{
    struct world *world = world_at(stage);
    for (unsigned terms = 0; terms < 8; terms++) {
        struct cell cell = {.stage = stage, .chat = terms & 1, .at_night = terms & 2, .by_day = terms & 4};
        world->game.terms.chat = cell.chat;
        world->game.terms.table_at_night = cell.at_night;
        world->game.terms.side_by_day = cell.by_day;
        try_terms(world, &cell);
    }
    world_destroy(world);
}

static void every_cell_is_as_the_specification_says(void **state)
{
    (void)state;
    for (int stage = 0; stage < STAGES; stage++) try_stage((enum stage)stage);
}

static void there_is_no_table_before_anybody_came(void **state)
{
    Game__Terms terms = world_terms(4);
    (void)state;
    struct world *world = world_create();
    world_open(world, (struct world_deck){4, 1}, &terms);
    assert_false(right_of(world, GOD, ROOM_TABLE, 0).read);
    assert_true(world_reserve(world, CITIZEN, false));
    assert_true(right_of(world, GOD, ROOM_TABLE, 0).read);
    assert_true(right_of(world, SPECTATOR, ROOM_TABLE, 0).read);
    world_destroy(world);
}

// What is true but was not told gives no right, and takes none.
static void a_silent_change_changes_no_room(void **state)
{
    (void)state;
    struct world *world = world_at(NIGHT);
    struct room_right before = right_of(world, MAFIA, ROOM_SIDE, SIDE_MAFIA);
    assert_true(before.write);
    assert_true(DO(world, GOD, change, id_of(MAFIA), NULL, id_of(SIDE_CITIZEN)));
    assert_true(DO(world, GOD, change, id_of(CITIZEN), NULL, id_of(SIDE_MAFIA)));
    struct room_right after = right_of(world, MAFIA, ROOM_SIDE, SIDE_MAFIA);
    assert_true(after.read && after.write && !after.moderates);
    assert_int_equal(after.since_ms, before.since_ms);
    assert_false(right_of(world, CITIZEN, ROOM_SIDE, SIDE_MAFIA).read);
    assert_true(DO(world, GOD, status, id_of(MAFIA), EVENTS__STATUS__VALUE__SIDE_CHANGED));
    assert_false(right_of(world, MAFIA, ROOM_SIDE, SIDE_MAFIA).read);
    assert_false(right_of(world, MAFIA, ROOM_SIDE, SIDE_CITIZEN).read);
    assert_true(DO(world, GOD, status, id_of(CITIZEN), EVENTS__STATUS__VALUE__SIDE_CHANGED));
    assert_false(right_of(world, CITIZEN, ROOM_SIDE, SIDE_MAFIA).read); // their role does not meet
    world_destroy(world);
}

static void only_spectators_are_late_and_only_in_a_running_game(void **state)
{
    (void)state;
    for (int stage = 0; stage < STAGES; stage++) {
        struct world *world = world_at((enum stage)stage);
        world->game.terms.spectator_delay_ms = MINUTE;
        for (size_t i = 0; i < VIEWERS; i++) {
            unsigned user = viewers[i];
            bool late = user && !is_seated(user) && !leads(user) && stage >= DAY && stage < DONE;
            assert_int_equal(right_of(world, user, ROOM_TABLE, 0).behind_ms, late ? MINUTE : 0);
        }
        world_destroy(world);
    }
}

static void history_reaches_as_far_as_the_terms_say(void **state)
{
    (void)state;
    struct world *world = world_at(DAY);
    const struct game *game = &world->game;
    static const Events__Phase__Kind kinds[] = {EVENTS__PHASE__KIND__NIGHT, EVENTS__PHASE__KIND__DAY,
                                                EVENTS__PHASE__KIND__MID_DAY};
    for (size_t i = 0; i < 3; i++) {
        world->now_ms += MINUTE;
        assert_true(DO(world, GOD, open_phase, kinds[i], 0));
    }
    const int64_t wanted[] = {0, game->phases[2].opened_ms, game->phases[3].opened_ms};
    for (int history = EVENTS__HISTORY__VALUE__ALL; history <= EVENTS__HISTORY__VALUE__NONE; history++) {
        world->game.terms.history = (Events__History__Value)history;
        assert_int_equal(right_of(world, CITIZEN, ROOM_TABLE, 0).since_ms, wanted[history - 1]);
        assert_int_equal(right_of(world, MAFIA, ROOM_SIDE, SIDE_MAFIA).since_ms, wanted[history - 1]);
        assert_int_equal(right_of(world, SPECTATOR, ROOM_TABLE, 0).since_ms, wanted[history - 1]);
        assert_int_equal(right_of(world, GOD, ROOM_TABLE, 0).since_ms, 0);
        assert_int_equal(right_of(world, CITIZEN, ROOM_GOD, CITIZEN).since_ms, 0);
    }
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_int_equal(right_of(world, CITIZEN, ROOM_TABLE, 0).since_ms, 0);
    world_destroy(world);
}

static void a_god_that_lost_the_level_or_a_dev_that_plays_leads_nothing(void **state)
{
    struct room room;
    (void)state;
    struct world *world = world_at(NIGHT);
    room_named(&room, ROOM_SIDE, SIDE_MAFIA);
    char god[UUID_LEN + 1], citizen[UUID_LEN + 1];
    const struct room_viewer former = {strcpy(god, id_of(GOD)), false, false},
                             dev = {strcpy(citizen, id_of(CITIZEN)), true, true};
    assert_false(room_right(&world->game, &former, &room, world->now_ms).read);
    assert_false(room_right(&world->game, &dev, &room, world->now_ms).read);
    world_destroy(world);
}

static void the_rooms_of_a_viewer_are_those_they_read(void **state)
{
    struct room rooms[ROOMS_MOST];
    char god[UUID_LEN + 1], mafia[UUID_LEN + 1];
    (void)state;
    struct world *world = world_at(NIGHT);
    const struct room_viewer leader = {strcpy(god, id_of(GOD)), false, true},
                             member = {strcpy(mafia, id_of(MAFIA)), false, false};
    assert_int_equal(rooms_of(&world->game, &leader, world->now_ms, rooms), 1 + 1 + 4);
    assert_int_equal(rooms_of(&world->game, &member, world->now_ms, rooms), 1 + 1 + 1);
    assert_int_equal(rooms[1].kind, ROOM_SIDE);
    assert_string_equal(rooms[1].whose.text, id_of(SIDE_MAFIA));
    world_destroy(world);
}

static void an_id_has_one_form(void **state)
{
    struct room room;
    char text[256];
    static const char *const wrong[] = {"",
                                        "%s",
                                        "%s.",
                                        "%s.tables",
                                        "%s.Table",
                                        "%s.dead.",
                                        "%s.side",
                                        "%s.side.",
                                        "%s.side.citizen",
                                        "%s.god.%s ",
                                        "%sx.table",
                                        " %s.table",
                                        "%s.god.%s.table",
                                        "%s.table.%s"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(text, sizeof text, wrong[i], id_of(9999), id_of(7));
        assert_false(room_parse(&room, text));
    }
    for (int kind = 0; kind < ROOM_KINDS; kind++) {
        struct room wanted;
        room_named(&wanted, (enum room_kind)kind, kind == ROOM_SIDE || kind == ROOM_GOD ? 7 : 0);
        assert_true(room_parse(&room, room_id(&wanted).text));
        assert_int_equal(room.kind, kind);
        assert_string_equal(room.event_id.text, wanted.event_id.text);
        assert_string_equal(room.whose.text, wanted.whose.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_as_the_specification_says),
        cmocka_unit_test(there_is_no_table_before_anybody_came),
        cmocka_unit_test(a_silent_change_changes_no_room),
        cmocka_unit_test(only_spectators_are_late_and_only_in_a_running_game),
        cmocka_unit_test(history_reaches_as_far_as_the_terms_say),
        cmocka_unit_test(a_god_that_lost_the_level_or_a_dev_that_plays_leads_nothing),
        cmocka_unit_test(the_rooms_of_a_viewer_are_those_they_read),
        cmocka_unit_test(an_id_has_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
