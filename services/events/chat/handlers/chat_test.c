// Messages through the service: sent once, changed, taken back, read, and by whom.
#include "services/events/testing/chat.h"

#define SEND "events.SendMessage"
#define CHANGE "events.UpdateMessage"
#define TAKE_BACK "events.DeleteMessage"

static void open_table(struct service_world *world)
{
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
}

// As a further member of a request.
static const char *naming(struct service_world *world, const Events__Message *message, const char *more)
{
    static char text[512];
    service_remember(world, "message", message->id);
    snprintf(text, sizeof text, ",'message_id':'$message'%s", more);
    return text;
}

static void what_is_said_is_read(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const Events__Message *sent = chat_say(world, &player, "table", 1, "who was it?");
    assert_int_equal(sent->seq, 1);
    assert_int_equal(sent->revision, 1);
    assert_string_equal(sent->author->id, player.user_id);
    assert_string_equal(sent->client_id, "client-id-00000001");
    chat_say(world, &other, "table", 1, "cafe\u0301");
    message_list list = chat_list(world, &other, "table", "");
    assert_int_equal(list->n_messages, 2);
    assert_int_equal(list->head, 2);
    assert_string_equal(list->messages[0]->text, "who was it?");
    assert_string_equal(list->messages[0]->client_id, "");
    assert_string_equal(list->messages[1]->text, "caf\u00e9");
    assert_string_equal(list->messages[1]->client_id, "client-id-00000001");
}

// The author is the player, who keeps the guest's id.
static void of_a_seat_that_was_taken_over_the_account_is_told(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    const Events__ReserveReply *guest =
        (const void *)service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'Anna'}").reply;
    service_remember(world, "guest", guest->reservation->user_id);
    const Events__ClaimTicketReply *ticket =
        (const void *)service_must(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}")
            .reply;
    service_remember(world, "ticket", ticket->ticket);
    service_must(world, &player, "events.ClaimSeat", "{" EVENT ",'ticket':'$ticket'}");
    chat_say(world, &player, "table", 1, "here I am");
    chat_say(world, &other, "table", 1, "welcome");
    message_list list = chat_list(world, &other, "table", "");
    assert_string_equal(list->messages[0]->author->id, service_recall(world, "guest"));
    assert_string_equal(list->messages[0]->account_id, player.user_id);
    assert_string_equal(list->messages[1]->account_id, other.user_id);
}

static void a_message_is_sent_once(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    struct uuid id;
    strcpy(id.text, chat_say(world, &player, "table", 1, "once")->id);
    const Events__MessageReply *again =
        (const void *)chat_must(world, &player, SEND, "table", chat_text(1, "once")).reply;
    assert_true(again->existing);
    assert_string_equal(again->message->id, id.text);
    chat_refused(world, &player, SEND, "table", chat_text(1, "twice"),
                 CONSE__REASON__VALUE__CLIENT_ID_MISMATCH);
    assert_string_not_equal(chat_say(world, &other, "table", 1, "once")->id, id.text);
    assert_int_equal(chat_list(world, &player, "table", "")->n_messages, 2);
}

// The repetition comes before what would refuse a new message, and after the right to read.
static void a_repetition_is_answered_whatever_has_changed(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    struct uuid id;
    strcpy(id.text, chat_say(world, &player, "table", 1, "once")->id);
    chat_must(world, &god, "events.SlowRoom", "table", ",'seconds':3600");
    chat_no_word(world, &player, "table", CONSE__REASON__VALUE__SLOW_MODE);
    service_must(world, &god, "events.UpdatePlayer",
                 "{" EVENT ",'user_id':'$player','status':'SILENT_2_PHASES'}");
    chat_no_word(world, &player, "table", CONSE__REASON__VALUE__SILENCED);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    chat_no_word(world, &other, "table", CONSE__REASON__VALUE__ROOM_CLOSED);
    assert_string_equal(chat_say(world, &player, "table", 1, "once")->id, id.text);
    assert_int_equal(chat_list(world, &player, "table", "")->n_messages, 1);
}

static void a_message_outlives_a_restart(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    struct uuid id;
    strcpy(id.text, chat_say(world, &player, "table", 1, "once")->id);
    events_close(&world->events);
    service_start(world);
    assert_string_equal(chat_say(world, &player, "table", 1, "once")->id, id.text);
    assert_int_equal(chat_say(world, &player, "table", 2, "more")->seq, 2);
}

