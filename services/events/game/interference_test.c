// Two games that differ only in which of two players has which role: a viewer that may not know it sees the
// same bytes. Clock and randomness are given; only hashes that commit to the hidden part differ, and those
// not in length.
#include "services/events/game/undo.h"
#include "services/events/testing/game.h"

enum { A = USER, B = USER + 1, VIEWER = USER + 2, ASSISTANT = USER + 9 };

// Finds secrets under which the viewer gets the wanted role and A's is the other of the two left.
static struct world *deal_by(Events__RevealOnDeath__Value reveal, unsigned viewer_role, unsigned a_role)
{
    for (unsigned attempt = 0;; attempt++) {
        struct world *world = world_create();
        Game__Terms terms = world_terms(3);
        terms.reveal_on_death = reveal;
        for (int i = 0; i < DEAL_SECRETS; i++)
            memset(world->secrets.first[i], (int)(attempt * 7 + 13), DEAL_HASH),
                world->secrets.first[i][0] = (uint8_t)i;
        world_open(world, (struct world_deck){3, 1}, &terms);
        for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, true));
        assert_true(DO(world, GOD, lock));
        assert_true(DO(world, GOD, reveal, world_secrets(world)));
        if (world_person(world, VIEWER)->role == viewer_role && world_person(world, A)->role == a_role)
            return world;
        world_destroy(world);
    }
}

static struct world *deal_until(unsigned viewer_role, unsigned a_role)
{
    return deal_by(EVENTS__REVEAL_ON_DEATH__VALUE__NONE, viewer_role, a_role);
}

static void note(struct world *world, unsigned user, Events__Note__Audience audience)
{
    Events__NoteRequest request = EVENTS__NOTE_REQUEST__INIT;
    char id[UUID_LEN + 1];
    request.user_id = strcpy(id, id_of(user));
    request.text = "a word";
    request.audience = audience;
    assert_true(DO(world, GOD, note, &request));
}

static void undo_newest_act(struct world *world)
{
    assert_true(DO(world, GOD, undo, undo_newest(&world->game)->seq));
}

static void note_table(struct world *world, Events__Note__Audience audience)
{
    Events__TableNoteRequest request = EVENTS__TABLE_NOTE_REQUEST__INIT;
    request.text = "a word to all";
    request.audience = audience;
    assert_true(DO(world, GOD, table_note, &request));
}

static void set_clock(struct world *world, unsigned user)
{
    Events__ClockRequest clock = EVENTS__CLOCK_REQUEST__INIT;
    char id[UUID_LEN + 1];
    clock.seconds = 90;
    clock.user_id = strcpy(id, id_of(user));
    assert_true(DO(world, GOD, set_clock, &clock));
}

// The same commands in both games, hidden ones among them.
static void play(struct world *world)
{
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    note(world, A, EVENTS__NOTE__AUDIENCE__PLAYER);
    note(world, B, EVENTS__NOTE__AUDIENCE__GOD);
    assert_true(DO(world, GOD, status, id_of(A), EVENTS__STATUS__VALUE__PRO_KILLED_9_PHASES));
    assert_true(DO(world, GOD, status, id_of(B), EVENTS__STATUS__VALUE__DISABLED_3_PHASES));
    assert_true(DO(world, GOD, chain, id_of(A), id_of(B)));
    undo_newest_act(world);
    assert_true(DO(world, GOD, chain, id_of(A), id_of(B)));
    assert_true(DO(world, GOD, status, id_of(VIEWER), EVENTS__STATUS__VALUE__DEAD));
    undo_newest_act(world);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, A, id_of(B)));
    assert_true(world_cast(world, VIEWER, id_of(A)));
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    assert_true(DO(world, GOD, score, id_of(B), 77));
    assert_true(DO(world, GOD, foul, id_of(A)));
    assert_true(DO(world, GOD, add_assistant, id_of(ASSISTANT), "assistant"));
    note_table(world, EVENTS__NOTE__AUDIENCE__TABLE);
    note_table(world, EVENTS__NOTE__AUDIENCE__DEAD);
    note_table(world, EVENTS__NOTE__AUDIENCE__GOD);
    set_clock(world, A);
    assert_true(DO(world, GOD, ask_ready, 60));
    assert_true(DO(world, A, say_ready, id_of(A)));
    assert_true(DO(world, GOD, foul, id_of(VIEWER)));
    assert_true(DO(world, GOD, status, id_of(B), EVENTS__STATUS__VALUE__SILENT_2_PHASES));
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_true(world_open_poll(world, true));
    assert_true(world_cast(world, A, "NONE"));
    assert_true(DO(world, GOD, close_phase));
}

