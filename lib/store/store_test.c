// Rows: versions, indexes and pages.
#include <pthread.h>

#include "lib/store/testing/world.h"

static const struct person ADA = {"u1", "ada", "+11", NULL, AUTH__LEVEL__VALUE__PLAYER, 100};
static const struct person BOB = {"u2", "bob", "+12", NULL, AUTH__LEVEL__VALUE__PLAYER, 200};

// ---- One row

static void a_row_is_found_by_its_id(void **state)
{
    struct world *world = *state;
    uint64_t version;
    assert_durable(world, person_put(world, ADA, 0, NULL));
    assert_string_equal(person_get(world, "u1", &version)->username, "ada");
    assert_int_equal(version, 1);
    assert_null(person_get(world, "u2", &version));
    assert_int_equal(version, 0);
}

static void a_put_needs_the_row_s_version(void **state)
{
    struct world *world = *state;
    struct person renamed = ADA;
    uint64_t version;
    renamed.username = "countess";
    assert_failed(world, person_put(world, renamed, 1, NULL), IS(CONFLICT)); // nothing there yet
    assert_durable(world, person_put(world, ADA, 0, NULL));
    assert_failed(world, person_put(world, renamed, 0, NULL), IS(CONFLICT)); // there already
    assert_failed(world, person_put(world, renamed, 2, NULL), IS(CONFLICT));
    assert_durable(world, person_put(world, renamed, 1, NULL));
    assert_failed(world, person_put(world, ADA, 1, NULL), IS(CONFLICT)); // lost the race
    assert_string_equal(person_get(world, "u1", &version)->username, "countess");
    assert_int_equal(version, 2);
}

static void a_delete_needs_the_row_s_version(void **state)
{
    struct world *world = *state;
    uint64_t version;
    assert_durable(world, person_put(world, ADA, 0, NULL));
    assert_failed(world, store_delete(world->store, USERS, "u1", 2, NULL), IS(CONFLICT));
    assert_durable(world, store_delete(world->store, USERS, "u1", 1, NULL));
    assert_null(person_get(world, "u1", &version));
    assert_failed(world, store_delete(world->store, USERS, "u1", 1, NULL), IS(CONFLICT));
    assert_durable(world, person_put(world, ADA, 0, NULL));
}

static void a_large_row_comes_back_whole(void **state)
{
    struct world *world = *state;
    Bus__Notice notice = BUS__NOTICE__INIT;
    ProtobufCMessage *message;
    uint64_t version;
    notice.stream = "image";
    notice.kind = "png";
    notice.traceparent = "t";
    notice.payload.len = 2 << 20;
    notice.payload.data = calloc(1, notice.payload.len);
    for (size_t i = 0; i < notice.payload.len; i++) notice.payload.data[i] = (uint8_t)(i * 31 >> 8);
    static const struct store_table unindexed[] = {
        {.name = "image", .type = &bus__notice__descriptor, .key = "stream"}, {0}};
    world_reopen(world, unindexed);
    assert_durable(world, store_put(world->store, unindexed, &notice.base, 0, NULL));
    must(world, store_get(world->store, unindexed, "image", &world->arena, &message, &version, &world->err));
    assert_memory_equal(((Bus__Notice *)message)->payload.data, notice.payload.data, notice.payload.len);
    free(notice.payload.data);
}

static void an_arena_too_small_for_a_row_refuses(void **state)
{
    struct world *world = *state;
    struct arena small;
    ProtobufCMessage *message;
    uint64_t version;
    assert_durable(world, person_put(world, ADA, 0, NULL));
    arena_init(&small, 64);
    assert_false(store_get(world->store, USERS, "u1", &small, &message, &version, &world->err));
    assert_int_equal(world->err.reason, IS(REPLY_TOO_LARGE));
    arena_finish(&small);
    assert_non_null(person_get(world, "u1", &version));
}

// ---- Unique indexes

static void a_taken_value_is_refused_by_the_index_s_reason(void **state)
{
    struct world *world = *state;
    struct person same_name = BOB, same_phone = BOB, same_wallet = BOB, ada = ADA;
    same_name.username = "ada";
    same_phone.phone = "+11";
    same_wallet.wallet = ada.wallet = "So1";
    assert_durable(world, person_put(world, ada, 0, NULL));
    assert_failed(world, person_put(world, same_name, 0, NULL), IS(USERNAME_TAKEN));
    assert_failed(world, person_put(world, same_phone, 0, NULL), IS(PHONE_TAKEN));
    assert_failed(world, person_put(world, same_wallet, 0, NULL), IS(CONFLICT)); // its index names no reason
    assert_durable(world, person_put(world, BOB, 0, NULL));
    assert_failed(world, person_put(world, same_phone, 1, NULL), IS(PHONE_TAKEN)); // by a change too
}