static void what_can_not_be_said_is_refused(void **state)
{
    struct service_world *world = *state;
    static const char *const texts[] = {"a\\tb", "\\n ", "\u202eabc", "\u2066abc", "\u200b"};
    open_table(world);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct answer answer = chat_ask(world, &player, SEND, "table", chat_text(1, texts[i]));
        assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__INVALID_FIELD);
        assert_string_equal(answer.err.field, "text");
    }
    chat_say(world, &player, "table", 1, "two\\nlines");
}

static void an_answer_names_a_message_of_the_room(void **state)
{
    char more[256];
    struct service_world *world = *state;
    open_table(world);
    service_remember(world, "first", chat_say(world, &player, "table", 1, "first")->id);
    snprintf(more, sizeof more, "%s,'reply_to':'$first'", chat_text(2, "second"));
    const Events__MessageReply *reply = (const void *)chat_must(world, &other, SEND, "table", more).reply;
    assert_string_equal(reply->message->reply_to, service_recall(world, "first"));
    snprintf(more, sizeof more, "%s,'reply_to':'$event'", chat_text(3, "third"));
    chat_refused(world, &other, SEND, "table", more, CONSE__REASON__VALUE__INVALID_FIELD);
}

// ---- Changing

static void an_own_message_is_changed(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const char *change = naming(world, chat_say(world, &player, "table", 1, "teh"), ",'text':'the'");
    const Events__Message *changed =
        ((const Events__MessageReply *)chat_must(world, &player, CHANGE, "table", change).reply)->message;
    assert_string_equal(changed->text, "the");
    assert_int_equal(changed->revision, 2);
    assert_non_null(changed->edited_at);
    assert_int_equal(changed->seq, 1);
    chat_must(world, &player, CHANGE, "table", change);
    message_list list = chat_list(world, &other, "table", "");
    assert_int_equal(list->n_messages, 1);
    assert_int_equal(list->messages[0]->revision, 2);
    chat_refused(world, &other, CHANGE, "table", change, CONSE__REASON__VALUE__NOT_OWNER);
    chat_refused(world, &god, CHANGE, "table", change, CONSE__REASON__VALUE__NOT_OWNER);
}

static void a_change_names_the_revision_that_it_changes(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const Events__Message *sent = chat_say(world, &player, "table", 1, "one");
    service_remember(world, "message", sent->id);
    world->act = 2;
    chat_refused(world, &player, CHANGE, "table", ",'message_id':'$message','text':'two'",
                 CONSE__REASON__VALUE__PRECONDITION_FAILED);
    world->act = 1;
    chat_must(world, &player, CHANGE, "table", ",'message_id':'$message','text':'two'");
    chat_refused(world, &player, CHANGE, "table", ",'message_id':'$message','text':'three'",
                 CONSE__REASON__VALUE__PRECONDITION_FAILED);
    world->act = 0;
}

static void what_was_said_in_a_phase_stands_when_it_is_over(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const char *change = naming(world, chat_say(world, &player, "table", 1, "it was me"), ",'text':'no'");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'MID_DAY'}");
    chat_refused(world, &player, CHANGE, "table", change, CONSE__REASON__VALUE__PHASE_OVER);
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    chat_refused(world, &player, CHANGE, "table", change, CONSE__REASON__VALUE__PHASE_OVER);
    change = naming(world, chat_say(world, &player, "table", 2, "between"), ",'text':'betwixt'");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    chat_must(world, &player, CHANGE, "table", change);
}

static void a_message_is_changed_within_ten_minutes(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const char *change = naming(world, chat_say(world, &player, "table", 1, "one"), ",'text':'two'");
    world->now_ms += 10 * MINUTE + 1;
    chat_refused(world, &player, CHANGE, "table", change, CONSE__REASON__VALUE__EDIT_TOO_LATE);
    world->now_ms -= 1;
    chat_must(world, &player, CHANGE, "table", change);
}