// All pages, small ones, so that where they end is compared too.
static void add_phases(struct bytes *bytes, struct world *world, const struct viewer *viewer)
{
    for (struct view_page page = {1, 20, 400, 0, NULL}; page.first; page.first = page.next) {
        Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
        assert_true(view_phases(&world->game, viewer, &page, &phases, &world->arena));
        phases.next_page_token = arena_printf(&world->arena, "%d", page.next);
        bytes_add(bytes, &phases.base);
    }
}

static void add_notes(struct bytes *bytes, struct world *world, const struct viewer *viewer)
{
    for (struct view_page page = {1, 1, 400, 0, NULL}; page.first; page.first = page.next) {
        Events__ListNotesReply notes = EVENTS__LIST_NOTES_REPLY__INIT;
        assert_true(view_notes_page(&world->game, viewer, &page, &notes, &world->arena));
        notes.next_page_token =
            arena_printf(&world->arena, "%d of %zu", page.next, view_notes_count(&world->game, viewer));
        bytes_add(bytes, &notes.base);
    }
}

static void add_polls(struct bytes *bytes, struct world *world, const struct viewer *viewer)
{
    for (struct view_page page = {1, 20, 400, 0, NULL}; page.first; page.first = page.next) {
        Events__ListPollsReply polls = EVENTS__LIST_POLLS_REPLY__INIT;
        assert_true(view_polls(&world->game, viewer, &page, &polls, &world->arena));
        polls.next_page_token = arena_printf(&world->arena, "%d", page.next);
        bytes_add(bytes, &polls.base);
    }
    for (size_t i = 0; i < world->game.polls_count; i++)
        bytes_add(bytes, &view_poll(&world->game, viewer, &world->game.polls[i], &world->arena)->base);
}

// Every reply the viewer can ask for, one behind the other.
static struct bytes replies(struct world *world, const char *user_id)
{
    struct bytes bytes = {NULL, 0};
    struct game *game = &world->game;
    struct viewer viewer = view_as(game, user_id, false);
    Events__MeReply me = EVENTS__ME_REPLY__INIT;
    arena_reset(&world->arena);
    bytes_add(&bytes, &view_event(game, &viewer, user_id, &world->arena)->base);
    bytes_add(&bytes, &view_deck(game, &world->arena)->base);
    add_phases(&bytes, world, &viewer);
    add_polls(&bytes, world, &viewer);
    add_notes(&bytes, world, &viewer);
    if (viewer.person == GAME_NO_ONE) return bytes;
    if (game_takes_part(game, viewer.person))
        bytes_add(&bytes, &view_reservation(game, user_id, &world->arena)->base);
    me.player = view_player(game, &viewer, viewer.person, &world->arena);
    assert_true(view_notes(game, &viewer, &me, &world->arena));
    bytes_add(&bytes, &me.base);
    return bytes;
}

static void blank(ProtobufCBinaryData *hash) { memset(hash->data, 0, hash->len); }

// What commits to the hidden part is blanked, its length stays.
static void blank_hashes(Game__Entry *entry)
{
    if (entry->body_case == GAME__ENTRY__BODY_OPENED)
        for (size_t i = 0; i < entry->opened->n_commitments; i++) blank(&entry->opened->commitments[i]);
    if (entry->body_case == GAME__ENTRY__BODY_REVEALED) blank(&entry->revealed->root);
    if (entry->body_case != GAME__ENTRY__BODY_CARD_DEALT) return;
    blank(&entry->card_dealt->salt);
    for (size_t i = 0; i < entry->card_dealt->n_siblings; i++) blank(&entry->card_dealt->siblings[i]);
}

