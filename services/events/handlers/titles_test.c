// Names in replies are those of now: of gods, groups, roles and sides; rows and entries keep ids alone.
#include "services/events/testing/table.h"

#define STRANGER "01890000-0000-7000-8000-000000000999"
static const struct asker stranger = {STRANGER, LEVEL_PLAYER};

static const ProtobufCMessage *must(struct service_world *world, const struct asker *asker,
                                    const char *method, const char *request)
{
    return service_travelled(world, service_must(world, asker, method, request).reply);
}

static const Events__Event *event_of(struct service_world *world, const struct asker *asker)
{
    return ((const Events__EventReply *)must(world, asker, "events.GetEvent", "{" EVENT "}"))->event;
}

static const Events__Event *listed(struct service_world *world)
{
    const Events__ListEventsReply *list = (const void *)must(world, &nobody, "events.ListEvents", "{}");
    assert_int_equal(list->n_events, 1);
    return list->events[0];
}

static void an_event_names_its_god_and_its_group(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    for (int in_list = 0; in_list < 2; in_list++) {
        const Events__Event *event = in_list ? listed(world) : event_of(world, &nobody);
        assert_string_equal(event->god->id, god.user_id);
        assert_string_equal(event->god->username, ""); // auth has not told of them
        assert_string_equal(event->group->id, service_recall(world, "group"));
        assert_string_equal(event->group->name, "Friday");
        assert_string_equal(event->group->image_url, "");
    }
    service_teach(world, god.user_id, "leader", LEVEL_GOD);
    service_must(world, &god, "events.UpdateGroup", "{'group_id':'$group','name':'Saturday'}");
    for (int in_list = 0; in_list < 2; in_list++) {
        const Events__Event *event = in_list ? listed(world) : event_of(world, &nobody);
        assert_string_equal(event->god->username, "leader");
        assert_string_equal(event->group->name, "Saturday");
    }
    const Events__GroupReply *group =
        (const void *)must(world, &nobody, "events.GetGroup", "{'group_id':'$group'}");
    assert_string_equal(group->group->god->username, "leader");
    const Events__ListGroupsReply *groups = (const void *)must(world, &nobody, "events.ListGroups", "{}");
    assert_string_equal(groups->groups[0]->god->username, "leader");
}

