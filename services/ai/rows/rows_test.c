// Histories are the same rows, in whichever pages they are made, and however often.
#include "services/ai/rows/rows.h"

#include "lib/base/buf.h"
#include "services/ai/testing/club.h"

enum { GAMES = 260, SEATS = 12, CLAIMED_EACH = 10, ROWS_PAGE = 500 };

// Games of a league, in some of which a guest plays whose seat an account takes over.
static void play_league(struct club *club, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        const bool guest = i % CLAIMED_EACH == 0;
        club_begin(club, 6 + i % (SEATS - 6));
        if (guest) club_make_guest(club, 4);
        club->winners[0] = i % 3 ? TOWN : WOLVES;
        club->now_ms += 60000;
        club_tell(club);
        if (!guest) continue;
        club_claim(club, 4, 30 + i % 7);
        club_tell(club);
    }
}

static void catch_up(struct club *club)
{
    struct err err = {0};
    if (!rows_catch_up(&club->ai, &err)) fail_msg("%s", err.message);
}

static void catch_up_by(struct club *club, size_t at_once)
{
    struct err err = {0};
    if (!rows_catch_up_by(&club->ai, at_once, &err)) fail_msg("%s", err.message);
}

// As consectl ai rebuild does.
static void forget_place(struct club *club)
{
    const struct store_table *places = &ai_tables[AI_PLACES];
    const struct store_write write = {.after = 0};
    struct err err = {0};
    ProtobufCMessage *row;
    uint64_t version;
    arena_reset(&club->arena);
    assert_true(store_get(club->ai.store, places, STANDINGS_STREAM, &club->arena, &row, &version, &err));
    assert_non_null(row);
    assert_true(store_wait(club->ai.store,
                           store_delete(club->ai.store, places, STANDINGS_STREAM, version, &write), &err));
}

static void pack_rows(const struct store_rows *rows, struct buf *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        uint8_t bytes[1024];
        assert_true(protobuf_c_message_get_packed_size(rows->messages[i]) <= sizeof bytes);
        const size_t len = protobuf_c_message_pack(rows->messages[i], bytes);
        buf_append(out, bytes, len);
        buf_append(out, &rows->versions[i], sizeof rows->versions[i]);
    }
}

// All rows of a table by id, and how many.
static size_t rows_of(struct club *club, enum ai_table table, struct buf *out)
{
    char token[256] = "";
    struct store_query query = {.limit = ROWS_PAGE, .page_token = token};
    struct store_rows rows = {.more = true};
    struct err err = {0};
    size_t count = 0;
    while (rows.more) {
        arena_reset(&club->arena);
        if (!store_find(club->ai.store, &ai_tables[table], &query, &club->arena, &rows, &err))
            fail_msg("%s", err.message);
        pack_rows(&rows, out);
        count += rows.count;
        snprintf(token, sizeof token, "%s", rows.next_page_token);
    }
    return count;
}

static void assert_same_rows(struct club *one, struct club *other)
{
    struct buf left, right;
    buf_init(&left, 16 << 20);
    buf_init(&right, 16 << 20);
    const size_t count = rows_of(one, AI_RESULTS, &left);
    assert_true(count > GAMES * 6);
    assert_int_equal(rows_of(other, AI_RESULTS, &right), count);
    assert_false(left.failed || right.failed);
    assert_int_equal(left.len, right.len);
    assert_memory_equal(left.bytes, right.bytes, left.len);
    buf_finish(&left);
    buf_finish(&right);
}

static void rows_are_the_same_in_whichever_pages_they_are_made(void **state)
{
    struct club *club = *state, *other = club_at(NULL);
    for (unsigned i = 0; i < GAMES; i += 10) {
        play_league(club, i, i + 10);
        catch_up(club);
    }
    play_league(other, 0, GAMES);
    catch_up(other);
    assert_same_rows(club, other);
    club_close(other);
}

// As after a kill before the place was stored.
static void rows_that_are_made_again_are_the_same(void **state)
{
    struct club *club = *state, *other = club_at(NULL);
    play_league(club, 0, GAMES);
    catch_up(club);
    play_league(other, 0, GAMES / 2);
    catch_up(other);
    forget_place(other);
    club_restart(other);
    play_league(other, GAMES / 2, GAMES);
    catch_up_by(other, 1); // in several pages
    assert_same_rows(club, other);
    forget_place(other);
    catch_up(other);
    assert_same_rows(club, other);
    club_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLUB_IN_BOTH(rows_are_the_same_in_whichever_pages_they_are_made),
        CLUB_IN_BOTH(rows_that_are_made_again_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
