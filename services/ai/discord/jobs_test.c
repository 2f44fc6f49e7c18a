// Commands as rows, in a file and in a store that processes share.
#include "services/ai/discord/jobs.h"

#include "services/ai/testing/club.h"

enum { SECOND_MS = 1000 };

static struct err err;

static struct interaction command(const char *id, const char *user_id, const char *channel_id)
{
    struct interaction asked = {.type = INTERACTION_COMMAND, .hours = 6, .public = true};
    snprintf(asked.id, sizeof asked.id, "%s", id);
    snprintf(asked.application_id, sizeof asked.application_id, "2222");
    snprintf(asked.user_id, sizeof asked.user_id, "%s", user_id);
    snprintf(asked.channel_id, sizeof asked.channel_id, "%s", channel_id);
    snprintf(asked.token, sizeof asked.token, "token of %s", id);
    return asked;
}

static void begin(struct club *club, const struct interaction *asked, Discord__JobRow__Kind kind)
{
    static uint8_t first[] = "first";
    Discord__JobRow row;
    const struct store_write write = {.after = 0};
    job_fill(&row, asked, kind, club->now_ms, "secret", &club->arena);
    row.first = (ProtobufCBinaryData){5, first};
    assert_true(store_wait(club->ai.store, job_begin(club->ai.store, &row, &write), &err));
}

static Discord__JobRow *first_in(struct club *club, Discord__JobRow__State state, size_t count,
                                 uint64_t *version)
{
    struct store_rows rows;
    assert_true(jobs_in(club->ai.store, state, &club->arena, &rows, &err));
    assert_int_equal(rows.count, count);
    if (count) *version = rows.versions[0];
    return count ? (Discord__JobRow *)rows.messages[0] : NULL;
}

static void a_command_waits_until_it_is_done(void **state)
{
    struct club *club = *state;
    const struct interaction asked = command("11", "5", "3");
    const char *said[] = {"one", "two"};
    ProtobufCBinaryData first;
    uint64_t version;
    assert_true(job_answered(club->ai.store, "11", &club->arena, &first, &err) && !first.data);
    begin(club, &asked, DISCORD__JOB_ROW__KIND__CATCHUP);
    assert_true(job_answered(club->ai.store, "11", &club->arena, &first, &err));
    assert_memory_equal(first.data, "first", 5);
    Discord__JobRow *row = first_in(club, DISCORD__JOB_ROW__STATE__WAITING, 1, &version);
    assert_true(row->hours == 6 && row->public_);
    row->state = DISCORD__JOB_ROW__STATE__MADE;
    row->messages = said;
    row->n_messages = 2;
    assert_true(job_move(club->ai.store, row, &version, &err));
    first_in(club, DISCORD__JOB_ROW__STATE__WAITING, 0, &version);
    row = first_in(club, DISCORD__JOB_ROW__STATE__MADE, 1, &version);
    assert_string_equal(row->messages[1], "two");
    begin(club, &asked, DISCORD__JOB_ROW__KIND__CATCHUP); // comes again, and changes nothing
    first_in(club, DISCORD__JOB_ROW__STATE__WAITING, 0, &version);
    row = first_in(club, DISCORD__JOB_ROW__STATE__MADE, 1, &version);
    row->state = DISCORD__JOB_ROW__STATE__DONE;
    assert_true(job_move(club->ai.store, row, &version, &err));
    uint64_t late = version - 1;
    assert_false(job_move(club->ai.store, row, &late, &err)); // who was overtaken
    assert_true(err_is(&err, CONFLICT));
}

static void a_token_is_for_who_has_the_bots(void **state)
{
    struct club *club = *state;
    const struct interaction asked = command("12", "5", "3");
    char token[INTERACTION_TOKEN];
    uint64_t version;
    begin(club, &asked, DISCORD__JOB_ROW__KIND__STATS);
    Discord__JobRow *row = first_in(club, DISCORD__JOB_ROW__STATE__WAITING, 1, &version);
    assert_null(memmem(row->token.data, row->token.len, "token of", 8));
    assert_true(job_token(row, "secret", token));
    assert_string_equal(token, "token of 12");
    assert_false(job_token(row, "another", token));
    row->token.len = 20;
    assert_false(job_token(row, "secret", token));
}