static void a_new_god_is_named_at_once(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const Events__EventReply *reply =
        (const void *)must(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    assert_string_equal(reply->event->god->id, second_god.user_id);
    assert_string_equal(reply->event->god->username, "second");
    assert_string_equal(event_of(world, &nobody)->god->username, "second");
    service_teach(world, "01890000-0000-7000-8000-000000000555", "second", LEVEL_PLAYER);
    assert_string_equal(event_of(world, &nobody)->god->username, "second~00000002"); // now another's
    assert_string_equal(listed(world)->god->username, "second~00000002");
}

static void a_group_s_image_is_shown_with_its_name(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_string_equal(event_of(world, &nobody)->group->image_url, "");
    service_must(
        world, &god, "events.PutGroupImage",
        "{'id':'$group','image':'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgG"
        "AWjR9awAAAABJRU5ErkJggg=='}");
    char path[64];
    snprintf(path, sizeof path, "/groups/%s/image", service_recall(world, "group"));
    assert_string_equal(event_of(world, &nobody)->group->image_url, path);
    assert_string_equal(listed(world)->group->image_url, path);
}

static void remember_role_of(struct service_world *world, const struct asker *asker)
{
    const Events__MeReply *me = (const void *)must(world, asker, "events.GetMyPlayer", "{" EVENT "}");
    service_remember(world, "role", me->player->role_id);
    service_remember(world, "side", me->player->side_id);
    assert_string_equal(me->player->role->id, me->player->role_id);
    assert_string_equal(me->player->role->name, me->role->name);
    assert_string_equal(me->player->role->name_fa, me->role->name_fa);
    assert_string_equal(me->player->side->name, me->side->name);
    assert_null(me->player->told_role);
    assert_int_equal(me->abilities_left, me->player->abilities_left);
    assert_true(me->abilities_left__case);
}

static const Events__Player *player_in(const Events__Event *event)
{
    for (size_t i = 0; i < event->n_players; i++)
        if (strcmp(event->players[i]->user_id, player.user_id) == 0) return event->players[i];
    fail_msg("no such player");
    return NULL;
}

static void titles_are_shown_where_the_ids_are(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    remember_role_of(world, &player);
    assert_null(player_in(event_of(world, &other))->role);
    assert_null(player_in(event_of(world, &nobody))->side);
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','role_id':'$hunter'}");
    const Events__Player *seen = player_in(event_of(world, &god));
    assert_string_equal(seen->role->id, service_recall(world, "hunter"));
    assert_string_equal(seen->told_role->id, service_recall(world, "role"));
    assert_string_equal(seen->told_side_id, service_recall(world, "side"));
    bool same_side = strcmp(seen->told_side_id, seen->side_id) == 0; // then it is named once
    assert_true(same_side ? !seen->told_side : seen->told_side && seen->told_side->name[0]);
    assert_true(seen->role->name[0] && seen->told_role->name[0]);
    seen = player_in(event_of(world, &player));
    assert_string_equal(seen->role->id, service_recall(world, "role"));
    assert_null(seen->told_role);
}

static const Events__PhaseReport *first_report(struct service_world *world, const struct asker *asker)
{
    return ((const Events__ListPhasesReply *)must(world, asker, "events.ListPhases", "{" EVENT "}"))
        ->phases[0];
}

// What is kept packed for everybody is made again.
static void the_catalogue_s_new_names_are_shown_at_once(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    remember_role_of(world, &player);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
    assert_true(player_in(event_of(world, &nobody))->role->name[0]);
    assert_true(first_report(world, &nobody)->players[0]->role->name[0]);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$role','name':'Renamed'}");
    service_must(world, &dev, "events.UpdateSide", "{'id':'$side','name':'Winners','name_fa':'x'}");
    const Events__Event *event = event_of(world, &nobody);
    assert_string_equal(player_in(event)->role->name, "Renamed");
    assert_string_equal(event->winning_sides[0]->name, "Winners");
    assert_string_equal(listed(world)->winning_sides[0]->name_fa, "x");
    const Events__PhaseReport *report = first_report(world, &nobody);
    for (size_t i = 0; i < report->n_players; i++)
        if (strcmp(report->players[i]->user_id, player.user_id) == 0)
            assert_string_equal(report->players[i]->role->name, "Renamed");
    char side_id[UUID_LEN + 1];
    strcpy(side_id, report->players[0]->side->id); // the next call takes the reply's memory
    assert_string_equal(first_report(world, &god)->players[0]->side->id, side_id);
}

static void a_deck_names_its_cards(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const Events__Deck *group_s =
        ((const Events__DeckReply *)must(world, &god, "events.GetDeck", "{'deck_id':'$deck'}"))->deck;
    assert_int_equal(group_s->n_cards, 2);
    assert_string_equal(group_s->cards[0]->name, "Spy");
    assert_true(group_s->cards[0]->name_fa[0]);
    assert_string_equal(group_s->cards[0]->side->id, group_s->cards[0]->side_id);
    assert_true(group_s->cards[0]->side->name[0]);
    const Events__Deck *of_event =
        ((const Events__EventDeckReply *)must(world, &nobody, "events.GetEventDeck", "{" EVENT "}"))->deck;
    assert_int_equal(of_event->n_cards, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(of_event->cards[i]->name[0] && of_event->cards[i]->side->name[0]);
}

static void what_is_stored_has_no_names(void **state)
{
    struct service_world *world = *state;
    Game__DeckRow *deck;
    Game__GroupRow *group;
    uint64_t version;
    struct err err;
    service_must(world, &god, "events.UpdateGroup", "{'group_id':'$group','description':'of friends'}");
    service_must(world, &god, "events.UpdateDeck", "{'deck_id':'$deck','name':'large'}");
    assert_true(store_get(world->events.store, &events_tables[EVENTS_DECKS], service_recall(world, "deck"),
                          &world->arena, (ProtobufCMessage **)&deck, &version, &err));
    assert_int_equal(deck->deck->n_cards, 0);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_GROUPS], service_recall(world, "group"),
                          &world->arena, (ProtobufCMessage **)&group, &version, &err));
    assert_null(group->group->god);
}