// The viewer's log: indexes, salts and entries; the topics carry the same.
static struct bytes log_of(struct world *world, const char *user_id)
{
    struct bytes bytes = {NULL, 0};
    static struct log_place places[1000];
    uint64_t next;
    struct viewer viewer = view_as(&world->game, user_id, false);
    size_t count = log_index_find(&world->game.log, &viewer, 1, world->game.chain.seq, places, 1000, &next);
    for (size_t i = 0; i < count; i++) {
        size_t at = places[i].seq - 1;
        Game__Entry *entry = game__entry__unpack(NULL, world->kept[at].len, world->kept[at].entry);
        Game__Link link = GAME__LINK__INIT;
        blank_hashes(entry);
        assert_int_equal(game__entry__get_packed_size(entry), world->kept[at].len);
        link.salt = (ProtobufCBinaryData){HASH_CHAIN_SALT, world->kept[at].salt};
        bytes_add(&bytes, &link.base);
        bytes_add(&bytes, &entry->base);
        game__entry__free_unpacked(entry, NULL);
    }
    return bytes;
}

static void assert_equal_bytes(struct bytes a, struct bytes b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    free(a.data);
    free(b.data);
}

static void assert_same_to(struct world *one, struct world *two, const char *user_id)
{
    assert_equal_bytes(replies(one, user_id), replies(two, user_id));
    assert_equal_bytes(log_of(one, user_id), log_of(two, user_id));
    struct viewer first = view_as(&one->game, user_id, false), second = view_as(&two->game, user_id, false);
    assert_int_equal(first.god, second.god); // what a reply of the log says of its reader
    assert_int_equal(first.all, second.all);
    assert_int_equal(view_act(&one->game, &first), view_act(&two->game, &second));
    assert_int_equal(one->game.log.public_count, two->game.log.public_count);
}

static void others_learn_nothing_of_a_role(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 3);
    assert_int_not_equal(world_person(one, A)->role, world_person(two, A)->role);
    assert_same_to(one, two, id_of(VIEWER));
    assert_same_to(one, two, "");
    play(one);
    play(two);
    assert_same_to(one, two, id_of(VIEWER));
    assert_same_to(one, two, id_of(OTHER_GOD));
    assert_same_to(one, two, "");
    world_destroy(one);
    world_destroy(two);
}

// The test must be able to fail: the god sees the difference, and so does the role's player.
static void the_god_and_the_owner_see_it(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 3);
    const unsigned knowing[] = {GOD, A, B};
    for (size_t i = 0; i < 3; i++) {
        struct bytes a = replies(one, id_of(knowing[i])), b = replies(two, id_of(knowing[i]));
        assert_true(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
        free(a.data);
        free(b.data);
    }
    world_destroy(one);
    world_destroy(two);
}

static void change_silently(struct world *world, unsigned role, unsigned side)
{
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(role));
    facts.side_id = strcpy(side_id, id_of(side));
    facts.abilities = (int32_t)(role % 10);
    assert_true(DO(world, GOD, change, id_of(A), &facts, NULL));
}

static void use(struct world *world, unsigned user)
{
    Events__UseAbilityRequest request = EVENTS__USE_ABILITY_REQUEST__INIT;
    char id[UUID_LEN + 1];
    request.user_id = strcpy(id, id_of(user));
    request.target_id = "";
    assert_true(DO(world, GOD, use_ability, &request));
}

