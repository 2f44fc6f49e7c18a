// What people do in rooms, by who they are and how far the game is: one table of deeds. To who does not read
// a room it is not there, whatever they do: it is not listed, they are not named in it, nor told who writes.
#include "services/events/testing/chat.h"

// ---- The people

static const struct asker mafia = {"01890000-0000-7000-8000-000000000102", LEVEL_PLAYER},
                          mate = {"01890000-0000-7000-8000-000000000103", LEVEL_PLAYER},
                          silent = {"01890000-0000-7000-8000-000000000104", LEVEL_PLAYER},
                          dead = {"01890000-0000-7000-8000-000000000105", LEVEL_PLAYER},
                          kicked = {"01890000-0000-7000-8000-000000000106", LEVEL_PLAYER},
                          gone = {"01890000-0000-7000-8000-000000000107", LEVEL_PLAYER},
                          muted = {"01890000-0000-7000-8000-000000000108", LEVEL_PLAYER},
                          helper = {"01890000-0000-7000-8000-000000000109", LEVEL_PLAYER},
                          stranger = {"01890000-0000-7000-8000-00000000010a", LEVEL_PLAYER};

struct somebody {
    const char *name;
    const struct asker *asker;
    const char *role, *status; // NULL: no seat; no status
};

static const struct somebody people[] = {
    {"player", &player, "doctor", NULL}, {"mafia", &mafia, "boss", NULL},
    {"mate", &mate, "nightmare", NULL},  {"silent", &silent, "sheriff", "SILENT_6_PHASES"},
    {"dead", &dead, "jailer", "DEAD"},   {"kicked", &kicked, "jailer", "KICKED"},
    {"gone", &gone, "jailer", "EXITED"}, {"muted", &muted, "jailer", NULL},
    {"helper", &helper, NULL, NULL},     {"stranger", &stranger, NULL, NULL},
    {"second", &second_god, NULL, NULL}, {"dev", &dev, NULL, NULL},
    {"god", &god, NULL, NULL},
};
enum { PEOPLE = sizeof people / sizeof *people };

static bool is_seated(const struct somebody *one) { return one->role != NULL; }
static bool leads(const struct somebody *one)
{
    return one->asker == &god || one->asker == &dev || one->asker == &helper;
}
static bool is_mafia(const struct somebody *one) { return one->asker == &mafia || one->asker == &mate; }
static bool is_among_the_dead(const struct somebody *one)
{
    return one->asker == &dead || one->asker == &gone;
}
static bool is_living(const struct somebody *one)
{
    return is_seated(one) && !is_among_the_dead(one) && one->asker != &kicked;
}

// ---- The rooms, in words

enum stage { AT_DAY, AT_NIGHT, AT_END };
static const char *const rooms[] = {"table", "side.$side", "dead", "god.$player"};
enum { TABLE, SIDE, DEAD, GOD_ROOM, ROOMS };

static bool reads(const struct somebody *one, int room, enum stage stage)
{
    switch (room) {
    case TABLE:
        return true;
    case SIDE:
        return stage == AT_END || leads(one) || is_mafia(one);
    case DEAD:
        return stage == AT_END || leads(one) || is_among_the_dead(one);
    default:
        return one->asker == &god || one->asker == &player;
    }
}

// 0, or why not.
static Conse__Reason__Value why_not(const struct somebody *one, int room, enum stage stage)
{
    if (!reads(one, room, stage)) return CONSE__REASON__VALUE__NOT_FOUND;
    if (room == GOD_ROOM) return 0;
    if (stage == AT_END) return CONSE__REASON__VALUE__EVENT_OVER;
    if (leads(one) || room == DEAD) return 0;
    if (!is_living(one)) return CONSE__REASON__VALUE__NOT_A_LIVING_PLAYER;
    if (room == SIDE) return stage == AT_NIGHT ? 0 : CONSE__REASON__VALUE__ROOM_CLOSED;
    if (one->asker == &silent) return CONSE__REASON__VALUE__SILENCED;
    if (stage == AT_NIGHT) return CONSE__REASON__VALUE__ROOM_CLOSED;
    return one->asker == &muted ? CONSE__REASON__VALUE__MUTED : 0;
}

