// Guests' seats that accounts take over: a person with two ids.
#include "lib/base/reason.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"
#include "services/events/topics/finished.h"

#define REASON(name) CONSE__REASON__VALUE__##name
#define TICKET "{" EVENT ",'ticket':'$ticket'}"

static const struct asker third = {"01890000-0000-7000-8000-000000000102", LEVEL_PLAYER};

static const Events__Event *event_for(struct service_world *world, const struct asker *who)
{
    struct answer answer = service_must(world, who, "events.GetEvent", "{" EVENT "}");
    return ((const Events__EventReply *)service_travelled(world, answer.reply))->event;
}

// Two seats: a guest's and that of `other`. `player` and the third have accounts and no seat.
static void open_with_guest(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_remember(world, "third", third.user_id);
    service_teach(world, player.user_id, "mira", LEVEL_PLAYER);
    service_teach(world, other.user_id, "lena", LEVEL_PLAYER);
    const Events__ReserveReply *guest =
        (const void *)service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'Anna'}").reply;
    service_remember(world, "guest", guest->reservation->user_id);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
}

static void take_ticket(struct service_world *world)
{
    const Events__ClaimTicketReply *reply =
        (const void *)service_must(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}")
            .reply;
    service_remember(world, "ticket", reply->ticket);
    assert_non_null(strstr(reply->url, "https://conse.example/?event="));
    assert_non_null(strstr(reply->url, reply->ticket));
    assert_int_equal(strncmp(reply->svg, "<svg", 4), 0);
}

static void claim(struct service_world *world, const struct asker *who)
{
    take_ticket(world);
    service_must(world, who, "events.ClaimSeat", TICKET);
}

static void deal(struct service_world *world)
{
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
}

static void an_account_takes_over_a_guests_seat(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    take_ticket(world);
    assert_refuses(world, &player, "events.GetMyPlayer", "{" EVENT "}", REASON(NOT_FOUND));
    const Events__ReserveReply *reply =
        (const void *)service_must(world, &player, "events.ClaimSeat", TICKET).reply;
    assert_int_equal(reply->reservation->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    assert_int_equal(reply->reservation->position, 1);
    const Events__Player *seen = event_for(world, &nobody)->players[0];
    assert_string_equal(seen->user_id, service_recall(world, "guest"));
    assert_string_equal(seen->account_id, player.user_id);
    assert_string_equal(seen->username, "mira");
    assert_false(seen->guest);
    const Events__MeReply *me =
        (const void *)service_must(world, &player, "events.GetMyPlayer", "{" EVENT "}").reply;
    assert_non_null(me->role);
    assert_non_null(me->proof);
    assert_string_equal(me->player->user_id, service_recall(world, "guest"));
}

// What the guest was told is theirs now; others see that the seat was taken over, and no more.
static void who_takes_over_reads_what_the_guest_was_told(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$guest','audience':'PLAYER','text':'a'}");
    const Events__LogReply *before =
        (const void *)service_must(world, &player, "events.ReadLog", "{" EVENT "}").reply;
    size_t everybodys = before->n_entries;
    char epoch[32];
    snprintf(epoch, sizeof epoch, "%s", before->epoch);
    claim(world, &player);
    const Events__LogReply *log =
        (const void *)service_must(world, &player, "events.ReadLog", "{" EVENT "}").reply;
    assert_string_not_equal(log->epoch, epoch);           // so it is read from the first entry again
    assert_int_equal(log->n_entries, everybodys + 1 + 2); // the claim; a card and a note
    assert_string_equal(log->entries[log->n_entries - 2]->kind, "NOTED");
    assert_string_equal(log->entries[log->n_entries - 1]->kind, "GUEST_CLAIMED");
    log = (const void *)service_must(world, &third, "events.ReadLog", "{" EVENT "}").reply;
    assert_int_equal(log->n_entries, everybodys + 1);
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    log = (const void *)service_must(world, &player, "events.ReadLog", "{" EVENT "}").reply;
    assert_int_equal(log->n_entries, everybodys + 2);
}

// Who came and left before is another person now.
static void who_was_here_before_may_take_over(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}"); // waits
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    claim(world, &player);
    deal(world);
    const Events__MeReply *me =
        (const void *)service_must(world, &player, "events.GetMyPlayer", "{" EVENT "}").reply;
    assert_string_equal(me->player->user_id, service_recall(world, "guest"));
    assert_non_null(me->role);
}