static void a_value_given_up_is_free_again(void **state)
{
    struct world *world = *state;
    struct person renamed = ADA, heir = BOB;
    renamed.username = "countess";
    heir.username = "ada";
    person_put(world, ADA, 0, NULL);
    person_put(world, renamed, 1, NULL);
    assert_durable(world, person_put(world, heir, 0, NULL));
    assert_durable(world, store_delete(world->store, USERS, "u1", 2, NULL));
    renamed.id = "u3";
    assert_durable(world, person_put(world, renamed, 0, NULL));
}

static void an_empty_value_is_nobody_s(void **state)
{
    struct world *world = *state;
    struct person first = {.id = "u1", .username = "ada"}, second = {.id = "u2", .username = "bob"};
    struct store_rows rows;
    struct store_query by_phone = {.index = "by_phone"};
    assert_durable(world, person_put(world, first, 0, NULL));
    assert_durable(world, person_put(world, second, 0, NULL));
    must(world, store_find(world->store, USERS, &by_phone, &world->arena, &rows, &world->err));
    assert_int_equal(rows.count, 0);
}

static void of_many_who_want_one_name_one_gets_it(void **state)
{
    struct world *world = *state;
    uint64_t tickets[50];
    size_t won = 0;
    for (size_t i = 0; i < 50; i++) {
        struct person person = {.id = arena_printf(&world->arena, "u%zu", i), .username = "ada"};
        tickets[i] = person_put(world, person, 0, NULL);
    }
    for (size_t i = 0; i < 50; i++) {
        if (wait_for(world, tickets[i]))
            won++;
        else
            assert_int_equal(world->err.reason, IS(USERNAME_TAKEN));
    }
    assert_int_equal(won, 1);
}

// ---- Finding

static const char *find_ids(struct world *world, const struct store_table *table, struct store_query *query)
{
    struct store_rows rows;
    must(world, store_find(world->store, table, query, &world->arena, &rows, &world->err));
    const char *ids = "";
    for (size_t i = 0; i < rows.count; i++) {
        const char *id =
            table == USERS ? ((Auth__User *)rows.messages[i])->id : ((Bus__Notice *)rows.messages[i])->stream;
        ids = arena_printf(&world->arena, "%s%s%s", ids, i ? " " : "", id);
        assert_int_equal(rows.versions[i], 1);
    }
    query->page_token = rows.next_page_token;
    return ids;
}

static void ten_people(struct world *world)
{
    static const char *const names[] = {"ada", "adam", "adz",  "bea", "beatrix",
                                        "cy",  "dan",  "dana", "eve", "zoe"};
    uint64_t ticket = 0;
    for (size_t i = 0; i < 10; i++) {
        struct person person = {.id = arena_printf(&world->arena, "u%zu", i), .username = names[i]};
        person.level = i < 4 ? AUTH__LEVEL__VALUE__GOD : AUTH__LEVEL__VALUE__PLAYER;
        person.created_s = (int64_t)(i / 2); // in pairs, so that the id decides
        ticket = person_put(world, person, 0, NULL);
    }
    assert_durable(world, ticket);
}

static struct store_query players(void)
{
    return (struct store_query){
        .index = "by_level", .equal = {{.number = AUTH__LEVEL__VALUE__PLAYER}}, .equal_count = 1};
}

static void rows_are_found_by_equal_values_in_order(void **state)
{
    struct world *world = *state;
    struct store_query by_name = {.index = "by_username", .equal = {{.text = "cy"}}, .equal_count = 1};
    struct store_query query = players(), by_id = {0};
    ten_people(world);
    assert_string_equal(find_ids(world, USERS, &by_name), "u5");
    assert_string_equal(find_ids(world, USERS, &query), "u4 u5 u6 u7 u8 u9");
    query = players();
    query.descending = true;
    assert_string_equal(find_ids(world, USERS, &query), "u9 u8 u7 u6 u5 u4");
    assert_string_equal(find_ids(world, USERS, &by_id), "u0 u1 u2 u3 u4 u5 u6 u7 u8 u9");
    by_name.equal[0].text = "nobody";
    assert_string_equal(find_ids(world, USERS, &by_name), "");
}

