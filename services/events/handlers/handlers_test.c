// What the service's methods do beyond the rules of a game: rights, lists, decks, the catalogue, calendars.
#include "services/events/testing/table.h"
#include "services/events/tables.h"

static const Events__Event *get_event(struct service_world *world, const struct asker *asker)
{
    return ((const Events__EventReply *)service_travelled(
                world, service_must(world, asker, "events.GetEvent", "{" EVENT "}").reply))
        ->event;
}

static void who_lost_the_level_sees_the_game_no_more(void **state)
{
    struct service_world *world = *state;
    const struct asker demoted = {god.user_id, LEVEL_PLAYER};
    open_dealt(world);
    assert_string_not_equal(get_event(world, &god)->players[0]->role_id, "");
    assert_string_equal(get_event(world, &demoted)->players[0]->role_id, "");
    assert_refuses(world, &demoted, "events.feed.Read", "{'stream':'events.$event.god'}",
                   CONSE__REASON__VALUE__NOT_FOUND);
    assert_refuses(world, &demoted, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}",
                   CONSE__REASON__VALUE__NOT_OWNER);
}

static const Events__LogEntry *find_entry(const Events__LogReply *log, const char *kind)
{
    for (size_t i = 0; i < log->n_entries; i++)
        if (strcmp(log->entries[i]->kind, kind) == 0) return log->entries[i];
    return NULL;
}

static const Events__LogReply *read_log(struct service_world *world, const struct asker *asker)
{
    return (const void *)service_must(world, asker, "events.ReadLog", "{" EVENT ",'limit':500}").reply;
}

static void a_nonce_is_its_players_alone_until_the_end(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    assert_null(find_entry(read_log(world, &god), "NONCE_GIVEN"));
    assert_null(find_entry(read_log(world, &other), "NONCE_GIVEN"));
    assert_null(find_entry(read_log(world, &dev), "NONCE_GIVEN"));
    const Events__LogEntry *sealed = find_entry(read_log(world, &dev), "SEALED");
    assert_true(sealed && sealed->leaf.len == HASH_CHAIN_HASH && !sealed->payload.len && !sealed->salt.len);
    assert_non_null(find_entry(read_log(world, &player), "NONCE_GIVEN"));
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_non_null(find_entry(read_log(world, &other), "NONCE_GIVEN"));
    assert_null(find_entry(read_log(world, &dev), "SEALED"));
}

// A reader that continues where they stopped misses nothing, though they left in between and came back.
static void a_log_goes_on_for_who_leaves_and_returns(void **state)
{
    struct service_world *world = *state;
    char request[128];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    uint64_t next = read_log(world, &player)->next;
    const char *const steps[] = {"events.CancelReservation", "events.Reserve"};
    for (int i = 0; i < 2; i++) {
        service_must(world, &player, steps[i], i ? "{" EVENT "}" : "{" EVENT ",'user_id':'$player'}");
        snprintf(request, sizeof request, "{" EVENT ",'from':'%llu'}", (unsigned long long)next);
        const Events__LogReply *log =
            (const void *)service_must(world, &player, "events.ReadLog", request).reply;
        assert_int_equal(log->n_entries, 1);
        assert_string_equal(log->entries[0]->kind, i ? "RESERVED" : "SEAT_FREED");
        next = log->next;
    }
    assert_non_null(find_entry(read_log(world, &player), "NONCE_GIVEN"));
}

static void a_dev_who_plays_does_not_lead(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &dev, "events.UpdateEvent", "{" EVENT ",'title':'Night'}");
    service_must(world, &dev, "events.Reserve", "{" EVENT "}");
    assert_refuses(world, &dev, "events.LockEvent", "{" EVENT "}", CONSE__REASON__VALUE__GOD_MAY_NOT_PLAY);
}

static void a_redeal_takes_back_what_was_said_of_the_card(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_must(world, &god, "events.UpdatePlayer",
                 "{" EVENT ",'user_id':'$player','role_id':'$anthrax','status':'ROLE_CHANGED'}");
    assert_int_equal(get_event(world, &player)->players[0]->n_statuses, 1);
    service_must(world, &god, "events.Reveal", "{" EVENT ",'redeal':{'reason':'a card fell'}}");
    assert_int_equal(get_event(world, &player)->players[0]->n_statuses, 0);
    assert_int_equal(get_event(world, &god)->players[0]->n_statuses, 0);
}