static void a_message_is_taken_back_for_all(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const char *named = naming(world, chat_say(world, &player, "table", 1, "secret"), "");
    chat_refused(world, &other, TAKE_BACK, "table", named, CONSE__REASON__VALUE__NOT_OWNER);
    chat_must(world, &player, TAKE_BACK, "table", named);
    chat_must(world, &player, TAKE_BACK, "table", named);
    const Events__Message *message = chat_list(world, &other, "table", "")->messages[0];
    assert_string_equal(message->text, "");
    assert_int_equal(message->deleted->by, EVENTS__MESSAGE__DELETED__BY__AUTHOR);
    chat_refused(world, &player, CHANGE, "table", naming(world, message, ",'text':'new'"),
                 CONSE__REASON__VALUE__MESSAGE_DELETED);
    // Who leads the event reads what was there.
    message = chat_list(world, &god, "table", ",'all_texts':true")->messages[0];
    assert_string_equal(message->text, "");
    assert_int_equal(message->n_texts, 1);
    assert_string_equal(message->texts[0], "secret");
    chat_refused(world, &player, "events.ListMessages", "table", ",'all_texts':true",
                 CONSE__REASON__VALUE__NOT_OWNER);
    named = naming(world, chat_say(world, &other, "table", 1, "rude"), "");
    chat_must(world, &god, TAKE_BACK, "table", named);
    message = chat_list(world, &other, "table", "")->messages[1];
    assert_int_equal(message->deleted->by, EVENTS__MESSAGE__DELETED__BY__GOD);
}

// Who would be told of a tombstone, with its time, could tell whose phone is in use.
static void nobody_alive_takes_back_at_night_where_they_do_not_write(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    service_remember(world, "first", chat_say(world, &player, "table", 1, "first")->id);
    service_remember(world, "second", chat_say(world, &player, "table", 2, "second")->id);
    service_remember(world, "third", chat_say(world, &player, "table", 3, "third")->id);
    service_remember(world, "private", chat_say(world, &player, "god.$player", 1, "psst")->id);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    chat_refused(world, &player, TAKE_BACK, "table", ",'message_id':'$first'",
                 CONSE__REASON__VALUE__ROOM_CLOSED);
    chat_refused(world, &other, TAKE_BACK, "table", ",'message_id':'$first'",
                 CONSE__REASON__VALUE__NOT_OWNER);
    chat_must(world, &player, TAKE_BACK, "god.$player", ",'message_id':'$private'");
    chat_must(world, &god, TAKE_BACK, "table", ",'message_id':'$second'");
    chat_must(world, &player, TAKE_BACK, "table", ",'message_id':'$second'"); // is done
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEAD'}");
    chat_must(world, &player, TAKE_BACK, "table", ",'message_id':'$third'"); // nothing hangs on it any more
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEFAULT'}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    chat_must(world, &player, TAKE_BACK, "table", ",'message_id':'$first'");
}

static void a_report_is_seen_by_who_leads(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    const char *report = naming(world, chat_say(world, &player, "table", 1, "rude"), ",'reason':'it hurts'");
    chat_must(world, &other, "events.ReportMessage", "table", report);
    chat_must(world, &other, "events.ReportMessage", "table", report);
    assert_int_equal(chat_list(world, &player, "table", "")->messages[0]->n_reports, 0);
    const Events__Message *message = chat_list(world, &god, "table", "")->messages[0];
    assert_int_equal(message->n_reports, 1);
    assert_string_equal(message->reports[0]->reason, "it hurts");
    assert_string_equal(message->reports[0]->user->id, other.user_id);
}

// ---- Bounds

// Somebody says as long texts as they can. Others go on, and everything can be taken back.
static void nobody_silences_a_room(void **state)
{
    enum { LONGEST = 2000, MESSAGES = 2100 };
    struct service_world *world = *state;
    char text[4 * LONGEST + 1] = "", change[sizeof text + 128];
    unsigned n = 1;
    open_table(world);
    for (size_t i = 0; i < LONGEST; i++) memcpy(text + 4 * i, "\U0001f3ad", 5);
    service_remember(world, "message", chat_say(world, &player, "table", n++, text)->id);
    while (n < MESSAGES && chat_ask(world, &player, SEND, "table", chat_text(n, text)).ok) n++;
    chat_refused(world, &player, SEND, "table", chat_text(n, text), CONSE__REASON__VALUE__LIMIT_REACHED);
    snprintf(change, sizeof change, ",'message_id':'$message','text':'x%s'", text + 4);
    chat_refused(world, &player, CHANGE, "table", change, CONSE__REASON__VALUE__LIMIT_REACHED);
    chat_say(world, &other, "table", 1, text);
    chat_say(world, &god, "table", 1, text);
    chat_must(world, &player, TAKE_BACK, "table", ",'message_id':'$message'");
    chat_must(world, &god, TAKE_BACK, "table",
              naming(world, chat_list(world, &god, "table", "")->messages[0], ""));
    chat_say(world, &player, "god.$player", n, "another room"); // has a measure of its own
}