static void bounds_are_inclusive(void **state)
{
    struct world *world = *state;
    struct store_query query = players();
    struct store_value three = {.number = 3000000}, bea = {.text = "bea"}, dan = {.text = "dan"};
    ten_people(world);
    query.from = &three;
    assert_string_equal(find_ids(world, USERS, &query), "u6 u7 u8 u9");
    query = players();
    query.to = &three;
    assert_string_equal(find_ids(world, USERS, &query), "u4 u5 u6 u7");
    query.from = &three;
    query.page_token = "";
    query.descending = true;
    assert_string_equal(find_ids(world, USERS, &query), "u7 u6");
    struct store_query names = {.index = "by_username", .from = &bea, .to = &dan};
    assert_string_equal(find_ids(world, USERS, &names), "u3 u4 u5 u6");
    struct store_query ids = {.from = &(struct store_value){.text = "u8"}};
    assert_string_equal(find_ids(world, USERS, &ids), "u8 u9");
}

static void a_prefix_finds_what_begins_with_it(void **state)
{
    struct world *world = *state;
    struct store_value prefix = {.text = "ad"};
    struct store_query query = {.index = "by_username", .from = &prefix, .prefix = true};
    ten_people(world);
    assert_string_equal(find_ids(world, USERS, &query), "u0 u1 u2");
    query.descending = true;
    assert_string_equal(find_ids(world, USERS, &query), "u2 u1 u0");
    query.descending = false;
    prefix.text = "dana";
    assert_string_equal(find_ids(world, USERS, &query), "u7");
    prefix.text = "f";
    assert_string_equal(find_ids(world, USERS, &query), "");
    prefix.text = "";
    query.limit = 3;
    assert_string_equal(find_ids(world, USERS, &query), "u0 u1 u2");
}

static uint64_t notice_put(struct world *world, const char *id, const char *kind, uint64_t seq,
                           ProtobufCBinaryData payload)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = id;
    notice.kind = kind;
    notice.seq = seq;
    notice.payload = payload;
    return store_put(world->store, NOTICES, &notice.base, 0, NULL);
}

static void bytes_and_numbers_sort_by_value(void **state)
{
    struct world *world = *state;
    struct store_query by_seq = {.index = "by_seq"}, by_payload = {.index = "by_payload"};
    notice_put(world, "a", "", 300, (ProtobufCBinaryData){2, (uint8_t *)"\xff\x00"});
    notice_put(world, "b", "", 20, (ProtobufCBinaryData){3, (uint8_t *)"\x00\x00\x01"});
    notice_put(world, "c", "", UINT64_MAX, (ProtobufCBinaryData){0, NULL});
    assert_durable(world, notice_put(world, "d", "", 1, (ProtobufCBinaryData){2, (uint8_t *)"\x00\x00"}));
    assert_string_equal(find_ids(world, NOTICES, &by_seq), "d b a c");
    assert_string_equal(find_ids(world, NOTICES, &by_payload), "c d b a");
    struct store_query equal = {
        .index = "by_payload", .equal = {{.text = "\x00\x00", .len = 2}}, .equal_count = 1};
    assert_string_equal(find_ids(world, NOTICES, &equal), "d");
}

static void an_index_may_be_unique_by_two_fields(void **state)
{
    struct world *world = *state;
    ProtobufCBinaryData none = {0};
    assert_durable(world, notice_put(world, "a", "night", 1, none));
    assert_durable(world, notice_put(world, "b", "night", 2, none));
    assert_durable(world, notice_put(world, "c", "night", 0, none)); // only an empty first field is left out
    assert_failed(world, notice_put(world, "d", "night", 0, none), IS(CONFLICT));
    assert_failed(world, notice_put(world, "d", "night", 2, none), IS(CONFLICT));
    struct store_query query = {
        .index = "by_kind", .equal = {{.text = "night"}, {.number = 2}}, .equal_count = 2};
    assert_string_equal(find_ids(world, NOTICES, &query), "b");
}

// ---- Pages

static void pages_meet_without_gap_or_repeat(void **state)
{
    struct world *world = *state;
    ten_people(world);
    for (int descending = 0; descending <= 1; descending++)
        for (uint32_t limit = 1; limit <= 7; limit++) {
            struct store_query query = players();
            const char *all = "";
            query.limit = limit;
            query.descending = descending;
            do {
                const char *page = find_ids(world, USERS, &query);
                assert_true(strlen(page) <= limit * 3 - 1);
                all = arena_printf(&world->arena, "%s%s%s", all, *all ? " " : "", page);
            } while (*query.page_token);
            assert_string_equal(all, descending ? "u9 u8 u7 u6 u5 u4" : "u4 u5 u6 u7 u8 u9");
        }
}