static void a_deck_can_change_its_last_moves_alone(void **state)
{
    struct service_world *world = *state;
    const Events__ListLastMovesReply *moves =
        (const void *)service_must(world, &god, "events.ListLastMoves", "{}").reply;
    service_remember(world, "move", moves->last_moves[3]->id);
    const Events__DeckReply *reply =
        (const void *)service_must(world, &god, "events.UpdateDeck",
                                   "{'deck_id':'$deck','last_moves':[{'last_move_id':'$move','copies':1}]}")
            .reply;
    assert_int_equal(reply->deck->n_last_moves, 1);
    assert_int_equal(reply->deck->n_roles, 2);
    assert_int_equal(reply->deck->version, 2);
    reply = (const void *)service_must(world, &god, "events.UpdateDeck",
                                       "{'deck_id':'$deck','roles':[{'role_id':'$spy','copies':1}]}")
                .reply;
    assert_int_equal(reply->deck->n_last_moves, 1); // what is not named stays
    reply = (const void *)service_must(world, &god, "events.UpdateDeck",
                                       "{'deck_id':'$deck','without_last_moves':true}")
                .reply;
    assert_int_equal(reply->deck->n_last_moves, 0);
    assert_int_equal(reply->deck->n_roles, 1);
    assert_refuses(
        world, &god, "events.UpdateDeck",
        "{'deck_id':'$deck','without_last_moves':true,'last_moves':[{'last_move_id':'$move','copies':1}]}",
        CONSE__REASON__VALUE__INVALID_FIELD);
}

static void what_is_disabled_stays_where_it_is_and_comes_nowhere_else(void **state)
{
    struct service_world *world = *state;
    const char *const change = "{" EVENT ",'user_id':'$player','role_id':'$anthrax'}";
    open_dealt(world);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$anthrax','disabled':true}");
    service_must(world, &dev, "events.UpdateRole", "{'id':'$spy','disabled':true}");
    assert_refuses(world, &god, "events.UpdatePlayer", change, CONSE__REASON__VALUE__INVALID_FIELD);
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','role_id':'$spy'}");
    assert_refuses(world, &god, "events.CreateEvent",
                   "{'group_id':'$group','deck_id':'$deck','title':'x','max_players':2,"
                   "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}",
                   CONSE__REASON__VALUE__DECK_INVALID);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$anthrax','disabled':false}");
    service_must(world, &god, "events.UpdatePlayer", change);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$anthrax','disabled':true}");
    service_must(world, &god, "events.UpdatePlayer", change); // it is in the game now
}

static int32_t uses_of_player(struct service_world *world)
{
    return ((const Events__MeReply *)service_must(world, &player, "events.GetMyPlayer", "{" EVENT "}").reply)
        ->role->abilities;
}

static void a_card_keeps_the_uses_it_was_dealt_with(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    int32_t uses = uses_of_player(world);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$spy','abilities':77}");
    service_must(world, &dev, "events.UpdateRole", "{'id':'$jailer','abilities':77}");
    assert_int_equal(uses_of_player(world), uses);
}

static void a_side_wins_once(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "side", get_event(world, &god)->players[0]->side_id);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_refuses(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side','$side']}",
                   CONSE__REASON__VALUE__INVALID_FIELD);
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
}

static void assert_titles(struct service_world *world, const char *request, const char *titles)
{
    char found[256] = "";
    const Events__ListEventsReply *reply =
        (const void *)service_must(world, &nobody, "events.ListEvents", request).reply;
    for (size_t i = 0; i < reply->n_events; i++) strcat(found, reply->events[i]->title);
    assert_string_equal(found, titles);
}

