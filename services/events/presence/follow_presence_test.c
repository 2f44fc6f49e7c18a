// Who is told of whom, by what the gateways know.
#include "services/events/testing/follow.h"

typedef const Events__EventPresence *presence;

// people, frozen: as JSON of what is known, or "".
struct known {
    const char *people, *frozen;
    uint64_t night_ms;
};

static follow_reply follow_presence(struct service_world *world, const struct asker *who, const char *after,
                                    const struct known *known)
{
    char more[2048];
    snprintf(more, sizeof more, ",'people':[%s],'frozen':[%s],'night_ms':'%llu'", known->people,
             known->frozen, (unsigned long long)known->night_ms);
    return follow_as(world, "events.FollowPresence", who, after, more);
}

static presence seen_by(struct service_world *world, const struct asker *who, const struct known *known)
{
    follow_reply reply = follow_presence(world, who, "", known);
    assert_int_equal(reply->views[0]->snapshot, 1);
    return reply->snapshots[0]->presence;
}

static int state_in(Events__Presence *const *list, size_t count, const char *user_id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->user->id, user_id) == 0) return list[i]->state;
    return -1;
}

static int state_of(presence seen, const struct asker *who)
{
    return state_in(seen->people, seen->n_people, who->user_id);
}

#define CONNECTED "'state':'CONNECTED'"
#define PLAYER "{'user_id':'$player'," CONNECTED "}"
#define OTHER "{'user_id':'$other'," CONNECTED "}"

static void the_table_sees_the_table(void **state)
{
    struct service_world *world = *state;
    const struct known known = {PLAYER ",{'user_id':'$god','state':'AWAY'},{'user_id':'$dev'," CONNECTED "}",
                                "", 0};
    open_dealt(world);
    service_remember(world, "other", other.user_id);
    service_remember(world, "god", god.user_id);
    service_remember(world, "dev", dev.user_id);
    presence seen = seen_by(world, &player, &known);
    assert_int_equal(seen->n_people, 3);
    assert_int_equal(state_of(seen, &player), EVENTS__PRESENCE__STATE__CONNECTED);
    assert_int_equal(state_of(seen, &other), EVENTS__PRESENCE__STATE__GONE);
    assert_int_equal(state_of(seen, &god), EVENTS__PRESENCE__STATE__AWAY);
    assert_null(seen->as_of);
    assert_int_equal(seen->n_others, 0);
    seen = seen_by(world, &god, &known);
    assert_int_equal(seen->n_others, 1);
    assert_int_equal(state_in(seen->others, 1, dev.user_id), EVENTS__PRESENCE__STATE__CONNECTED);
    assert_int_equal(follow_presence(world, &nobody, "", &known)->views[0]->place->key.len, 0);
}

static void what_is_the_same_is_told_once(void **state)
{
    struct service_world *world = *state;
    const struct known one = {PLAYER, "", 0}, none = {"", "", 0};
    open_dealt(world);
    follow_reply reply = follow_presence(world, &other, "", &one);
    struct cursor_text at = cursor_after(reply->views[0]);
    assert_int_equal(follow_presence(world, &other, at.text, &one)->views[0]->snapshot, 0);
    reply = follow_presence(world, &other, at.text, &none);
    assert_int_equal(reply->views[0]->snapshot, 1);
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__NONE);
    reply = follow_presence(world, &god, at.text, &one);
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__RIGHTS);
    reply = follow_presence(world, &other, "AAAAAAAA.1", &one);
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__EPOCH);
}

static void a_night_shows_how_it_began(void **state)
{
    struct service_world *world = *state;
    struct known known = {PLAYER, "", 0};
    open_dealt(world);
    service_remember(world, "other", other.user_id);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    follow_reply reply = follow_presence(world, &other, "", &known);
    uint64_t night_ms = reply->night_ms;
    assert_true(night_ms > 0);
    assert_int_equal(state_of(reply->snapshots[0]->presence, &player), EVENTS__PRESENCE__STATE__CONNECTED);
    struct cursor_text at = cursor_after(reply->views[0]);
    known = (struct known){OTHER, PLAYER, night_ms};
    reply = follow_presence(world, &other, at.text, &known);
    assert_int_equal(reply->views[0]->snapshot, 0); // though another one is there now
    presence leads = seen_by(world, &god, &known);
    assert_int_equal(state_of(leads, &player), EVENTS__PRESENCE__STATE__GONE);
    assert_int_equal(state_of(leads, &other), EVENTS__PRESENCE__STATE__CONNECTED);
    assert_null(leads->as_of);
    world->now_ms += 60000;
    known.night_ms = night_ms - 1; // nobody knows of this night
    presence seen = seen_by(world, &other, &known);
    assert_int_equal(state_of(seen, &player), EVENTS__PRESENCE__STATE__STATE_UNSPECIFIED);
    assert_int_equal(state_of(seen, &other), EVENTS__PRESENCE__STATE__STATE_UNSPECIFIED);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    reply = follow_presence(world, &other, "", &known);
    assert_int_equal(reply->night_ms, 0);
    assert_int_equal(state_of(reply->snapshots[0]->presence, &other), EVENTS__PRESENCE__STATE__CONNECTED);
}

// A deck of whom all meet, and a guest among them.
static void open_with_guest(struct service_world *world)
{
    const Events__DeckReply *deck =
        (const void *)service_must(
            world, &god, "events.CreateDeck",
            "{'group_id':'$group','name':'mafia','roles':[{'role_id':'$bomber','copies':3}]}")
            .reply;
    service_remember(world, "deck", deck->deck->id);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const Events__ReserveReply *guest =
        (const void *)service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'Anna'}").reply;
    service_remember(world, "guest", guest->reservation->user_id);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
}

static void claim_guest(struct service_world *world, const struct asker *who)
{
    const Events__ClaimTicketReply *reply =
        (const void *)service_must(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}")
            .reply;
    service_remember(world, "ticket", reply->ticket);
    service_must(world, who, "events.ClaimSeat", "{" EVENT ",'ticket':'$ticket'}");
}

static void who_took_over_a_guests_seat_is_there(void **state)
{
    struct service_world *world = *state;
    const struct known known = {PLAYER, "", 0};
    open_with_guest(world);
    const struct asker guest = {service_recall(world, "guest"), LEVEL_PLAYER};
    assert_int_equal(state_of(seen_by(world, &other, &known), &guest), EVENTS__PRESENCE__STATE__GONE);
    claim_guest(world, &player);
    presence seen = seen_by(world, &other, &known);
    assert_int_equal(state_of(seen, &guest), EVENTS__PRESENCE__STATE__CONNECTED);
    assert_int_equal(seen->n_side, 2);
    assert_int_equal(state_in(seen->side, seen->n_side, guest.user_id), EVENTS__PRESENCE__STATE__CONNECTED);
    seen = seen_by(world, &god, &known);
    assert_int_equal(state_of(seen, &guest), EVENTS__PRESENCE__STATE__CONNECTED);
    assert_int_equal(seen->n_others, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_table_sees_the_table),
        TEST(what_is_the_same_is_told_once),
        TEST(a_night_shows_how_it_began),
        TEST(who_took_over_a_guests_seat_is_there),
    };
    return cmocka_run_group_tests_name("follow_presence", tests, NULL, NULL);
}