static void a_ticket_is_one_accounts_and_then_nobody_elses(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    uint64_t act = event_for(world, &god)->act;
    const Events__ReserveReply *again =
        (const void *)service_must(world, &player, "events.ClaimSeat", TICKET).reply;
    assert_int_equal(again->reservation->position, 1);
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(SEAT_CLAIMED));
    assert_refuses(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}",
                   REASON(SEAT_CLAIMED));
    assert_refuses(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$other'}",
                   REASON(NOT_A_GUEST));
    assert_int_equal(event_for(world, &god)->act, act); // a claim is no act of the god's
}

static void not_everybody_may_claim(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    take_ticket(world);
    assert_refuses(world, &other, "events.ClaimSeat", TICKET, REASON(TAKES_PART));
    assert_refuses(world, &god, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &dev, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &player, "events.ClaimSeat", "{" EVENT ",'ticket':'AAAA'}", REASON(NOT_FOUND));
    assert_refuses(world, &player, "events.ClaimSeat", "{" EVENT "}", REASON(INVALID_FIELD));
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player'}");
    assert_refuses(world, &player, "events.ClaimSeat", TICKET, REASON(BANNED));
    service_must(world, &third, "events.Reserve", "{" EVENT "}"); // and waits
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(TAKES_PART));
    service_must(world, &third, "events.CancelReservation", "{" EVENT ",'user_id':'$third'}");
    world->now_ms += 16 * MINUTE;
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(NOT_FOUND));
    take_ticket(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(EVENT_OVER));
}