static void one_s_own_reservation_is_shown_to_oneself(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &stranger, "events.Reserve", "{" EVENT "}");
    const Events__Reservation *own = event_of(world, &other)->my_reservation;
    assert_int_equal(own->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    assert_int_equal(own->position, 2);
    own = event_of(world, &stranger)->my_reservation;
    assert_int_equal(own->state, EVENTS__RESERVATION__STATE__WAITLISTED);
    assert_int_equal(own->position, 1);
    assert_null(event_of(world, &god)->my_reservation);
    assert_null(event_of(world, &nobody)->my_reservation);
    assert_null(listed(world)->my_reservation);
    service_must(world, &other, "events.CancelReservation", "{" EVENT ",'user_id':'$other'}");
    assert_null(event_of(world, &other)->my_reservation);
    assert_int_equal(event_of(world, &stranger)->my_reservation->position, 2);
}

// ---- Late spectators

static uint8_t *late_replies(struct service_world *world, const struct asker *asker, size_t *len)
{
    static const char *const questions[] = {"events.GetEvent", "events.ListPhases", "events.ListNotes",
                                            "events.ListPolls", "events.ReadLog"};
    uint8_t *bytes = NULL;
    *len = 0;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct answer answer = service_ask(world, asker, questions[i], "{" EVENT "}");
        if (!answer.ok) continue;
        size_t more = protobuf_c_message_get_packed_size(answer.reply);
        uint8_t *bigger = realloc(bytes, *len + more + 1);
        assert_non_null(bigger);
        bytes = bigger;
        protobuf_c_message_pack(answer.reply, bytes + *len);
        *len += more;
    }
    return bytes;
}

static void assert_unmoved_by(struct service_world *world, const char *method, const char *request)
{
    const struct asker *const late[] = {&nobody, &stranger, &second_god};
    uint8_t *before[3];
    size_t lens[3], len;
    for (size_t i = 0; i < 3; i++) before[i] = late_replies(world, late[i], &lens[i]);
    const ProtobufCMessage *reply = service_must(world, &god, method, request).reply;
    if (reply->descriptor == &events__poll_reply__descriptor)
        service_remember(world, "poll", ((const Events__PollReply *)reply)->poll->id);
    for (size_t i = 0; i < 3; i++) {
        uint8_t *after = late_replies(world, late[i], &len);
        assert_int_equal(len, lens[i]);
        assert_memory_equal(before[i], after, len);
        free(before[i]), free(after);
    }
}

static void late_spectators_learn_nothing_new_before_its_time(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'600s'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_wait(world, 1000000);
    assert_unmoved_by(world, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}");
    assert_unmoved_by(world, "events.AddNote",
                      "{" EVENT ",'user_id':'$player','audience':'SIDE','text':'wake'}");
    assert_unmoved_by(world, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEAD'}");
    assert_unmoved_by(world, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}");
    assert_string_equal(event_of(world, &player)->poll_id, "");
    service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}");
    assert_true(event_of(world, &player)->poll_id[0]);
    assert_string_equal(event_of(world, &nobody)->poll_id, "");
    service_wait(world, 700000);
    assert_true(event_of(world, &nobody)->poll_id[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_names_its_god_and_its_group),
        TEST(a_new_god_is_named_at_once),
        TEST(a_group_s_image_is_shown_with_its_name),
        TEST(titles_are_shown_where_the_ids_are),
        TEST(the_catalogue_s_new_names_are_shown_at_once),
        TEST(a_deck_names_its_cards),
        TEST(what_is_stored_has_no_names),
        TEST(one_s_own_reservation_is_shown_to_oneself),
        TEST(late_spectators_learn_nothing_new_before_its_time),
    };
    return cmocka_run_group_tests_name("titles", tests, NULL, NULL);
}
