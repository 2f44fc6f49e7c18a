#include "services/gateway/http/testing/house.h"

#include "services/gateway/http/connection.h"

static struct kept_answers answers;

static int set_up(void **state)
{
    (void)state;
    answers = (struct kept_answers){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kept_finish(&answers);
    return 0;
}

static struct http_answer answer_of(const char *trace, const char *left)
{
    struct http_answer answer = {.status = 200, .ownership = HTTP_STATIC, .body = "moon", .len = 4};
    http_answer_add(&answer, "traceparent", trace);
    http_answer_add(&answer, "RateLimit-Remaining", left);
    http_answer_add(&answer, "Cache-Control", "no-cache");
    return answer;
}

static const char *value_of(const struct kept *kept, const char *name)
{
    return MHD_get_response_header(kept_response(kept), name);
}

static void what_is_alike_is_used_again_with_values_of_its_own(void **state)
{
    struct http_answer first = answer_of("one", "10"), second = answer_of("another", "9");
    (void)state;
    struct kept *kept = kept_take(&answers, &first), *beside = kept_take(&answers, &second);
    assert_non_null(kept);
    assert_ptr_not_equal(kept, beside); // the first is on its way
    kept_give(&answers, kept);
    assert_ptr_equal(kept_take(&answers, &second), kept);
    assert_string_equal(value_of(kept, "traceparent"), "another");
    assert_string_equal(value_of(kept, "RateLimit-Remaining"), "9");
    assert_string_equal(value_of(kept, "Cache-Control"), "no-cache");
    assert_int_equal(MHD_get_response_headers(kept_response(kept), NULL, NULL), 3);
    kept_give(&answers, kept);
    kept_give(&answers, beside);
}

static void another_body_length_or_set_of_headers_is_not_alike(void **state)
{
    struct http_answer first = answer_of("one", "10"), others[4];
    (void)state;
    kept_give(&answers, kept_take(&answers, &first));
    for (int i = 0; i < 4; i++) others[i] = first;
    others[0].body = "sun!";
    others[1].len = 3;
    others[2].count = 2;
    others[3].fields[2].name = "Location";
    struct kept *kept = answers.slots[answers.last];
    for (int i = 0; i < 4; i++) {
        struct kept *other = kept_take(&answers, &others[i]);
        assert_ptr_not_equal(other, kept);
        kept_give(&answers, other);
    }
    assert_ptr_equal(kept_take(&answers, &first), kept);
    kept_give(&answers, kept);
}

static void what_only_one_is_told_is_not_kept(void **state)
{
    char long_value[200];
    struct http_answer last = answer_of("one", "1"), copied = last, wordy = last, many = last;
    static const char bytes[REPLY_SMALL_BYTES + 1];
    struct shared *shared = shared_create(bytes, sizeof bytes);
    struct http_answer large = last;
    (void)state;
    last.close = true;
    copied.ownership = HTTP_COPY;
    memset(long_value, 'x', sizeof long_value);
    long_value[sizeof long_value - 1] = 0;
    wordy.fields[0].value = long_value;
    while (many.count < HTTP_MAX_FIELDS) http_answer_add(&many, "Link", "x");
    http_answer_share(&large, shared);
    assert_null(kept_take(&answers, &last));
    assert_null(kept_take(&answers, &copied));
    assert_null(kept_take(&answers, &wordy));
    assert_null(kept_take(&answers, &many));
    assert_null(kept_take(&answers, &large));
    shared_drop(shared);
}

static size_t gone;

static void on_gone(void *arg, size_t len)
{
    (void)arg, (void)len;
    gone++;
}

static void bodies_are_held_while_there_is_room(void **state)
{
    struct http_answer answer = {.status = 200};
    (void)state;
    gone = 0;
    for (size_t i = 0; i < KEPT_MOST + 10; i++) {
        struct shared *shared = shared_create("body", 4);
        shared->gone = on_gone;
        http_answer_share(&answer, shared);
        kept_give(&answers, kept_take(&answers, &answer));
        shared_drop(shared);
    }
    assert_int_equal(gone, 10);
    kept_finish(&answers);
    assert_int_equal(gone, KEPT_MOST + 10);
}

static void nothing_at_all_and_304_are_kept_too(void **state)
{
    struct http_answer nothing = {.status = 204}, unchanged = {.status = 304, .len = 1472};
    (void)state;
    http_answer_add(&unchanged, "ETag", "\"one\"");
    struct kept *first = kept_take(&answers, &nothing), *second = kept_take(&answers, &unchanged);
    kept_give(&answers, first);
    kept_give(&answers, second);
    unchanged.fields[0].value = "\"two\"";
    assert_ptr_equal(kept_take(&answers, &unchanged), second);
    assert_string_equal(value_of(second, "ETag"), "\"two\"");
    assert_ptr_equal(kept_take(&answers, &nothing), first);
    kept_give(&answers, first);
    kept_give(&answers, second);
}

// ---- With clients

static void answer_by_turns(struct house *house, struct http_exchange *exchange)
{
    char value[16];
    struct http_answer answer = {.status = 200, .ownership = HTTP_STATIC, .body = "moon", .len = 4};
    snprintf(value, sizeof value, "answer-%d.", house->begun);
    http_answer_add(&answer, "X-Number", value);
    http_answer(exchange, &answer);
}

static void clients_get_their_own_headers(void **state)
{
    enum { CLIENTS = 3, ROUNDS = 20 };
    struct house house;
    struct http_options options = house_options();
    int fds[CLIENTS];
    (void)state;
    house_open(&house, &options);
    house.complete = answer_by_turns;
    for (int i = 0; i < CLIENTS; i++) fds[i] = house_client(&house, "127.0.0.1");
    for (int n = 1; n <= CLIENTS * ROUNDS; n++) {
        char text[1000] = "", wanted[32];
        int fd = fds[n % CLIENTS];
        house_get(fd);
        HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, "\r\n\r\nmoon") != NULL));
        snprintf(wanted, sizeof wanted, "X-Number: answer-%d.\r\n", n);
        assert_non_null(strstr(text, wanted));
        assert_null(strstr(strstr(text, "X-Number") + 1, "X-Number"));
        assert_non_null(strstr(text, "Content-Length: 4\r\n"));
    }
    assert_true(house.server->kept.slots[house.server->kept.last] != NULL);
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
    house_close(&house);
}

static void who_leaves_in_the_middle_harms_nobody(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    house_open(&house, &options);
    house.complete = answer_by_turns;
    for (int i = 0; i < 50; i++) {
        int fd = house_client(&house, "127.0.0.1");
        house_get(fd);
        house_get(fd);
        for (int turns = 0; turns < i % 5; turns++) loop_turn(house.loop);
        close(fd);
    }
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    char text[1000] = "";
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, "\r\n\r\nmoon") != NULL));
    close(fd);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_alike_is_used_again_with_values_of_its_own),
        TEST(another_body_length_or_set_of_headers_is_not_alike),
        TEST(what_only_one_is_told_is_not_kept),
        TEST(bodies_are_held_while_there_is_room),
        TEST(nothing_at_all_and_304_are_kept_too),
        TEST(clients_get_their_own_headers),
        TEST(who_leaves_in_the_middle_harms_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