static void a_players_events_come_by_their_start(void **state)
{
    struct service_world *world = *state;
    const char *const starts[] = {"2027-01-16T20:00:00", "2027-01-14T20:00:00", "2027-01-15T20:00:00"};
    for (int i = 0; i < 3; i++) {
        open_event(world, (char[]){(char)('A' + i), 0}, starts[i]);
        service_must(world, &player, "events.Reserve", "{" EVENT "}");
    }
    assert_titles(world, "{'player_id':'$player'}", "ACB");
    assert_titles(world, "{'player_id':'$player','starts_after':'2027-01-15T00:00:00Z'}", "CA");
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'starts_at':{'local':'2027-01-13T20:00:00','zone':'UTC'}}");
    assert_titles(world, "{'player_id':'$player'}", "ABC");
    assert_titles(world, "{'player_id':'$player','q':'b','status':'OPEN'}", "B");
}

// Whatever is opened between two pages, nothing comes twice and nothing that was there is left out.
static void pages_stay_whole_while_events_are_opened(void **state)
{
    struct service_world *world = *state;
    char seen[64] = "", token[512] = "", request[1024], start[32];
    for (int i = 0; i < 6; i++) {
        snprintf(start, sizeof start, "2027-01-%02dT20:00:00", 14 + 2 * i);
        open_event(world, (char[]){(char)('A' + i), 0}, start);
    }
    for (int page = 0; page == 0 || token[0]; page++) {
        snprintf(request, sizeof request, "{'page_size':2,'page_token':'%s'}", token);
        const Events__ListEventsReply *reply =
            (const void *)service_must(world, &nobody, "events.ListEvents", request).reply;
        for (size_t i = 0; i < reply->n_events; i++) strcat(seen, reply->events[i]->title);
        strcpy(token, reply->next_page_token);
        snprintf(start, sizeof start, "2027-01-%02dT20:00:00", 23 - 4 * page); // before and behind the place
        open_event(world, "x", start);
        open_event(world, "y", "2027-01-28T20:00:00");
    }
    char *kept = seen;
    for (const char *at = seen; *at; at++)
        if (*at < 'a') *kept++ = *at;
    *kept = 0;
    assert_string_equal(seen, "FEDCBA");
}

static int sequence_of(struct service_world *world)
{
    const Events__File *file =
        (const void *)service_must(world, &nobody, "events.GetCalendar", "{" EVENT "}").reply;
    const char *at = strstr((const char *)file->body.data, "\r\nSEQUENCE:");
    assert_non_null(at);
    assert_null(strstr((const char *)file->body.data, "METHOD"));
    return atoi(at + strlen("\r\nSEQUENCE:"));
}

static bool has_picture(struct service_world *world, const char *request_without_id)
{
    uint8_t hash[32];
    char id[65];
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    Events__PutImageRequest *request =
        (void *)json_message_new(&events__put_image_request__descriptor, &world->arena);
    assert_true(json_parse(request_without_id, strlen(request_without_id), &request->base, NULL,
                           &world->arena, &err));
    crypto_hash_sha256(hash, request->image.data, request->image.len);
    hex_encode(id, hash, sizeof hash);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_IMAGES], id, &world->arena, &row,
                          &version, &err));
    return row;
}

#define PICTURE                                                                                              \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

static void long_rows_make_short_pages(void **state)
{
    struct service_world *world = *state;
    enum { GROUPS = 80, LONGEST = 4096 };
    char request[LONGEST + 64], token[512] = "";
    size_t seen = 0, pages = 0;
    for (int i = 0; i < GROUPS; i++) {
        snprintf(request, sizeof request, "{'name':'long','description':'%0*d'}", LONGEST, i);
        service_must(world, &god, "events.CreateGroup", request);
    }
    do {
        snprintf(request, sizeof request, "{'page_size':100,'page_token':'%s'}", token);
        const Events__ListGroupsReply *reply =
            (const void *)service_must(world, &nobody, "events.ListGroups", request).reply;
        assert_true(events__list_groups_reply__get_packed_size(reply) < (256 << 10) + 2 * LONGEST);
        snprintf(token, sizeof token, "%s", reply->next_page_token);
        seen += reply->n_groups;
        pages++;
    } while (token[0]);
    assert_int_equal(seen, GROUPS + 1);
    assert_int_equal(pages, 2);
}

