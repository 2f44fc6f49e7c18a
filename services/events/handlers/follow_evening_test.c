// Whole evenings, followed: from any cursor each viewer gets exactly what their log has, nothing missing and
// nothing twice; where that is impossible they are told; and nobody's cursor goes on in another's view.
#include "services/events/testing/evening.h"
#include "services/events/testing/follow.h"

enum { MOST_ENTRIES = 256, THOROUGH_EACH = 12 };

// What a log says of an entry.
struct told {
    uint64_t index, seq;
    char kind[32];
    uint8_t hash[crypto_generichash_BYTES]; // of its bytes
};

struct told_log {
    struct told entries[MOST_ENTRIES];
    size_t count;
};

// One viewer's connection.
struct follower {
    struct asker who;
    struct cursor_text at; // "" until it begins
    uint64_t begun;        // the log up to here was in its snapshot
    struct told_log got;   // since then
    size_t breaks;
};

struct evening {
    struct service_world *world;
    struct follower followers[VIEWERS];
    struct told_log logs[VIEWERS]; // as they are now
    struct cursor_text now[VIEWERS];
    size_t steps;
};

static struct told told_of(const Events__LogEntry *entry, uint64_t index)
{
    struct told told = {.index = index, .seq = entry->seq};
    crypto_generichash_state state;
    const ProtobufCBinaryData parts[] = {entry->payload, entry->salt, entry->leaf};
    snprintf(told.kind, sizeof told.kind, "%s", entry->kind);
    crypto_generichash_init(&state, NULL, 0, sizeof told.hash);
    for (size_t i = 0; i < 3; i++) {
        crypto_generichash_update(&state, (const uint8_t *)&parts[i].len, sizeof parts[i].len);
        crypto_generichash_update(&state, parts[i].data, parts[i].len);
    }
    crypto_generichash_final(&state, told.hash, sizeof told.hash);
    return told;
}

static void assert_told_same(const struct told *a, const struct told *b)
{
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->seq, b->seq);
    assert_string_equal(a->kind, b->kind);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
}

static void add_told(struct told_log *log, struct told told)
{
    assert_true(log->count < MOST_ENTRIES);
    log->entries[log->count++] = told;
}

// ---- The log

static const Events__LogReply *read_log(struct evening *evening, const struct asker *who, const char *query)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{" EVENT ",%s}", query);
    return (const void *)service_must(evening->world, who, "events.ReadLog", request).reply;
}

static void read_logs(struct evening *evening)
{
    for (size_t v = 0; v < VIEWERS; v++) {
        struct told_log *log = &evening->logs[v];
        const Events__LogReply *reply = read_log(evening, &evening->followers[v].who, "'limit':500");
        log->count = 0;
        for (size_t i = 0; i < reply->n_entries; i++) {
            struct cursor cursor;
            assert_true(cursor_parse(reply->entries[i]->cursor, &cursor));
            assert_int_equal(cursor.offset, reply->entries[i]->index);
            add_told(log, told_of(reply->entries[i], reply->entries[i]->index));
        }
        strcpy(evening->now[v].text, reply->cursor);
        assert_string_equal(cursor_at(reply->cursor, log->count).text, reply->cursor);
    }
}

// ---- Following

// Adds what the reply has, and moves on.
static void take_entries(struct follower *follower, follow_reply reply)
{
    follow_view view = reply->views[0];
    for (size_t i = 0; i < view->n_body; i++)
        add_told(&follower->got, told_of(body_of(reply, 0, i), view->from + i));
    follower->at = cursor_after(view);
}

static void take_break(struct follower *follower, follow_reply reply)
{
    follow_view view = reply->views[0];
    assert_int_equal(view->snapshot, 1);
    assert_int_equal(view->n_body, 0);
    follower->breaks += *follower->at.text != 0;
    follower->at = cursor_after(view);
    follower->begun = view->place->offset;
    follower->got.count = 0;
}

static void follow_on(struct evening *evening, struct follower *follower)
{
    bool more = true;
    while (more) {
        follow_reply reply = follow(evening->world, &follower->who, follower->at.text);
        follow_view view = reply->views[0];
        if (view->more && !view->n_body && !view->snapshot) {
            reply = follow_page(evening->world, &follower->who, follower->at.text);
            view = reply->views[0];
        }
        more = view->more;
        if (!*follower->at.text || view->place->reset)
            take_break(follower, reply);
        else
            take_entries(follower, reply);
    }
}