static bool moderates(const struct somebody *one, int room, enum stage stage)
{
    return reads(one, room, stage) && leads(one);
}

// ---- The deeds

enum need { READS, WRITES, MODERATES, WROTE, TAKES_BACK };

static const struct deed {
    const char *method, *more;
    enum need need;
} deeds[] = {
    {"events.ListMessages", "", READS},
    {"events.ReadRoom", "", READS},
    {"events.SetRoomCursor", ",'seq':1", READS},
    {"events.ReportMessage", ",'message_id':'$message','reason':'rude'", READS},
    {"events.SetTyping", "", WRITES},
    {"events.SendMessage", ",'client_id':'client-id-of-a-try1','text':'me too'", WRITES},
    {"events.ListMessages", ",'all_texts':true", MODERATES},
    {"events.SlowRoom", ",'seconds':0", MODERATES},
    {"events.MuteInRoom", ",'user_id':'$gone'", MODERATES},
    {"events.UpdateMessage", ",'message_id':'$message','text':'other news'", WROTE},
    {"events.DeleteMessage", ",'message_id':'$message'", TAKES_BACK},
};

// Changed by its author, and not when the phase that it was said in is over.
static Conse__Reason__Value judge_change(const struct somebody *one, int room, enum stage stage)
{
    if (one->asker != &god) return CONSE__REASON__VALUE__NOT_OWNER;
    Conse__Reason__Value why = why_not(one, room, stage);
    return why || stage != AT_END ? why : CONSE__REASON__VALUE__PHASE_OVER;
}

// Of a message of the god's.
static Conse__Reason__Value judge(const struct deed *deed, const struct somebody *one, int room,
                                  enum stage stage)
{
    if (!reads(one, room, stage)) return CONSE__REASON__VALUE__NOT_FOUND;
    switch (deed->need) {
    case READS:
        return 0;
    case WRITES:
        return why_not(one, room, stage);
    case WROTE:
        return judge_change(one, room, stage);
    default:
        return moderates(one, room, stage) ? 0 : CONSE__REASON__VALUE__NOT_OWNER;
    }
}

// ---- The game