// A change that was not told, and the uses of the new role: not even the changed player sees it, and notes to
// a side do not reveal it.
static void an_untold_change_is_seen_by_nobody(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 2);
    assert_true(DO(one, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_true(DO(two, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    change_silently(one, ROLE + 5, SIDE_CITIZEN);
    change_silently(two, ROLE + 6, SIDE_MAFIA);
    note(one, VIEWER, EVENTS__NOTE__AUDIENCE__SIDE);
    note(two, VIEWER, EVENTS__NOTE__AUDIENCE__SIDE);
    use(one, A);
    const char *const eyes[] = {"", id_of(A), id_of(B), id_of(VIEWER)};
    for (size_t i = 0; i < 4; i++) assert_same_to(one, two, eyes[i]);
    world_destroy(one);
    world_destroy(two);
}

static void hide_acts(struct world *world)
{
    char user_id[UUID_LEN + 1];
    const struct banned banned = {strcpy(user_id, id_of(USER + 7)), "name", "a reason", "user_id"};
    assert_true(DO(world, GOD, status, id_of(A), EVENTS__STATUS__VALUE__DISABLED));
    undo_newest_act(world);
    assert_true(DO(world, GOD, chain, id_of(A), id_of(B)));
    undo_newest_act(world);
    change_silently(world, ROLE + 5, SIDE_MAFIA);
    use(world, A);
    undo_newest_act(world);
    undo_newest_act(world);
    note(world, A, EVENTS__NOTE__AUDIENCE__PLAYER);
    undo_newest_act(world);
    note_table(world, EVENTS__NOTE__AUDIENCE__DEAD);
    note_table(world, EVENTS__NOTE__AUDIENCE__GOD);
    undo_newest_act(world);
    assert_true(DO(world, GOD, score, id_of(B), 3));
    assert_true(DO(world, GOD, attendance, id_of(A), EVENTS__ATTENDANCE__VALUE__LATE));
    undo_newest_act(world);
    assert_true(DO(world, GOD, ban, &banned, NULL));
    assert_true(DO(world, GOD, unban, banned.user_id));
}

// In one game alone, also while a poll is open, and whatever comes after them.
static void hidden_acts_taken_back_or_not_are_seen_by_nobody(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 2), *worlds[] = {one, two};
    const unsigned eyes[] = {USER + 8, B, VIEWER, OTHER_GOD};
    for (size_t i = 0; i < 2; i++) {
        assert_true(DO(worlds[i], GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
        assert_true(world_open_poll(worlds[i], false));
        assert_true(world_cast(worlds[i], A, id_of(VIEWER)));
    }
    hide_acts(one);
    two->drawn = one->drawn; // salts of what follows
    for (size_t i = 0; i < 4; i++) assert_same_to(one, two, id_of(eyes[i]));
    for (size_t i = 0; i < 2; i++) {
        note_table(worlds[i], EVENTS__NOTE__AUDIENCE__TABLE);
        assert_true(world_close_poll(worlds[i]));
        assert_true(DO(worlds[i], GOD, close_phase));
    }
    for (size_t i = 0; i < 4; i++) assert_same_to(one, two, id_of(eyes[i]));
    world_destroy(one);
    world_destroy(two);
}

// Who waited for a seat and left is known to the god and themselves.
static void who_came_before_is_counted_by_nobody(void **state)
{
    (void)state;
    struct world *worlds[] = {world_create(), world_create()};
    Game__Terms terms = world_terms(1);
    for (size_t i = 0; i < 2; i++) {
        terms.max_players = 1;
        world_open(worlds[i], (struct world_deck){3, 1}, &terms);
        assert_true(world_reserve(worlds[i], A, false));
        if (i) assert_true(world_reserve(worlds[i], B, false));
        if (i) assert_true(DO(worlds[i], B, leave, id_of(B), NULL));
        worlds[i]->drawn = 1000;
        terms.max_players = 2;
        assert_true(DO(worlds[i], GOD, edit, &terms));
        assert_true(world_reserve(worlds[i], VIEWER, true));
    }
    const char *const eyes[] = {"", id_of(A), id_of(VIEWER)};
    for (size_t i = 0; i < 3; i++) assert_same_to(worlds[0], worlds[1], eyes[i]);
    for (size_t i = 0; i < 2; i++) world_destroy(worlds[i]);
}

// A death that tells the side tells no more: not the role that was dealt, nor one that was given in silence.
static void an_opened_side_tells_no_role(void **state)
{
    (void)state;
    const Events__RevealOnDeath__Value side = EVENTS__REVEAL_ON_DEATH__VALUE__SIDE;
    struct world *one = deal_by(side, 1, 2), *two = deal_by(side, 1, 2), *worlds[] = {one, two};
    for (size_t i = 0; i < 2; i++) {
        assert_true(DO(worlds[i], GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
        change_silently(worlds[i], ROLE + 5 + (unsigned)i, SIDE_CITIZEN);
        assert_true(DO(worlds[i], GOD, status, id_of(A), EVENTS__STATUS__VALUE__DEAD));
        assert_int_equal(world_kinds(worlds[i], GAME__ENTRY__BODY_CARD_OPENED), 1);
        assert_true(DO(worlds[i], GOD, close_phase));
    }
    const char *const eyes[] = {"", id_of(A), id_of(B), id_of(VIEWER)};
    for (size_t i = 0; i < 4; i++) assert_same_to(one, two, eyes[i]);
    world_destroy(one);
    world_destroy(two);
}

// Neither the result of a poll nor anything told of it shows that a voter was disabled meanwhile.
static void a_poll_tells_nothing_of_who_was_disabled(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 2), *worlds[] = {one, two};
    static const Events__Status__Value hidden[] = {EVENTS__STATUS__VALUE__DISABLED,
                                                   EVENTS__STATUS__VALUE__CHAINED};
    for (size_t i = 0; i < 2; i++) {
        assert_true(DO(worlds[i], GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
        assert_true(world_open_poll(worlds[i], false));
        assert_true(world_cast(worlds[i], B, id_of(VIEWER)));
        assert_true(DO(worlds[i], GOD, status, id_of(B), hidden[i]));
        assert_true(DO(worlds[i], GOD, status, id_of(A), hidden[1 - i]));
    }
    const char *const eyes[] = {"", id_of(VIEWER), id_of(OTHER_GOD)};
    for (size_t i = 0; i < 3; i++) assert_same_to(one, two, eyes[i]);
    for (size_t i = 0; i < 2; i++) assert_true(world_close_poll(worlds[i]));
    for (size_t i = 0; i < 3; i++) assert_same_to(one, two, eyes[i]);
    world_destroy(one);
    world_destroy(two);
}

// Whom the god keeps out, who came and who saw their card is known to the god, and to that person.
static void others_learn_nothing_of_bans_and_who_came(void **state)
{
    (void)state;
    struct world *one = deal_until(1, 2), *two = deal_until(1, 2), *worlds[] = {one, two};
    for (unsigned i = 0; i < 2; i++) {
        char user_id[UUID_LEN + 1];
        const struct banned banned = {strcpy(user_id, id_of(i ? B : VIEWER)), "name", "a reason", "user_id"};
        assert_true(DO(worlds[i], GOD, ban, &banned, NULL));
        assert_true(DO(worlds[i], GOD, attendance, id_of(i ? A : B),
                       i ? EVENTS__ATTENDANCE__VALUE__LATE : EVENTS__ATTENDANCE__VALUE__ABSENT));
        assert_true(DO(worlds[i], GOD, show_card, id_of(i ? A : B)));
    }
    const char *const eyes[] = {"", id_of(VIEWER)};
    for (size_t i = 0; i < 2; i++) assert_same_to(one, two, eyes[i]);
    world_destroy(one);
    world_destroy(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_learn_nothing_of_a_role),
        cmocka_unit_test(the_god_and_the_owner_see_it),
        cmocka_unit_test(an_untold_change_is_seen_by_nobody),
        cmocka_unit_test(hidden_acts_taken_back_or_not_are_seen_by_nobody),
        cmocka_unit_test(who_came_before_is_counted_by_nobody),
        cmocka_unit_test(an_opened_side_tells_no_role),
        cmocka_unit_test(others_learn_nothing_of_bans_and_who_came),
        cmocka_unit_test(a_poll_tells_nothing_of_who_was_disabled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