static void a_message_is_changed_twenty_times(void **state)
{
    struct service_world *world = *state;
    char more[128];
    open_table(world);
    service_remember(world, "message", chat_say(world, &player, "table", 1, "x")->id);
    for (unsigned n = 1; n <= 20; n++) {
        snprintf(more, sizeof more, ",'message_id':'$message','text':'%u'", n);
        chat_must(world, &player, CHANGE, "table", more);
    }
    chat_refused(world, &player, CHANGE, "table", ",'message_id':'$message','text':'y'",
                 CONSE__REASON__VALUE__TOO_MANY_CHANGES);
    chat_must(world, &player, TAKE_BACK, "table", ",'message_id':'$message'");
}

// ---- Reading

static void pages_go_both_ways(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    for (unsigned n = 1; n <= 10; n++) chat_say(world, &player, "table", n, "x");
    message_list list = chat_list(world, &other, "table", ",'page_size':3");
    assert_int_equal(list->messages[0]->seq, 8);
    assert_true(list->more_before && !list->more_after);
    list = chat_list(world, &other, "table", ",'page_size':3,'before':8");
    assert_int_equal(list->messages[0]->seq, 5);
    assert_int_equal(list->messages[2]->seq, 7);
    assert_true(list->more_before && list->more_after);
    list = chat_list(world, &other, "table", ",'page_size':3,'after':2");
    assert_int_equal(list->messages[0]->seq, 3);
    assert_int_equal(list->n_messages, 3);
    list = chat_list(world, &other, "table", ",'page_size':4,'around':5");
    assert_int_equal(list->messages[0]->seq, 4);
    assert_int_equal(list->messages[3]->seq, 7);
    assert_int_equal(chat_list(world, &other, "table", ",'after':10")->n_messages, 0);
    assert_int_equal(chat_list(world, &other, "table", ",'before':1")->n_messages, 0);
    chat_refused(world, &other, "events.ListMessages", "table", ",'after':1,'before':9",
                 CONSE__REASON__VALUE__INVALID_FIELD);
}

static const Events__Room *table_of(struct service_world *world, const struct asker *who)
{
    return chat_room(world, who, EVENTS__ROOM__KIND__TABLE);
}

static void read_up_to(struct service_world *world, const struct asker *who, unsigned seq)
{
    char more[32];
    snprintf(more, sizeof more, ",'seq':%u", seq);
    chat_must(world, who, "events.SetRoomCursor", "table", more);
}

static void a_cursor_never_goes_back(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    for (unsigned n = 1; n <= 5; n++) chat_say(world, &player, "table", n, "x");
    assert_int_equal(table_of(world, &other)->unread, 5);
    assert_int_equal(table_of(world, &player)->unread, 0);
    read_up_to(world, &other, 3);
    assert_int_equal(table_of(world, &other)->unread, 2);
    read_up_to(world, &other, 2);
    assert_int_equal(table_of(world, &other)->cursor, 3);
    read_up_to(world, &other, 99);
    assert_int_equal(table_of(world, &other)->cursor, 5);
    assert_int_equal(table_of(world, &other)->unread, 0);
    assert_int_equal(table_of(world, &god)->unread, 5);
}

static void what_was_taken_back_is_not_unread(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    chat_say(world, &player, "table", 1, "x");
    const char *named = naming(world, chat_say(world, &player, "table", 2, "y"), "");
    chat_must(world, &player, TAKE_BACK, "table", named);
    assert_int_equal(table_of(world, &other)->unread, 1);
    assert_int_equal(table_of(world, &other)->head, 3);
}

