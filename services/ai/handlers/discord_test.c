// Interactions as they come: whose they are, what is said at once, and what is stored before that.
#include "services/ai/testing/club.h"

#include "services/ai/discord/discord.h"
#include "services/ai/discord/jobs.h"

#define ASKED                                                                                                \
    "{\"type\":2,\"id\":\"%d\",\"application_id\":\"2222\",\"token\":\"a-token\",\"channel_id\":\"3333\","   \
    "\"guild_id\":\"4444\",\"app_permissions\":\"66560\",\"member\":{\"permissions\":\"66560\",\"user\":{"   \
    "\"id\":\"%d\"}},\"data\":{\"name\":\"%s\",\"options\":[{\"name\":\"hours\",\"value\":6}]}}"

struct story {
    struct club *club;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char key[65], answer[4096];
    struct err err;
};

static int set_up(void **state)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    struct story *story = *state = calloc(1, sizeof *story);
    story->club = club_at(NULL);
    crypto_sign_keypair(key, story->secret);
    hex_encode(story->key, key, sizeof key);
    story->club->ai.settings.discord = (struct discord_settings){.public_key = story->key, .token = "secret"};
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    club_close(story->club);
    free(story);
    return 0;
}

static bool interact(struct story *story, const char *body, bool spoilt)
{
    char timestamp[16], whole[4096], hex[129];
    uint8_t signature[crypto_sign_BYTES];
    Ai__InteractRequest request = AI__INTERACT_REQUEST__INIT;
    struct club *club = story->club;
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)(club->now_ms / 1000));
    int len = snprintf(whole, sizeof whole, "%s%s", timestamp, body);
    crypto_sign_detached(signature, NULL, (uint8_t *)whole, (unsigned)len, story->secret);
    signature[7] ^= spoilt;
    hex_encode(hex, signature, sizeof signature);
    request.interaction = (ProtobufCBinaryData){strlen(body), (uint8_t *)body};
    request.signature = hex;
    request.timestamp = timestamp;
    arena_reset(&club->arena);
    story->err = (struct err){0};
    struct rpc_call call = {.arena = &club->arena,
                            .service = &club->ai,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .now_ms = club->now_ms};
    const Ai__InteractReply *reply =
        (const Ai__InteractReply *)rpc_run_here(&call, ai_methods, "ai.Interact", &request.base, &story->err);
    if (!reply || (call.ticket && !store_wait(club->ai.store, call.ticket, &story->err))) return false;
    assert_string_equal(reply->content_type, "application/json");
    snprintf(story->answer, sizeof story->answer, "%.*s", (int)reply->answer.len, (char *)reply->answer.data);
    return true;
}

static bool commands(struct story *story, int id, int user, const char *name)
{
    char body[1024];
    snprintf(body, sizeof body, ASKED, id, user, name);
    return interact(story, body, false);
}

static size_t waiting(struct story *story)
{
    struct store_rows rows;
    struct err err;
    assert_true(
        jobs_in(story->club->ai.store, DISCORD__JOB_ROW__STATE__WAITING, &story->club->arena, &rows, &err));
    return rows.count;
}

static void a_ping_is_answered(void **state)
{
    struct story *story = *state;
    assert_true(interact(story, "{\"type\":1}", false));
    assert_string_equal(story->answer, "{\"type\":1}");
}

static void what_is_not_discords_is_refused_before_it_is_read(void **state)
{
    struct story *story = *state;
    assert_false(interact(story, "{\"type\":1}", true));
    assert_true(err_is(&story->err, SENDER_UNPROVEN));
    assert_false(interact(story, "nonsense", true));
    assert_true(err_is(&story->err, SENDER_UNPROVEN));
    assert_false(interact(story, "nonsense", false));
    assert_true(err_is(&story->err, MALFORMED));
    story->club->ai.settings.discord.public_key = "";
    assert_false(interact(story, "{\"type\":1}", false));
    assert_true(err_is(&story->err, SENDER_UNPROVEN));
}

static void a_command_is_stored_before_it_is_answered_and_once(void **state)
{
    struct story *story = *state;
    for (int i = 0; i < 3; i++) {
        assert_true(commands(story, 11, 5, "catchup"));
        assert_string_equal(story->answer, "{\"type\":5,\"data\":{\"flags\":64}}");
        assert_int_equal(waiting(story), 1);
    }
}

static void who_asks_too_soon_is_told_so_whenever_it_comes_again(void **state)
{
    struct story *story = *state;
    char first[sizeof story->answer];
    assert_true(commands(story, 11, 5, "catchup") && commands(story, 12, 5, "catchup"));
    assert_non_null(strstr(story->answer, "Again <t:1800000030:R>"));
    assert_int_equal(waiting(story), 1);
    strcpy(first, story->answer);
    story->club->now_ms += JOB_USER_MS + 1;
    assert_true(commands(story, 12, 5, "catchup"));
    assert_string_equal(story->answer, first);
    assert_int_equal(waiting(story), 1);
    assert_true(commands(story, 13, 5, "catchup"));
    assert_int_equal(waiting(story), 2);
}

static void what_needs_no_work_is_stored_nowhere(void **state)
{
    struct story *story = *state;
    assert_true(commands(story, 11, 5, "help"));
    assert_non_null(strstr(story->answer, "/catchup"));
    assert_true(
        interact(story,
                 "{\"type\":3,\"id\":\"1\",\"application_id\":\"2\",\"token\":\"a\",\"channel_id\":\"3\","
                 "\"user\":{\"id\":\"5\"},\"data\":{\"custom_id\":\"good.11\"}}",
                 false));
    assert_non_null(strstr(story->answer, "Thank you"));
    assert_int_equal(waiting(story), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_ping_is_answered),
        TEST(what_is_not_discords_is_refused_before_it_is_read),
        TEST(a_command_is_stored_before_it_is_answered_and_once),
        TEST(who_asks_too_soon_is_told_so_whenever_it_comes_again),
        TEST(what_needs_no_work_is_stored_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