static void assert_has_all(const struct follower *follower, const struct told_log *log)
{
    assert_int_equal(follower->begun + follower->got.count, log->count);
    for (size_t i = 0; i < follower->got.count; i++)
        assert_told_same(&follower->got.entries[i], &log->entries[follower->begun + i]);
}

// A break is told exactly when the view became another one.
static void everybody_follows(struct evening *evening)
{
    for (size_t v = 0; v < VIEWERS; v++) {
        struct follower *follower = &evening->followers[v];
        size_t breaks = follower->breaks;
        bool first = !*follower->at.text;
        bool changed = strncmp(follower->at.text, evening->now[v].text, CURSOR_EPOCH) != 0;
        follow_on(evening, follower);
        assert_int_equal(follower->breaks - breaks, changed && !first);
        assert_string_equal(follower->at.text, evening->now[v].text);
        assert_has_all(follower, &evening->logs[v]);
    }
}

// From each place in the log, by both ways.
static void goes_on_from(struct evening *evening, size_t v, uint64_t offset)
{
    const struct told_log *log = &evening->logs[v];
    struct follower follower = {.who = evening->followers[v].who, .begun = offset};
    follower.at = cursor_at(evening->now[v].text, offset);
    char query[96];
    snprintf(query, sizeof query, "'after':'%s','limit':500", follower.at.text);
    const Events__LogReply *reply = read_log(evening, &follower.who, query);
    assert_null(reply->reset);
    assert_int_equal(reply->n_entries, log->count - offset);
    for (size_t i = 0; i < reply->n_entries; i++) {
        struct told told = told_of(reply->entries[i], reply->entries[i]->index);
        assert_told_same(&told, &log->entries[offset + i]);
    }
    assert_string_equal(reply->cursor, evening->now[v].text);
    follow_on(evening, &follower);
    assert_int_equal(follower.breaks, 0);
    assert_has_all(&follower, log);
}

static void everybody_goes_on_from_anywhere(struct evening *evening)
{
    for (size_t v = 0; v < VIEWERS; v++)
        for (size_t offset = 0; offset <= evening->logs[v].count; offset++) goes_on_from(evening, v, offset);
}

static void assert_begins(struct evening *evening, const struct asker *who, const char *cursor)
{
    char query[96];
    snprintf(query, sizeof query, "'after':'%s'", cursor);
    const Events__LogReply *log = read_log(evening, who, query);
    assert_non_null(log->reset);
    assert_non_null(log->event);
    assert_int_equal(log->n_entries, 0);
    int reason = log->reset->reason;
    assert_true(reason == EVENTS__RESET__REASON__EPOCH || reason == EVENTS__RESET__REASON__RIGHTS);
    follow_reply reply = follow(evening->world, who, cursor);
    assert_begins_anew(reply, (Events__Reset__Reason)reason);
}

static void nobody_goes_on_in_anothers_view(struct evening *evening)
{
    for (size_t v = 0; v < VIEWERS; v++)
        for (size_t w = 0; w < VIEWERS; w++) {
            const struct asker *who = &evening->followers[w].who;
            const char *cursor = evening->now[v].text;
            if (strncmp(cursor, evening->now[w].text, CURSOR_EPOCH) != 0)
                assert_begins(evening, who, cursor);
            else
                assert_goes_on(follow(evening->world, who, cursor), 0);
        }
}

// ---- The evening

static void look(struct evening *evening)
{
    read_logs(evening);
    everybody_follows(evening);
    if (evening->steps++ % THOROUGH_EACH) return;
    everybody_goes_on_from_anywhere(evening);
    nobody_goes_on_in_anothers_view(evening);
}