static void history_is_what_the_terms_say(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'history':'NONE'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    chat_say(world, &player, "table", 1, "hello");
    const char *change = naming(world, chat_say(world, &player, "table", 2, "early"), ",'text':'late'");
    assert_int_equal(chat_list(world, &other, "table", "")->n_messages, 2);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    world->now_ms += 1000;
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_int_equal(chat_list(world, &other, "table", "")->n_messages, 0);
    assert_int_equal(chat_list(world, &god, "table", "")->n_messages, 2);
    chat_refused(world, &player, CHANGE, "table", change, CONSE__REASON__VALUE__NOT_FOUND);
    chat_say(world, &player, "table", 3, "now");
    assert_int_equal(chat_list(world, &other, "table", "")->n_messages, 1);
    assert_int_equal(table_of(world, &other)->unread, 1);
}

static void spectators_read_as_late_as_the_game(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    chat_say(world, &player, "table", 1, "hello");
    assert_int_equal(chat_list(world, &other, "table", "")->n_messages, 0);
    assert_int_equal(chat_list(world, &other, "table", "")->head, 0);
    assert_int_equal(table_of(world, &other)->unread, 0);
    assert_int_equal(chat_list(world, &player, "table", "")->n_messages, 1);
    world->now_ms += MINUTE;
    assert_int_equal(chat_list(world, &other, "table", "")->n_messages, 1);
    assert_int_equal(table_of(world, &other)->unread, 1);
}

// ---- Rights

static void to_who_may_not_read_there_is_no_room(void **state)
{
    struct service_world *world = *state;
    static const char *const rooms[] = {"dead", "side.$event", "god.$player", "god.$event", "side.$side"};
    static const char *const asks[][2] = {{"events.ListMessages", ""},
                                          {SEND, ",'client_id':'client-id-00000001','text':'a'"},
                                          {SEND, ",'client_id':'client-id-00000001','text':'\\t'"},
                                          {CHANGE, ",'message_id':'$message','text':'a'"},
                                          {TAKE_BACK, ",'message_id':'$message'"},
                                          {"events.ReportMessage", ",'message_id':'$message'"},
                                          {"events.SetRoomCursor", ",'seq':1"},
                                          {"events.SetTyping", ""},
                                          {"events.SlowRoom", ",'seconds':1"},
                                          {"events.MuteInRoom", ",'user_id':'$player'"}};
    open_table(world);
    service_remember(world, "side",
                     ((Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                                     service_recall(world, "mafia-boss"), &world->arena))
                         ->side_id);
    chat_say(world, &player, "god.$player", 1, "psst");
    service_remember(world, "message", chat_say(world, &god, "god.$player", 1, "yes?")->id);
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++)
        for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
            struct answer answer = chat_ask(world, &other, asks[i][0], rooms[r], asks[i][1]);
            assert_false(answer.ok);
            assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__NOT_FOUND);
            assert_string_equal(answer.err.message, "there is no such room");
            assert_string_equal(answer.err.field, "");
        }
    service_remember(world, "event", id_of(4711)); // nor an event
    struct answer answer = chat_ask(world, &other, "events.ListMessages", "table", "");
    assert_string_equal(answer.err.message, "there is no such room");
}

static void a_mute_holds_until_its_time(void **state)
{
    struct service_world *world = *state;
    char more[128], until[STAMP_TEXT];
    open_table(world);
    stamp_print(until, world->now_ms + MINUTE);
    snprintf(more, sizeof more, ",'user_id':'$player','until':'%s','reason':'shouts'", until);
    chat_refused(world, &other, "events.MuteInRoom", "table", more, CONSE__REASON__VALUE__NOT_OWNER);
    chat_must(world, &god, "events.MuteInRoom", "table", more);
    chat_no_word(world, &player, "table", CONSE__REASON__VALUE__MUTED);
    assert_false(table_of(world, &player)->may_write);
    assert_string_equal(table_of(world, &player)->why_not, "MUTED");
    chat_say(world, &other, "table", 1, "quiet");
    chat_say(world, &player, "god.$player", 1, "why?");
    world->now_ms += MINUTE;
    chat_say(world, &player, "table", 1, "free");
    stamp_print(until, world->now_ms + MINUTE);
    snprintf(more, sizeof more, ",'user_id':'$player','until':'%s'", until);
    chat_must(world, &god, "events.MuteInRoom", "table", more);
    chat_must(world, &god, "events.MuteInRoom", "table", ",'user_id':'$player'");
    chat_say(world, &player, "table", 2, "free again");
}