static void a_refused_picture_is_not_kept(void **state)
{
    struct service_world *world = *state;
    const char *const put = "{'id':'$event','image':'" PICTURE "'}", *const bare =
                                                                         "{\"image\":\"" PICTURE "\"}";
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.PutEventImage", put, CONSE__REASON__VALUE__EVENT_OVER);
    assert_false(has_picture(world, bare));
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.PutEventImage", put);
    assert_true(has_picture(world, bare));
}

static void a_calendar_entry_that_moves_replaces_the_one_before(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    int before = sequence_of(world);
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'starts_at':{'local':'2027-01-16T20:00:00','zone':'UTC'}}");
    assert_true(sequence_of(world) > before);
    before = sequence_of(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_true(sequence_of(world) > before);
}

static const char *calendar_of(struct service_world *world, char kept[4096])
{
    const Events__File *file =
        (const void *)service_must(world, &nobody, "events.GetCalendar", "{" EVENT "}").reply;
    assert_true(file->body.len < 4096);
    memcpy(kept, file->body.data, file->body.len);
    kept[file->body.len] = 0;
    return kept;
}

// The file is for everyone, also for viewers that see the game late: what happens in the game is not in it.
static void a_calendar_changes_with_what_the_god_revises_alone(void **state)
{
    struct service_world *world = *state;
    char first[4096], later[4096];
    const char *const happens[][2] = {
        {"events.OpenPhase", "{" EVENT ",'kind':'DAY'}"},
        {"events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEAD'}"},
        {"events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}"},
        {"events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}"},
    };
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    calendar_of(world, first);
    world->now_ms += HOUR;
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}"); // nothing new
    service_must(world, &player, "events.VoteEvent", "{" EVENT ",'vote':'UP'}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    for (size_t i = 0; i < sizeof happens / sizeof *happens; i++) {
        service_must(world, &god, happens[i][0], happens[i][1]);
        assert_string_equal(calendar_of(world, later), first);
    }
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_string_not_equal(calendar_of(world, later), first);
    assert_non_null(strstr(later, "\r\nSTATUS:CANCELLED\r\n"));
    assert_non_null(strstr(first, "\r\nDTSTAMP:20270112T080000Z\r\n"));
    assert_non_null(strstr(later, "\r\nDTSTAMP:20270112T090000Z\r\n"));
}

static void an_event_that_has_begun_can_still_be_edited(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-13T08:00:00");
    service_wait(world, 54 * (int64_t)HOUR); // it began thirty hours ago
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Long evening'}");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'expires_at':'2027-01-20T08:00:00Z'}");
    assert_refuses(world, &god, "events.UpdateEvent", "{" EVENT ",'expires_at':'2027-01-14T08:00:00Z'}",
                   CONSE__REASON__VALUE__TIME_INVALID);
    assert_refuses(world, &god, "events.UpdateEvent",
                   "{" EVENT ",'starts_at':{'local':'2027-01-13T09:00:00','zone':'UTC'}}",
                   CONSE__REASON__VALUE__TIME_INVALID);
}

static Conse__Reason__Value sees_poll(struct service_world *world, const struct asker *asker)
{
    return service_ask(world, asker, "events.GetPoll", "{" EVENT ",'poll_id':'$poll'}").err.reason;
}

static uint64_t public_head(struct service_world *world, const struct asker *asker)
{
    return ((const Bus__ReadReply *)service_must(world, asker, "events.feed.Read",
                                                 "{'stream':'events.$event.public'}")
                .reply)
        ->head;
}

static const Bus__ReadReply *read_private(struct service_world *world, const struct asker *asker)
{
    return (const void *)service_must(world, asker, "events.feed.Read", "{'stream':'events.$event.god'}")
        .reply;
}

static void the_gateway_counts_private_notices_and_the_operator_reads_them(void **state)
{
    struct service_world *world = *state;
    const struct asker gateway = nobody, operator= {"", LEVEL_DEV};
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const Bus__ReadReply *page = read_private(world, &gateway);
    assert_int_equal(page->n_notices, 1);
    assert_int_equal(page->notices[0]->seq, 1);
    assert_string_equal(page->notices[0]->kind, "");
    assert_null(page->notices[0]->time);
    assert_int_equal(page->notices[0]->payload.len, 0);
    page = read_private(world, &operator);
    assert_string_equal(page->notices[0]->kind, "OPENED");
    assert_true(page->notices[0]->payload.len > 0);
    assert_refuses(world, &player, "events.feed.Read", "{'stream':'events.$event.god'}",
                   CONSE__REASON__VALUE__NOT_FOUND);
}