static int64_t pause_of(struct club *club, const struct interaction *asked, Discord__JobRow__Kind kind)
{
    int64_t from_ms;
    assert_true(job_may_from(club->ai.store, asked, kind, club->now_ms, &from_ms, &club->arena, &err));
    return from_ms > club->now_ms ? from_ms - club->now_ms : 0;
}

static void between_commands_there_is_a_pause(void **state)
{
    struct club *club = *state;
    const struct interaction first = command("21", "5", "3"), again = command("22", "5", "4"),
                             other = command("23", "6", "3"), else_ = command("24", "6", "4");
    begin(club, &first, DISCORD__JOB_ROW__KIND__CATCHUP);
    assert_int_equal(pause_of(club, &first, DISCORD__JOB_ROW__KIND__CATCHUP), 0); // is no other
    assert_int_equal(pause_of(club, &again, DISCORD__JOB_ROW__KIND__CATCHUP), JOB_USER_MS);
    assert_int_equal(pause_of(club, &other, DISCORD__JOB_ROW__KIND__CATCHUP), JOB_CHANNEL_MS);
    assert_int_equal(pause_of(club, &else_, DISCORD__JOB_ROW__KIND__CATCHUP), 0);
    assert_int_equal(pause_of(club, &again, DISCORD__JOB_ROW__KIND__STATS), 0);
    club->now_ms += JOB_CHANNEL_MS;
    assert_int_equal(pause_of(club, &other, DISCORD__JOB_ROW__KIND__CATCHUP), 0);
    assert_int_equal(pause_of(club, &again, DISCORD__JOB_ROW__KIND__CATCHUP), JOB_USER_MS - JOB_CHANNEL_MS);
    begin(club, &again, DISCORD__JOB_ROW__KIND__STATS);
    assert_int_equal(pause_of(club, &first, DISCORD__JOB_ROW__KIND__STATS), JOB_OTHER_MS);
}

static void the_old_ones_go(void **state)
{
    struct club *club = *state;
    const struct interaction asked = command("31", "5", "3"), later = command("32", "5", "3");
    ProtobufCBinaryData first;
    bool more = false;
    begin(club, &asked, DISCORD__JOB_ROW__KIND__STATS);
    club->now_ms += JOB_KEPT_MS;
    begin(club, &later, DISCORD__JOB_ROW__KIND__STATS);
    assert_true(jobs_sweep(club->ai.store, club->now_ms, &more, &club->arena, &err));
    assert_false(more);
    const struct store_write write = {.after = 0};
    Discord__JobRow row;
    job_fill(&row, &later, DISCORD__JOB_ROW__KIND__STATS, club->now_ms, "secret", &club->arena);
    assert_true(
        store_wait(club->ai.store, job_begin(club->ai.store, &row, &write), &err)); // so the removal is there
    assert_true(job_answered(club->ai.store, "31", &club->arena, &first, &err) && !first.data);
}

static void more_than_a_page_of_them_go_too(void **state)
{
    struct club *club = *state;
    uint64_t version;
    for (int i = 0; i < JOBS_PAGE + 20; i++) {
        char id[SNOWFLAKE];
        snprintf(id, sizeof id, "%d", 100 + i);
        const struct interaction asked = command(id, "5", "3");
        begin(club, &asked, DISCORD__JOB_ROW__KIND__STATS);
    }
    club->now_ms += JOB_KEPT_MS;
    const struct interaction later = command("99", "5", "3");
    for (bool more = true, first = true; more; first = false) {
        more = false;
        assert_true(jobs_sweep(club->ai.store, club->now_ms, &more, &club->arena, &err));
        assert_true(more || !first);
        begin(club, &later, DISCORD__JOB_ROW__KIND__STATS); // so the removals are there
    }
    first_in(club, DISCORD__JOB_ROW__STATE__WAITING, 1, &version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLUB_IN_BOTH(a_command_waits_until_it_is_done),  CLUB_IN_BOTH(a_token_is_for_who_has_the_bots),
        CLUB_IN_BOTH(between_commands_there_is_a_pause), CLUB_IN_BOTH(the_old_ones_go),
        CLUB_IN_BOTH(more_than_a_page_of_them_go_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