// Rows of 1, 2, 3, ... hundred bytes.
static void a_page_ends_with_the_row_that_passes_its_bytes(void **state)
{
    struct world *world = *state;
    static uint8_t body[1000];
    for (size_t i = 0; i < 9; i++)
        assert_durable(world, notice_put(world, (char[]){(char)('a' + i), 0}, "", i + 1,
                                         (ProtobufCBinaryData){100 * (i + 1), body}));
    struct store_query query = {.index = "by_seq", .most_bytes = 700};
    assert_string_equal(find_ids(world, NOTICES, &query), "a b c d");
    assert_string_equal(find_ids(world, NOTICES, &query), "e f");
    assert_string_equal(find_ids(world, NOTICES, &query), "g");
    assert_string_equal(find_ids(world, NOTICES, &query), "h");
    query.limit = 1; // the last one
    assert_string_equal(find_ids(world, NOTICES, &query), "i");
    assert_string_equal(query.page_token, "");
    query = (struct store_query){.index = "by_seq", .most_bytes = 700, .limit = 3};
    assert_string_equal(find_ids(world, NOTICES, &query), "a b c");
    query = (struct store_query){.index = "by_seq", .most_bytes = 1, .descending = true};
    assert_string_equal(find_ids(world, NOTICES, &query), "i");
    assert_string_not_equal(query.page_token, "");
}

static void pages_keep_within_bounds(void **state)
{
    struct world *world = *state;
    struct store_value bea = {.text = "bea"}, dana = {.text = "dana"}, ad = {.text = "ad"};
    struct store_query query = {.index = "by_username", .from = &bea, .to = &dana, .limit = 2};
    ten_people(world);
    assert_string_equal(find_ids(world, USERS, &query), "u3 u4");
    assert_string_equal(find_ids(world, USERS, &query), "u5 u6");
    assert_string_equal(find_ids(world, USERS, &query), "u7");
    assert_string_equal(query.page_token, "");
    query.descending = true;
    assert_string_equal(find_ids(world, USERS, &query), "u7 u6");
    assert_string_equal(find_ids(world, USERS, &query), "u5 u4");
    assert_string_equal(find_ids(world, USERS, &query), "u3");
    query = (struct store_query){.index = "by_username", .from = &ad, .prefix = true, .limit = 2};
    assert_string_equal(find_ids(world, USERS, &query), "u0 u1");
    assert_string_equal(find_ids(world, USERS, &query), "u2");
    query.descending = true;
    assert_string_equal(find_ids(world, USERS, &query), "u2 u1");
    assert_string_equal(find_ids(world, USERS, &query), "u0");
}

static void a_page_goes_on_behind_rows_that_came_or_went(void **state)
{
    struct world *world = *state;
    struct store_query query = {.index = "by_username", .limit = 3};
    ten_people(world);
    assert_string_equal(find_ids(world, USERS, &query), "u0 u1 u2");
    person_put(world, (struct person){.id = "new1", .username = "aaron"}, 0, NULL);
    person_put(world, (struct person){.id = "new2", .username = "ben"}, 0, NULL);
    assert_durable(world, store_delete(world->store, USERS, "u2", 1, NULL));
    assert_string_equal(find_ids(world, USERS, &query), "u3 u4 new2");
}

static void a_full_last_page_has_no_next(void **state)
{
    struct world *world = *state;
    struct store_query query = {.limit = 10};
    ten_people(world);
    find_ids(world, USERS, &query);
    assert_string_equal(query.page_token, "");
    query.limit = 9;
    find_ids(world, USERS, &query);
    assert_string_not_equal(query.page_token, "");
}

static void assert_bad_token(struct world *world, const struct store_table *table,
                             const struct store_query *query)
{
    struct store_rows rows;
    assert_false(store_find(world->store, table, query, &world->arena, &rows, &world->err));
    assert_int_equal(world->err.reason, IS(BAD_PAGE_TOKEN));
    assert_string_equal(world->err.field, "page_token");
}