// Who led the event after the deal has seen the cards.
static void who_saw_the_cards_takes_over_none(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    take_ticket(world);
    service_must(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    assert_refuses(world, &god, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &second_god, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    service_must(world, &player, "events.ClaimSeat", TICKET);
    service_must(world, &second_god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$player'}"); // a wrong one
    assert_true(event_for(world, &nobody)->players[0]->guest);
    assert_string_equal(event_for(world, &nobody)->players[0]->username, "Anna");
    assert_string_equal(event_for(world, &nobody)->players[0]->account_id, "");
    assert_refuses(world, &player, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &player, "events.GetMyPlayer", "{" EVENT "}", REASON(NOT_FOUND));
    service_must(world, &second_god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    assert_refuses(world, &second_god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$other'}",
                   REASON(NOT_A_GUEST));
    service_must(world, &third, "events.ClaimSeat", TICKET);
    assert_string_equal(event_for(world, &nobody)->players[0]->account_id, third.user_id);
}

static void who_assisted_after_the_deal_takes_over_none(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    service_teach(world, third.user_id, "omid", LEVEL_PLAYER);
    service_must(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$third'}");
    service_must(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$player'}");
    take_ticket(world);
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    service_must(world, &god, "events.RemoveAssistant", "{" EVENT ",'user_id':'$player'}"); // before the deal
    deal(world);
    service_must(world, &god, "events.RemoveAssistant", "{" EVENT ",'user_id':'$third'}");
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(GOD_MAY_NOT_PLAY));
    service_must(world, &player, "events.ClaimSeat", TICKET);
    assert_refuses(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$guest'}",
                   REASON(GOD_MAY_NOT_PLAY));
}

// The god may name them by either id, and they themselves by their account.
static void both_ids_name_the_same_player(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    deal(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'a'}");
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$guest','audience':'PLAYER','text':'b'}");
    const Events__MeReply *me =
        (const void *)service_must(world, &player, "events.GetMyPlayer", "{" EVENT "}").reply;
    assert_int_equal(me->n_notes, 2);
    service_must(world, &god, "events.ChainPlayer", "{" EVENT ",'user_id':'$other','to_id':'$player'}");
    const Events__PollReply *poll =
        (const void *)service_must(
            world, &god, "events.OpenPoll",
            "{" EVENT
            ",'kind':'TRIAL','candidates':['$player','$other'],'weights':[{'user_id':'$player','weight':3}]}")
            .reply;
    service_remember(world, "poll", poll->poll->id);
    assert_string_equal(poll->poll->candidates[0], service_recall(world, "guest"));
    service_must(world, &player, "events.CastBallot",
                 "{" EVENT ",'poll_id':'$poll','candidate_id':'$other'}");
    service_must(world, &other, "events.CastBallot",
                 "{" EVENT ",'poll_id':'$poll','candidate_id':'$player'}");
    poll = (const void *)service_must(world, &god, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}").reply;
    assert_int_equal(poll->poll->n_ballots, 2);
    for (size_t i = 0; i < poll->poll->n_counts; i++) {
        bool theirs = strcmp(poll->poll->counts[i]->candidate_id, other.user_id) == 0;
        assert_int_equal(poll->poll->counts[i]->weight, theirs ? 3 : 1);
        if (!theirs) assert_string_equal(poll->poll->counts[i]->candidate_id, service_recall(world, "guest"));
    }
    service_must(world, &god, "events.SetAttendance", "{" EVENT ",'user_id':'$player','attendance':'LATE'}");
    assert_refuses(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$player'}",
                   REASON(GOD_MAY_NOT_PLAY));
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$guest'}");
    service_must(world, &god, "events.UnbanUser", "{" EVENT ",'user_id':'$player'}");
}

// The next one, who may be the god's own puppet, would read what was nobody else's to know.
static void a_seat_whose_holder_voted_is_taken_over_no_more(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    deal(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    const Events__PollReply *poll =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL','secret':true}")
            .reply;
    service_remember(world, "poll", poll->poll->id);
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    claim(world, &third); // the one before did nothing
    service_must(world, &third, "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$other'}");
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    service_teach(world, "01890000-0000-7000-8000-000000000103", "puppet", LEVEL_PLAYER);
    const struct asker puppet = {"01890000-0000-7000-8000-000000000103", LEVEL_PLAYER};
    assert_refuses(world, &puppet, "events.ClaimSeat", TICKET, REASON(SEAT_CLAIMED));
    assert_refuses(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}",
                   REASON(SEAT_CLAIMED));
}

static void nor_is_one_whose_holder_gave_a_nonce(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(SEAT_CLAIMED));
}

// It is the answer of one who has a seat already.
static void a_nonce_is_given_after_the_claim(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    for (int i = 0; i < 2; i++) {
        const Events__ReserveReply *reply =
            (const void *)service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}").reply;
        assert_true(reply->existing);
        assert_int_equal(reply->reservation->position, 1);
    }
    deal(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    const Events__DealReply *deal =
        (const void *)service_must(world, &nobody, "events.GetDeal", "{" EVENT "}").reply;
    assert_string_equal(deal->deal->opened->nonces[0]->user_id, service_recall(world, "guest"));
    assert_int_equal(deal->deal->opened->nonces[0]->nonce.len, 32);
    assert_int_equal(deal->deal->opened->nonces[1]->nonce.len, 0);
}

// The account has no seat when it has left, and is a person of its own when it comes again.
static void who_leaves_comes_again_as_themselves(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    claim(world, &player);
    const Events__ReserveReply *has =
        (const void *)service_must(world, &player, "events.Reserve", "{" EVENT "}").reply;
    assert_true(has->existing);
    uint64_t act = event_for(world, &god)->act;
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(event_for(world, &god)->act, act); // their own step
    assert_int_equal(event_for(world, &nobody)->n_players, 1);
    assert_refuses(world, &player, "events.ClaimSeat", TICKET, REASON(NOT_FOUND));
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    const Events__Player *seen = event_for(world, &nobody)->players[0];
    assert_string_equal(seen->user_id, player.user_id);
    assert_string_equal(seen->account_id, player.user_id);
    deal(world);
    service_must(world, &player, "events.GetMyPlayer", "{" EVENT "}");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
}

static size_t games_of(struct service_world *world, const char *name)
{
    char request[128];
    snprintf(request, sizeof request, "{'player_id':'$%s'}", name);
    return ((const Events__ListEventsReply *)service_must(world, &nobody, "events.ListEvents", request).reply)
        ->n_events;
}

static void lists_have_the_game_with_the_account(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    assert_int_equal(games_of(world, "guest"), 1);
    claim(world, &player);
    assert_int_equal(games_of(world, "guest"), 0);
    assert_int_equal(games_of(world, "player"), 1);
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'starts_at':{'local':'2027-01-16T20:00:00','zone':'UTC'}}");
    assert_int_equal(games_of(world, "guest") + games_of(world, "player"), 1);
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(games_of(world, "player"), 0);
    claim(world, &player);
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(games_of(world, "guest") + games_of(world, "player"), 0);
}

static uint64_t told_to(struct service_world *world, const char *user_id)
{
    struct err err;
    uint64_t head;
    service_hand_out(world, service_recall(world, "event"));
    assert_true(store_head(world->events.store, users_stream(user_id).text, &head, &err));
    return head;
}

static void what_is_for_the_player_goes_to_the_account(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    assert_int_equal(told_to(world, service_recall(world, "guest")), 0);
    claim(world, &player);
    assert_int_equal(told_to(world, player.user_id), 0); // their own step
    deal(world);
    uint64_t dealt = told_to(world, player.user_id);
    assert_true(dealt >= 2); // the lock and the card
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$guest','audience':'PLAYER','text':'a'}");
    assert_int_equal(told_to(world, player.user_id), dealt + 1);
    service_must(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}");
    assert_int_equal(told_to(world, player.user_id), dealt + 2);
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$guest','audience':'PLAYER','text':'b'}");
    assert_int_equal(told_to(world, player.user_id), dealt + 2);
    assert_int_equal(told_to(world, service_recall(world, "guest")), 0);
}

static void being_removed_is_told_to_the_account(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    told_to(world, player.user_id);
    claim(world, &player);
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$guest'}");
    assert_int_equal(told_to(world, player.user_id), 1);
}

static void finish(struct service_world *world)
{
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.ChainPlayer", "{" EVENT ",'user_id':'$guest','to_id':'$other'}");
    service_remember(world, "side", event_for(world, &god)->players[0]->side_id);
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
}

// The newest of so many that are told.
static const Game__FinishedGame *games_told(struct service_world *world, size_t count)
{
    static const struct asker op = {"", LEVEL_DEV};
    struct arena arena;
    struct err err = {0};
    const char *event_id = service_recall(world, "event");
    arena_init(&arena, 32 << 20);
    service_hand_out(world, event_id);
    assert_true(finished_run(&world->events, event_id, &arena, &err));
    arena_finish(&arena);
    const Bus__ReadReply *read =
        (const void *)service_must(world, &op, "events.feed.Read", "{'stream':'events.games'}").reply;
    assert_int_equal(read->n_notices, count);
    const ProtobufCBinaryData body = read->notices[count - 1]->payload;
    return game__finished_game__unpack(&world->arena.allocator, body.len, body.data);
}

static void a_finished_game_has_the_account(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    claim(world, &player);
    finish(world);
    const Game__FinishedGame *game = games_told(world, 1);
    assert_string_equal(game->players[0]->user_id, player.user_id);
    assert_string_equal(game->players[0]->seat_id, service_recall(world, "guest"));
    assert_false(game->players[0]->guest);
    assert_int_equal(game->players[0]->n_acts, 1);
    assert_int_equal(game->players[0]->acts[0]->to, 2);
    assert_string_equal(game->players[1]->seat_id, "");
}

static void a_seat_is_taken_over_after_the_end(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    finish(world);
    const int64_t finished_ms = world->now_ms;
    assert_true(games_told(world, 1)->players[0]->guest);
    world->now_ms += MINUTE;
    claim(world, &player);
    const Game__FinishedGame *game = games_told(world, 2);
    assert_true(game->finished_ms == finished_ms);
    assert_string_equal(game->players[0]->user_id, player.user_id);
    assert_string_equal(game->players[0]->seat_id, service_recall(world, "guest"));
    assert_non_null(game->players[0]->proof);
    service_must(world, &player, "events.ClaimSeat", TICKET);
    games_told(world, 2); // nothing is new
    assert_string_equal(event_for(world, &nobody)->players[0]->account_id, player.user_id);
    assert_refuses(world, &third, "events.ClaimSeat", TICKET, REASON(SEAT_CLAIMED));
    assert_refuses(world, &god, "events.UnclaimSeat", "{" EVENT ",'user_id':'$guest'}", REASON(EVENT_OVER));
}

static void weeks_after_the_end_no_seat_is_taken_over(void **state)
{
    struct service_world *world = *state;
    open_with_guest(world);
    deal(world);
    finish(world);
    world->now_ms += INT64_C(30) * 24 * 60 * MINUTE - MINUTE;
    take_ticket(world);
    world->now_ms += MINUTE;
    assert_refuses(world, &player, "events.ClaimSeat", TICKET, REASON(EVENT_OVER));
    assert_refuses(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}",
                   REASON(EVENT_OVER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_takes_over_a_guests_seat),
        TEST(who_takes_over_reads_what_the_guest_was_told),
        TEST(who_was_here_before_may_take_over),
        TEST(a_ticket_is_one_accounts_and_then_nobody_elses),
        TEST(not_everybody_may_claim),
        TEST(who_saw_the_cards_takes_over_none),
        TEST(who_assisted_after_the_deal_takes_over_none),
        TEST(both_ids_name_the_same_player),
        TEST(a_seat_whose_holder_voted_is_taken_over_no_more),
        TEST(nor_is_one_whose_holder_gave_a_nonce),
        TEST(a_nonce_is_given_after_the_claim),
        TEST(who_leaves_comes_again_as_themselves),
        TEST(lists_have_the_game_with_the_account),
        TEST(what_is_for_the_player_goes_to_the_account),
        TEST(being_removed_is_told_to_the_account),
        TEST(a_finished_game_has_the_account),
        TEST(a_seat_is_taken_over_after_the_end),
        TEST(weeks_after_the_end_no_seat_is_taken_over),
    };
    return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
