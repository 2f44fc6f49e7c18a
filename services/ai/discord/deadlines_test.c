// How long a command's answer may take: thirteen and a half minutes for what it says, and fourteen until it
// is given up. The clocks are the test's; Discord is a socket that takes everything.
#include "services/ai/discord/discord.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "services/ai/discord/jobs.h"
#include "services/ai/testing/club.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define REPLY(body, len)                                                                                     \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " len         \
    "\r\n\r\n" body

enum { MINUTE_MS = 60000, REQUEST = 8192, POLL_US = 1000 };

struct story {
    struct club *club;
    int listener;
    pthread_t thread;
    char api[64];
    pthread_mutex_t mutex; // of these
    unsigned pages, edits, others;
    char edit[REQUEST]; // the newest, with its head
};

// ---- Discord

static void note_request(struct story *story, const char *request)
{
    pthread_mutex_lock(&story->mutex);
    if (strncmp(request, "GET /channels/3333/messages?", 28) == 0)
        story->pages++;
    else if (strncmp(request, "PATCH /webhooks/2222/", 21) == 0)
        story->edits++, snprintf(story->edit, sizeof story->edit, "%s", request);
    else
        story->others++;
    pthread_mutex_unlock(&story->mutex);
}

// The whole of a request: its head, and as much of a body as that says.
static void read_request(int fd, char request[REQUEST])
{
    size_t len = 0, whole = SIZE_MAX;
    ssize_t n;
    while (len < whole && len < REQUEST - 1 && (n = recv(fd, request + len, REQUEST - 1 - len, 0)) > 0) {
        request[len += (size_t)n] = 0;
        const char *end = strstr(request, "\r\n\r\n"), *body = strcasestr(request, "Content-Length: ");
        if (end)
            whole = (size_t)(end + 4 - request) + (body && body < end ? strtoul(body + 16, NULL, 10) : 0);
    }
    request[len] = 0;
}

static void *serve(void *arg)
{
    struct story *story = arg;
    for (int fd; (fd = accept(story->listener, NULL, NULL)) >= 0; close(fd)) {
        char request[REQUEST];
        read_request(fd, request);
        note_request(story, request);
        const char *reply = strncmp(request, "GET /channels/", 14) == 0 ? REPLY("[]", "2") : REPLY("{}", "2");
        send(fd, reply, strlen(reply), MSG_NOSIGNAL);
    }
    return NULL;
}

static void listen_on(struct story *story)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    story->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(story->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(story->listener, 8), 0);
    assert_int_equal(getsockname(story->listener, (struct sockaddr *)&at, &len), 0);
    snprintf(story->api, sizeof story->api, "http://127.0.0.1:%d", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&story->thread, NULL, serve, story), 0);
}

// ---- The service

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    story->club = club_at(NULL);
    pthread_mutex_init(&story->mutex, NULL);
    listen_on(story);
    story->club->ai.settings.discord =
        (struct discord_settings){.public_key = KEY, .token = "secret", .api = story->api};
    clock_hold_mono(clock_mono_ms()); // so that no time passes while it works
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    clock_hold_mono(-1);
    clock_hold_unix(-1);
    shutdown(story->listener, SHUT_RDWR);
    pthread_join(story->thread, NULL);
    close(story->listener);
    club_close(story->club);
    pthread_mutex_destroy(&story->mutex);
    free(story);
    return 0;
}

static void store_command(struct story *story)
{
    struct club *club = story->club;
    static uint8_t first[] = "first";
    struct interaction asked = {.type = INTERACTION_COMMAND, .hours = 6};
    const struct store_write write = {.after = 0};
    struct err err = {0};
    Discord__JobRow row;
    snprintf(asked.id, sizeof asked.id, "1445000000000000000");
    snprintf(asked.application_id, sizeof asked.application_id, "2222");
    snprintf(asked.channel_id, sizeof asked.channel_id, "3333");
    snprintf(asked.user_id, sizeof asked.user_id, "5555");
    snprintf(asked.token, sizeof asked.token, "a-token");
    job_fill(&row, &asked, DISCORD__JOB_ROW__KIND__CATCHUP, club->now_ms, "secret", &club->arena);
    row.first = (ProtobufCBinaryData){5, first};
    assert_true(store_wait(club->ai.store, job_begin(club->ai.store, &row, &write), &err));
}

static size_t count_in(struct story *story, Discord__JobRow__State state, const Discord__JobRow **row)
{
    struct store_rows rows;
    struct err err = {0};
    arena_reset(&story->club->arena);
    assert_true(jobs_in(story->club->ai.store, state, &story->club->arena, &rows, &err));
    *row = rows.count ? (const Discord__JobRow *)rows.messages[0] : NULL;
    return rows.count;
}

// What becomes of a command that is first worked at so long after it came.
static void work_after(struct story *story, int64_t ms)
{
    struct ai *ai = &story->club->ai;
    const Discord__JobRow *row;
    struct err err = {0};
    store_command(story);
    clock_hold_unix(story->club->now_ms + ms);
    assert_true(discord_start(&ai->discord, ai, ai_methods, &err));
    while (count_in(story, DISCORD__JOB_ROW__STATE__DONE, &row) == 0) usleep(POLL_US);
    assert_int_equal(row->token.len, 0);
    assert_int_equal(row->n_messages, 0);
}

static void before_thirteen_and_a_half_minutes_messages_are_read(void **state)
{
    struct story *story = *state;
    work_after(story, 13 * MINUTE_MS + 29000);
    assert_int_equal(story->pages, 1);
    assert_int_equal(story->edits, 1);
    assert_non_null(strstr(story->edit, "Nothing to catch up"));
}

static void from_thirteen_and_a_half_minutes_on_only_the_edit_is_made(void **state)
{
    struct story *story = *state;
    work_after(story, 13 * MINUTE_MS + 30000);
    assert_int_equal(story->pages, 0);
    assert_int_equal(story->edits, 1);
    assert_non_null(strstr(story->edit, "PATCH /webhooks/2222/a-token/messages/@original "));
    assert_non_null(strstr(story->edit, "Discord did not give them in time"));
}

static void the_edit_is_made_until_shortly_before_fourteen(void **state)
{
    struct story *story = *state;
    work_after(story, 14 * MINUTE_MS - 5000);
    assert_int_equal(story->pages, 0);
    assert_int_equal(story->edits, 1);
}

static void at_fourteen_minutes_it_is_given_up(void **state)
{
    struct story *story = *state;
    work_after(story, 14 * MINUTE_MS);
    assert_int_equal(story->pages + story->edits + story->others, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_thirteen_and_a_half_minutes_messages_are_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(from_thirteen_and_a_half_minutes_on_only_the_edit_is_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_edit_is_made_until_shortly_before_fourteen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_fourteen_minutes_it_is_given_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