static void a_page_token_fits_only_its_own_query(void **state)
{
    struct world *world = *state;
    struct store_query query = players(), other;
    struct store_value one = {.number = 1};
    ten_people(world);
    query.limit = 2;
    find_ids(world, USERS, &query);
    other = query, other.limit = 3; // another page size is fine
    assert_string_equal(find_ids(world, USERS, &other), "u6 u7 u8");
    other = query, other.descending = true;
    assert_bad_token(world, USERS, &other);
    other = query, other.equal[0].number = AUTH__LEVEL__VALUE__GOD;
    assert_bad_token(world, USERS, &other);
    other = query, other.from = &one;
    assert_bad_token(world, USERS, &other);
    other = query, other.to = &one;
    assert_bad_token(world, USERS, &other);
    other = query, other.equal_count = 0;
    assert_bad_token(world, USERS, &other);
    other = query, other.index = "by_username", other.equal_count = 0;
    assert_bad_token(world, USERS, &other);
    other = (struct store_query){.page_token = query.page_token};
    assert_bad_token(world, USERS, &other);
    assert_bad_token(world, NOTICES, &other);
}

static void a_damaged_page_token_is_refused(void **state)
{
    struct world *world = *state;
    struct store_query query = players();
    ten_people(world);
    query.limit = 2;
    find_ids(world, USERS, &query);
    char *token = arena_str(&world->arena, query.page_token);
    size_t len = strlen(token);
    query.page_token = token;
    for (size_t i = 0; i < len; i++) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        assert_bad_token(world, USERS, &query);
        token[i] = was;
    }
    for (size_t i = 1; i < len; i++) {
        query.page_token = arena_strn(&world->arena, token, i);
        assert_bad_token(world, USERS, &query);
    }
    query.page_token = arena_printf(&world->arena, "%sAAAA", token);
    assert_bad_token(world, USERS, &query);
    query.page_token = "not base64!";
    assert_bad_token(world, USERS, &query);
    char *huge = arena_alloc(&world->arena, 1 << 20);
    memset(huge, 'A', (1 << 20) - 1);
    query.page_token = huge;
    assert_bad_token(world, USERS, &query);
    query.page_token = token;
    assert_string_equal(find_ids(world, USERS, &query), "u6 u7");
}

// ---- Many at once

struct racer {
    struct world *world;
    pthread_t thread;
    int wins;
};

// Counts up `created_at` of one row by reading it and putting it with its version, until it won 20 times.
static void *race(void *arg)
{
    struct racer *racer = arg;
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    while (racer->wins < 20) {
        ProtobufCMessage *message;
        uint64_t version;
        arena_reset(&arena);
        if (!store_get(racer->world->store, USERS, "u1", &arena, &message, &version, &err) || !message) break;
        ((Auth__User *)message)->created_at->seconds++;
        uint64_t ticket = store_put(racer->world->store, USERS, message, version, NULL);
        if (store_wait(racer->world->store, ticket, &err))
            racer->wins++;
        else if (err.reason != IS(CONFLICT))
            break;
    }
    arena_finish(&arena);
    return NULL;
}

static void no_change_is_lost_between_racing_writers(void **state)
{
    struct world *world = *state;
    struct racer racers[4];
    uint64_t version;
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, NULL));
    for (size_t i = 0; i < 4; i++) {
        racers[i] = (struct racer){.world = world};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) pthread_join(racers[i].thread, NULL);
    assert_int_equal(person_get(world, "u1", &version)->created_at->seconds, 80);
    assert_int_equal(version, 81);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_is_found_by_its_id),
        TEST(a_put_needs_the_row_s_version),
        TEST(a_delete_needs_the_row_s_version),
        TEST(a_large_row_comes_back_whole),
        TEST(an_arena_too_small_for_a_row_refuses),
        TEST(a_taken_value_is_refused_by_the_index_s_reason),
        TEST(a_value_given_up_is_free_again),
        TEST(an_empty_value_is_nobody_s),
        TEST(of_many_who_want_one_name_one_gets_it),
        TEST(rows_are_found_by_equal_values_in_order),
        TEST(bounds_are_inclusive),
        TEST(a_prefix_finds_what_begins_with_it),
        TEST(bytes_and_numbers_sort_by_value),
        TEST(an_index_may_be_unique_by_two_fields),
        TEST(pages_meet_without_gap_or_repeat),
        TEST(a_page_ends_with_the_row_that_passes_its_bytes),
        TEST(pages_keep_within_bounds),
        TEST(a_page_goes_on_behind_rows_that_came_or_went),
        TEST(a_full_last_page_has_no_next),
        TEST(a_page_token_fits_only_its_own_query),
        TEST(a_damaged_page_token_is_refused),
        TEST(no_change_is_lost_between_racing_writers),
    };
    return WORLD_RUN("store: rows", tests);
}