static void seat_all(struct service_world *world)
{
    static const char *const cards[] = {"doctor", "sheriff", "nightmare", "jailer",
                                        "spy",    "opium",   "bomber",    "surgeon"};
    char request[1024] = "{'group_id':'$group','name':'large','roles':[";
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
        sprintf(request + strlen(request), "%s{'role_id':'$%s','copies':1}", i ? "," : "", cards[i]);
    const Events__DeckReply *deck =
        (const void *)service_must(world, &god, "events.CreateDeck", strcat(request, "]}")).reply;
    service_remember(world, "deck", deck->deck->id);
    snprintf(request, sizeof request,
             "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':8,"
             "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}");
    const Events__EventReply *event =
        (const void *)service_must(world, &god, "events.CreateEvent", request).reply;
    service_remember(world, "event", event->event->id);
    for (size_t i = 0; i < PEOPLE; i++) {
        service_teach(world, people[i].asker->user_id, people[i].name, people[i].asker->level);
        service_remember(world, people[i].name, people[i].asker->user_id);
        if (is_seated(&people[i])) service_must(world, people[i].asker, "events.Reserve", "{" EVENT "}");
    }
    service_remember(world, "boss", service_recall(world, "mafia-boss"));
    service_must(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$helper'}");
}

static void update_player(struct service_world *world, const char *name, const char *more)
{
    char request[256];
    snprintf(request, sizeof request, "{" EVENT ",'user_id':'$%s',%s}", name, more);
    service_must(world, &god, "events.UpdatePlayer", request);
}

// Cards are chosen, and told.
static void deal_all(struct service_world *world)
{
    char more[64];
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    for (size_t i = 0; i < PEOPLE && is_seated(&people[i]); i++) {
        snprintf(more, sizeof more, "'role_id':'$%s'", people[i].role);
        update_player(world, people[i].name, more);
        update_player(world, people[i].name, "'status':'ROLE_CHANGED'");
    }
    service_remember(world, "side",
                     ((Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                                     service_recall(world, "mafia-boss"), &world->arena))
                         ->side_id);
}

static void remember_message(struct service_world *world, const char *prefix, const char *name,
                             const Events__Message *message)
{
    char called[32];
    snprintf(called, sizeof called, "%s%s", prefix, name);
    service_remember(world, called, message->id);
}

// Everybody at the table said something before it began.
static void begin_at(struct service_world *world, enum stage stage)
{
    char more[64];
    seat_all(world);
    deal_all(world);
    for (size_t i = 0; i < PEOPLE && is_seated(&people[i]); i++)
        remember_message(world, "own", people[i].name, chat_say(world, people[i].asker, "table", 1, "hello"));
    for (size_t i = 0; i < PEOPLE; i++) {
        if (!people[i].status) continue;
        snprintf(more, sizeof more, "'status':'%s'", people[i].status);
        update_player(world, people[i].name, more);
    }
    chat_must(world, &god, "events.MuteInRoom", "table",
              ",'user_id':'$muted','until':'2027-02-01T00:00:00Z','reason':'shouts'");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    if (stage == AT_NIGHT) service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
}

static void end_at(struct service_world *world, enum stage stage)
{
    if (stage == AT_END)
        service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
}

// ---- Trying

static void expect(const struct answer *answer, Conse__Reason__Value wanted, const char *what)
{
    Conse__Reason__Value got = answer->ok ? 0 : answer->err.reason;
    if (got != wanted) fail_msg("%s: %d %s and not %d", what, (int)got, answer->err.message, (int)wanted);
    if (wanted != CONSE__REASON__VALUE__NOT_FOUND) return;
    assert_string_equal(answer->err.message, "there is no such room");
    assert_string_equal(answer->err.field, "");
}

static void try_deed(struct service_world *world, const struct deed *deed, int room, enum stage stage)
{
    char what[160];
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(what, sizeof what, "%s%s of %s in %s at %d", deed->method, deed->more, people[i].name,
                 rooms[room], (int)stage);
        const struct answer answer = chat_ask(world, people[i].asker, deed->method, rooms[room], deed->more);
        expect(&answer, judge(deed, &people[i], room, stage), what);
    }
}

// What who leads said there while the game went on.
static void say_in_all(struct service_world *world, struct uuid said[ROOMS])
{
    for (int room = 0; room < ROOMS; room++)
        strcpy(said[room].text, chat_say(world, &god, rooms[room], 1, "news")->id);
}

static void try_deeds(struct service_world *world, enum stage stage, const struct uuid said[ROOMS])
{
    for (int room = 0; room < ROOMS; room++) {
        service_remember(world, "message", said[room].text);
        for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) try_deed(world, &deeds[i], room, stage);
    }
}

// A message of one's own, at the table: changed by who may write there, and taken back but by the living
// at night.
static void try_own(struct service_world *world, enum stage stage)
{
    char more[96];
    for (size_t i = 0; i < PEOPLE && is_seated(&people[i]); i++) {
        const struct somebody *one = &people[i];
        Conse__Reason__Value why = why_not(one, TABLE, stage);
        bool quiet = is_living(one) && stage == AT_NIGHT;
        snprintf(more, sizeof more, ",'message_id':'$own%s','text':'hi'", one->name);
        struct answer answer = chat_ask(world, one->asker, "events.UpdateMessage", "table", more);
        expect(&answer, why, one->name);
        snprintf(more, sizeof more, ",'message_id':'$own%s'", one->name);
        answer = chat_ask(world, one->asker, "events.DeleteMessage", "table", more);
        expect(&answer, quiet ? why : 0, one->name);
    }
}

static void try_stage(struct service_world *world, enum stage stage)
{
    struct uuid said[ROOMS];
    begin_at(world, stage);
    say_in_all(world, said);
    end_at(world, stage);
    try_deeds(world, stage, said);
    try_own(world, stage);
}

static void by_day_each_deed_is_for_whom_it_is(void **state) { try_stage(*state, AT_DAY); }
static void at_night_too(void **state) { try_stage(*state, AT_NIGHT); }
static void and_when_it_is_over(void **state) { try_stage(*state, AT_END); }