static void a_slow_room_says_how_long_to_wait(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    chat_refused(world, &player, "events.SlowRoom", "table", ",'seconds':30",
                 CONSE__REASON__VALUE__NOT_OWNER);
    const void *reply = chat_must(world, &god, "events.SlowRoom", "table", ",'seconds':30").reply;
    assert_int_equal(((const Events__RoomReply *)reply)->room->slow_mode, 30);
    chat_say(world, &player, "table", 1, "one");
    world->now_ms += 10000;
    struct answer answer = chat_ask(world, &player, SEND, "table", chat_text(2, "two"));
    assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__SLOW_MODE);
    assert_int_equal(answer.err.retry_after_s, 20);
    chat_say(world, &other, "table", 1, "mine");
    chat_say(world, &god, "table", 1, "one");
    chat_say(world, &god, "table", 2, "two");
    world->now_ms += 20000;
    chat_say(world, &player, "table", 2, "two");
}

static void what_a_user_said_is_exported(void **state)
{
    struct service_world *world = *state;
    open_table(world);
    for (unsigned n = 1; n <= 3; n++) chat_say(world, &player, "table", n, "mine");
    chat_say(world, &other, "table", 1, "not mine");
    chat_say(world, &player, "god.$player", 1, "psst");
    const Events__ExportMessagesReply *page =
        (const void *)service_must(world, &player, "events.ExportMessages", "{'page_size':2}").reply;
    assert_int_equal(page->n_messages, 2);
    char request[256];
    snprintf(request, sizeof request, "{'page_size':2,'page_token':'%s'}", page->next_page_token);
    page = (const void *)service_must(world, &player, "events.ExportMessages", request).reply;
    assert_int_equal(page->n_messages, 2);
    assert_string_equal(page->next_page_token, "");
    size_t own = 0;
    for (size_t i = 0; i < page->n_messages; i++)
        own += strcmp(page->messages[i]->message->author->id, player.user_id) == 0;
    assert_int_equal(own, 2);
    page = (const void *)service_must(world, &god, "events.ExportMessages", "{}").reply;
    assert_int_equal(page->n_messages, 0);
    assert_refuses(world, &god, "events.ExportMessages", "{'page_token':'x'}",
                   CONSE__REASON__VALUE__BAD_PAGE_TOKEN);
}

static void rooms_end_with_their_event(void **state)
{
    struct service_world *world = *state;
    struct store_head *heads;
    struct err err;
    size_t count;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    chat_say(world, &player, "table", 1, "nobody comes");
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    service_fence(world);
    assert_true(store_heads(world->events.store, "chat.", "", 10, &world->arena, &heads, &count, &err));
    assert_int_equal(count, 0);
    assert_int_equal(
        ((const Events__ExportMessagesReply *)service_must(world, &player, "events.ExportMessages", "{}")
             .reply)
            ->n_messages,
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_said_is_read),
        TEST(of_a_seat_that_was_taken_over_the_account_is_told),
        TEST(a_message_is_sent_once),
        TEST(a_repetition_is_answered_whatever_has_changed),
        TEST(a_message_outlives_a_restart),
        TEST(what_can_not_be_said_is_refused),
        TEST(an_answer_names_a_message_of_the_room),
        TEST(an_own_message_is_changed),
        TEST(a_change_names_the_revision_that_it_changes),
        TEST(what_was_said_in_a_phase_stands_when_it_is_over),
        TEST(a_message_is_changed_within_ten_minutes),
        TEST(a_message_is_taken_back_for_all),
        TEST(nobody_alive_takes_back_at_night_where_they_do_not_write),
        TEST(a_report_is_seen_by_who_leads),
        TEST(nobody_silences_a_room),
        TEST(a_message_is_changed_twenty_times),
        TEST(pages_go_both_ways),
        TEST(a_cursor_never_goes_back),
        TEST(what_was_taken_back_is_not_unread),
        TEST(history_is_what_the_terms_say),
        TEST(spectators_read_as_late_as_the_game),
        TEST(to_who_may_not_read_there_is_no_room),
        TEST(a_mute_holds_until_its_time),
        TEST(a_slow_room_says_how_long_to_wait),
        TEST(what_a_user_said_is_exported),
        TEST(rooms_end_with_their_event),
    };
    return cmocka_run_group_tests_name("chat", tests, NULL, NULL);
}