static void spectators_see_a_running_game_as_late_as_its_god_wants(void **state)
{
    struct service_world *world = *state;
    const struct asker spectator = {"01890000-0000-7000-8000-000000000102", LEVEL_PLAYER}, operator= {
                                                                                               "", LEVEL_DEV};
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    assert_refuses(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'86401s'}",
                   CONSE__REASON__VALUE__INVALID_FIELD);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &spectator, "events.Reserve", "{" EVENT "}"); // waits, and so does not play
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    assert_int_equal(get_event(world, &spectator)->state, EVENTS__EVENT__STATE__REVEALED);
    uint64_t before = public_head(world, &spectator);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_int_equal(get_event(world, &player)->state, EVENTS__EVENT__STATE__RUNNING);
    assert_int_equal(get_event(world, &spectator)->state, EVENTS__EVENT__STATE__REVEALED);
    assert_null(find_entry(read_log(world, &spectator), "PHASE_OPENED"));
    assert_int_equal(public_head(world, &spectator), before);
    assert_int_equal(public_head(world, &nobody), before + 1); // the gateway by itself
    assert_int_equal(public_head(world, &operator), before + 1);
    service_wait(world, 30000);
    const Events__PollReply *poll =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}").reply;
    service_remember(world, "poll", poll->poll->id);
    service_wait(world, 30000);
    assert_int_equal(get_event(world, &spectator)->phase->number, 1);
    assert_non_null(find_entry(read_log(world, &spectator), "PHASE_OPENED"));
    assert_int_equal(sees_poll(world, &spectator), CONSE__REASON__VALUE__NOT_FOUND);
    assert_int_equal(sees_poll(world, &player), 0);
    service_wait(world, 30000);
    assert_int_equal(sees_poll(world, &spectator), 0);
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    const Events__LogReply *log = read_log(world, &spectator);
    assert_null(find_entry(log, "PHASE_CLOSED"));
    assert_int_equal(log->n_checkpoints, 0);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_true(read_log(world, &spectator)->open); // the end is the end for everyone
}

static bool sees_phase(struct service_world *world, const struct asker *asker)
{
    return get_event(world, asker)->phase;
}

// Times that a clock put on entries while it was ahead do not keep spectators waiting until then.
static void a_clock_that_was_ahead_keeps_nobody_waiting(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    world->now_ms += HOUR;
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    world->now_ms -= HOUR;
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    assert_false(sees_phase(world, &other));
    world->now_ms += MINUTE - 1;
    assert_false(sees_phase(world, &other));
    world->now_ms += 1;
    assert_true(sees_phase(world, &other));
    assert_int_equal(get_event(world, &other)->phase->number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_lost_the_level_sees_the_game_no_more),
        TEST(a_nonce_is_its_players_alone_until_the_end),
        TEST(a_log_goes_on_for_who_leaves_and_returns),
        TEST(a_dev_who_plays_does_not_lead),
        TEST(a_redeal_takes_back_what_was_said_of_the_card),
        TEST(a_deck_can_change_its_last_moves_alone),
        TEST(what_is_disabled_stays_where_it_is_and_comes_nowhere_else),
        TEST(a_card_keeps_the_uses_it_was_dealt_with),
        TEST(a_side_wins_once),
        TEST(a_players_events_come_by_their_start),
        TEST(pages_stay_whole_while_events_are_opened),
        TEST(long_rows_make_short_pages),
        TEST(a_refused_picture_is_not_kept),
        TEST(a_calendar_entry_that_moves_replaces_the_one_before),
        TEST(a_calendar_changes_with_what_the_god_revises_alone),
        TEST(an_event_that_has_begun_can_still_be_edited),
        TEST(the_gateway_counts_private_notices_and_the_operator_reads_them),
        TEST(spectators_see_a_running_game_as_late_as_its_god_wants),
        TEST(a_clock_that_was_ahead_keeps_nobody_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