// ---- What tells of a room

static bool lists(struct service_world *world, const struct somebody *one, int room)
{
    char id[WORLD_REQUEST], text[64];
    const Events__ListRoomsReply *list =
        (const void *)service_must(world, one->asker, "events.ListRooms", "{" EVENT "}").reply;
    snprintf(text, sizeof text, "$event.%s", rooms[room]);
    service_fill_in(world, id, text);
    for (size_t i = 0; i < list->n_rooms; i++)
        if (strcmp(list->rooms[i]->id, id) == 0) return true;
    return false;
}

static bool names(const Events__Message *message, const struct somebody *one)
{
    for (size_t i = 0; i < message->n_mentions; i++)
        if (strcmp(message->mentions[i]->id, one->asker->user_id) == 0) return true;
    return false;
}

// Who is named there is who reads it; of these the inbox and browsers are told.
static void try_mentions(struct service_world *world, int room, enum stage stage)
{
    char text[512] = "";
    for (size_t i = 0; i < PEOPLE; i++) sprintf(text + strlen(text), "@%s ", people[i].name);
    const Events__Message *message = chat_say(world, &god, rooms[room], 2, text);
    for (size_t i = 0; i < PEOPLE; i++) {
        if (people[i].asker == &god) continue;
        if (names(message, &people[i]) != reads(&people[i], room, stage))
            fail_msg("%s is named, or not, in %s at %d", people[i].name, rooms[room], (int)stage);
    }
}

static void try_typing(struct service_world *world, int room, enum stage stage)
{
    char more[128];
    chat_must(world, &god, "events.SetTyping", rooms[room], "");
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct asker *who = people[i].asker;
        snprintf(more, sizeof more, ",'viewers':[{'user_id':'%s','level':%u}]", who->user_id, who->level);
        const Events__FollowReply *reply =
            (const void *)chat_must(world, &nobody, "events.FollowRoom", rooms[room], more).reply;
        const Events__FollowReply__View *view = reply->views[0];
        bool read = reads(&people[i], room, stage);
        assert_int_equal(view->place->key.len != 0, read);
        assert_int_equal(view->hears_typing, read);
        if (read) assert_true(reply->typing && reply->typing->n_users == 1);
        if (read) continue;
        assert_int_equal(view->place->reset, EVENTS__RESET__REASON__RIGHTS);
        assert_int_equal(reply->n_snapshots + reply->n_bodies, 0);
        assert_null(view->mine);
    }
}

static void try_presence(struct service_world *world)
{
    char request[512];
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct asker *who = people[i].asker;
        snprintf(request, sizeof request,
                 "{" EVENT ",'viewers':[{'user_id':'%s','level':%u}],'people':[{'user_id':'$mate','state':"
                 "'CONNECTED'}]}",
                 who->user_id, who->level);
        const Events__FollowReply *reply =
            (const void *)service_must(world, &nobody, "events.FollowPresence", request).reply;
        const Events__EventPresence *seen = reply->snapshots[0]->presence;
        assert_int_equal(*seen->side_room_id != 0, is_mafia(&people[i]));
        assert_int_equal(seen->n_side, is_mafia(&people[i]) ? 2 : 0);
    }
}

static void nothing_tells_of_a_room_but_to_who_reads_it(void **state)
{
    struct service_world *world = *state;
    begin_at(world, AT_NIGHT);
    for (int room = 0; room < ROOMS; room++) {
        for (size_t i = 0; i < PEOPLE; i++)
            assert_int_equal(lists(world, &people[i], room), reads(&people[i], room, AT_NIGHT));
        try_mentions(world, room, AT_NIGHT);
        try_typing(world, room, AT_NIGHT);
    }
    try_presence(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_day_each_deed_is_for_whom_it_is),
        TEST(at_night_too),
        TEST(and_when_it_is_over),
        TEST(nothing_tells_of_a_room_but_to_who_reads_it),
    };
    return cmocka_run_group_tests_name("deeds", tests, NULL, NULL);
}
