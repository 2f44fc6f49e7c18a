// Following an event: what each viewer gets, and where they go on.
#include "services/events/testing/follow.h"

static void who_comes_gets_a_snapshot(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    follow_reply reply = follow(world, &nobody, "");
    assert_begins_anew(reply, EVENTS__RESET__REASON__NONE);
    assert_string_equal(reply->snapshots[0]->event->title, "Evening");
    assert_int_equal(reply->views[0]->place->offset, 1);
    assert_int_equal(reply->seq, 1);
}

static void who_follows_gets_each_entry_once(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = cursor_now(world, &nobody);
    assert_goes_on(follow(world, &nobody, at.text), 0);
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}"); // the nonce is their own
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    follow_reply reply = follow(world, &nobody, at.text);
    assert_goes_on(reply, 2);
    assert_int_equal(reply->views[0]->from, 2);
    assert_string_equal(body_of(reply, 0, 0)->kind, "RESERVED");
    assert_int_equal(body_of(reply, 0, 0)->index, 0);
    assert_int_equal(body_of(reply, 0, 0)->seq, 0);
    at = cursor_after(reply->views[0]);
    assert_goes_on(follow(world, &nobody, at.text), 0);
}

// ---- Reading on

static const Events__LogReply *read_after(struct service_world *world, const struct asker *who,
                                          const char *after)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{" EVENT ",'after':'%s'}", after);
    return (const void *)service_must(world, who, "events.ReadLog", request).reply;
}

static void a_log_is_read_after_a_cursor(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = cursor_now(world, &player);
    assert_int_equal(read_after(world, &player, at.text)->n_entries, 0);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    const Events__LogReply *log = read_after(world, &player, at.text);
    assert_int_equal(log->n_entries, 1);
    assert_null(log->reset);
    assert_string_equal(log->entries[0]->cursor, cursor_at(at.text, 2).text);
    assert_string_equal(log->cursor, log->entries[0]->cursor);
    assert_int_equal(log->next, 3);
}

// Their seat gives them a view of their own.
static void who_has_other_rights_is_told_what_they_see_now(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = cursor_now(world, &player);
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    const Events__LogReply *log = read_after(world, &player, at.text);
    assert_non_null(log->reset);
    assert_int_equal(log->reset->reason, EVENTS__RESET__REASON__RIGHTS);
    assert_non_null(log->event);
    assert_non_null(log->event->my_reservation);
    assert_int_equal(log->n_entries, 0);
    struct cursor_text next = cursor_at(log->cursor, 3); // the event, the seat, their nonce
    assert_string_equal(log->cursor, next.text);
    assert_int_equal(log->next, 4);
    assert_int_equal(read_after(world, &player, next.text)->n_entries, 0);
}

static void what_is_no_cursor_begins_anew(void **state)
{
    static const char *const lost[] = {"x", "aaaaaaaa.1", "aaaaaaaa.", "aaaaaaaa.01", "AAAAAAAA.1"};
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        assert_int_equal(read_after(world, &nobody, lost[i])->reset->reason, EVENTS__RESET__REASON__EPOCH);
        assert_begins_anew(follow(world, &nobody, lost[i]), EVENTS__RESET__REASON__EPOCH);
    }
    struct cursor_text ahead = cursor_at(cursor_now(world, &nobody).text, 9);
    assert_int_equal(read_after(world, &nobody, ahead.text)->reset->reason, EVENTS__RESET__REASON__EPOCH);
}

static void a_log_begins_at_one_place(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct answer answer =
        service_ask(world, &nobody, "events.ReadLog", "{" EVENT ",'from':'1','after':'aaaaaaaa.1'}");
    assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__INVALID_FIELD);
    assert_string_equal(answer.err.field, "after");
}

// ---- Where a read is continued

static void assert_tells_place(struct service_world *world, const struct asker *who, const char *method)
{
    struct rpc_call call;
    struct answer answer = service_run(world, who, method, "{" EVENT "}", &call);
    if (!answer.ok) fail_msg("%s: %s", method, answer.err.message);
    struct cursor_text told;
    strcpy(told.text, call.cursor);
    if (strcmp(told.text, cursor_now(world, who).text) != 0) fail_msg("%s: %s", method, told.text);
}

static void what_a_stream_continues_says_where(void **state)
{
    static const char *const public[] = {"events.GetEvent", "events.GetDeal", "events.GetEventDeck",
                                         "events.ListPhases", "events.ReadLog"};
    static const char *const players[] = {"events.GetMyPlayer", "events.ListNotes", "events.ListPolls"};
    struct service_world *world = *state;
    const struct asker *const all[] = {&nobody, &player, &god, &dev};
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    for (size_t i = 0; i < sizeof public / sizeof *public; i++)
        for (size_t who = 0; who < sizeof all / sizeof *all; who++)
            assert_tells_place(world, all[who], public[i]);
    for (size_t i = 0; i < sizeof players / sizeof *players; i++)
        assert_tells_place(world, &player, players[i]);
    assert_tells_place(world, &god, "events.ListWaitlist");
    assert_tells_place(world, &god, "events.ListUses");
    assert_tells_place(world, &god, "events.ListBans");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_gets_a_snapshot),          TEST(who_follows_gets_each_entry_once),
        TEST(a_log_is_read_after_a_cursor),       TEST(who_has_other_rights_is_told_what_they_see_now),
        TEST(what_is_no_cursor_begins_anew),      TEST(a_log_begins_at_one_place),
        TEST(what_a_stream_continues_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