static void evening_take(struct evening *evening, const struct step *step)
{
    struct service_world *world = evening->world;
    if (strcmp(step->who, "change") == 0) return;
    if (strcmp(step->who, "clock") == 0) return service_wait(world, atol(step->method));
    bool whisper = strncmp(step->who, "whisper:", 8) == 0;
    struct asker who = asker_of(&viewers[viewer_named(whisper ? step->who + 8 : step->who)]);
    struct answer answer = service_ask(world, &who, step->method, step->request);
    bool may_fail = step->may_fail || strcmp(step->method, "events.CastBallot") == 0 ||
                    strcmp(step->method, "events.Reserve") == 0;
    if (!answer.ok && !may_fail) fail_msg("%s: %s", step->method, answer.err.message);
    if (answer.ok) remember_made(world, step->method, answer.reply);
}

static const struct step comings_and_goings[] = {
    {"waiting", "events.CancelReservation", "{" EVENT ",'user_id':'$waiting'}", false},
    {"god", "events.AddAssistant", "{" EVENT ",'user_id':'$waiting'}", false},
    {"god", "events.RemoveAssistant", "{" EVENT ",'user_id':'$waiting'}", false},
    {"waiting", "events.Reserve", "{" EVENT "}", false},
    {"god", "events.AddAssistant", "{" EVENT ",'user_id':'$stranger'}", false},
};
static const struct step last_steps[] = {
    {"god", "events.RemoveAssistant", "{" EVENT ",'user_id':'$stranger'}", false},
    {"god", "events.HandOverEvent", "{" EVENT ",'god_id':'$next'}", false},
    {"clock", "700000", NULL, false},
    {"other_god", "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}", false},
    {"clock", "700000", NULL, false},
};

static void evening_begin(struct evening *evening, const char *delay)
{
    struct service_world *world = evening->world = service_world_open();
    Events__LastMove **moves;
    for (size_t v = 0; v < VIEWERS; v++) {
        evening->followers[v].who = asker_of(&viewers[v]);
        service_remember(world, viewers[v].name, evening->followers[v].who.user_id);
        if (viewers[v].user)
            service_teach(world, evening->followers[v].who.user_id, viewers[v].name, viewers[v].level);
    }
    catalogue_list(world->events.catalogue, EVENTS_LAST_MOVES, false, &world->arena,
                   (ProtobufCMessage ***)&moves);
    service_remember(world, "move", moves[0]->id);
    service_remember(world, "secondmove", moves[1]->id);
    service_remember(world, "firstpoll", id_of(1));
    service_remember(world, "poll", id_of(1));
    service_remember(world, "next", id_of(OTHER_GOD));
    Events__Role *role = (Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                                        service_recall(world, "spy"), &world->arena);
    service_remember(world, "side", role->side_id);
    role = (Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                          service_recall(world, "nightmare"), &world->arena);
    service_remember(world, "mafiaside", role->side_id);
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) evening_take(evening, &opening[i]);
    if (!delay) return;
    char request[96];
    snprintf(request, sizeof request, "{" EVENT ",'spectator_delay':'%s'}", delay);
    service_must(world, &evening->followers[THE_GOD].who, "events.UpdateEvent", request);
}

static void take_all(struct evening *evening, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        evening_take(evening, &steps[i]);
        look(evening);
    }
}

static void play(const char *delay)
{
    enum { RESERVED = 5 };
    struct evening *evening = calloc(1, sizeof *evening);
    assert_non_null(evening);
    evening_begin(evening, delay);
    look(evening);
    take_all(evening, evening_steps, RESERVED);
    take_all(evening, comings_and_goings, sizeof comings_and_goings / sizeof *comings_and_goings);
    take_all(evening, evening_steps + RESERVED, sizeof evening_steps / sizeof *evening_steps - RESERVED);
    take_all(evening, last_steps, sizeof last_steps / sizeof *last_steps);
    everybody_goes_on_from_anywhere(evening);
    nobody_goes_on_in_anothers_view(evening);
    assert_true(evening->logs[0].count > 60);
    for (size_t v = 0; v < VIEWERS; v++) assert_true(evening->followers[v].breaks > 0); // at its end
    service_world_close(evening->world);
    free(evening);
}

static void an_evening_is_followed_whole(void **state)
{
    (void)state;
    play(NULL);
}

static void so_is_one_that_is_shown_late(void **state)
{
    (void)state;
    play("120s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_evening_is_followed_whole),
        cmocka_unit_test(so_is_one_that_is_shown_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
