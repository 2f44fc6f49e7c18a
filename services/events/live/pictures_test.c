// How long images stay, for whom they count, and how many one god may have.
#include <sched.h>

#include "lib/base/clock.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/pictures.h"
#include "services/events/testing/table.h"
#include "services/events/topics/projector.h"

enum { DAY = 24 * HOUR, PNG_MOST = 12000, PATIENCE_MS = 20000 };

#define HEAD(width) "\x89PNG\r\n\x1a\n\0\0\0\rIHDR" width "\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
#define TEXT "\0\0\0\7tEXthomekey\0\0\0\0"
#define TAIL "\0\0\0\0IEND\xae\x42\x60\x82"

struct png {
    uint8_t bytes[PNG_MOST];
    size_t len;
};

static void add(struct png *png, const void *bytes, size_t len)
{
    assert_true(len <= sizeof png->bytes - png->len);
    memcpy(png->bytes + png->len, bytes, len);
    png->len += len;
}

// One of so many bytes that differs by its number.
static struct png png_of(uint32_t number, size_t size)
{
    struct png png = {.len = 0};
    const size_t pixels = size - (sizeof HEAD("\0\0\0\1") - 1) - (sizeof TAIL - 1) - 12;
    const uint8_t chunk[] = {0, 0, (uint8_t)(pixels >> 8), (uint8_t)pixels, 'I', 'D', 'A', 'T'};
    static const uint8_t zeroes[PNG_MOST];
    add(&png, HEAD("\0\0\0\1"), sizeof HEAD("\0\0\0\1") - 1);
    add(&png, chunk, sizeof chunk);
    add(&png, &number, sizeof number);
    add(&png, zeroes, pixels - sizeof number + 4);
    add(&png, TAIL, sizeof TAIL - 1);
    assert_int_equal(png.len, size);
    return png;
}

static struct answer put(struct service_world *world, const struct asker *asker, const char *where,
                         const struct png *png)
{
    static char image[2 * PNG_MOST], request[WORLD_REQUEST], method[32];
    sodium_bin2base64(image, sizeof image, png->bytes, png->len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(request, sizeof request, "{'id':'$%s','image':'%s'}", where, image);
    snprintf(method, sizeof method, "events.Put%sImage", strcmp(where, "event") == 0 ? "Event" : "Group");
    return service_ask(world, asker, method, request);
}

static void must_put(struct service_world *world, const char *where, const struct png *png)
{
    struct answer answer = put(world, &god, where, png);
    if (!answer.ok) fail_msg("%s", answer.err.message);
}

static void assert_put_refused(struct service_world *world, const char *where, const struct png *png,
                               Conse__Reason__Value reason)
{
    struct answer answer = put(world, &god, where, png);
    assert_false(answer.ok);
    assert_int_equal(answer.err.reason, reason);
}

static size_t rows_in(struct service_world *world, enum events_table table)
{
    const struct store_query query = {.limit = 1000, .page_token = ""};
    struct store_rows rows;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_find(world->events.store, &events_tables[table], &query, &world->arena, &rows, &err));
    return rows.count;
}

static void assert_kept_images(struct service_world *world, size_t count)
{
    assert_int_equal(rows_in(world, EVENTS_IMAGES), count);
    assert_int_equal(rows_in(world, EVENTS_IMAGE_TOUCHES), count);
}

static void sweep(struct service_world *world)
{
    struct err err;
    if (!pictures_sweep(&world->events, world->now_ms, &err)) fail_msg("%s", err.message);
}

static void assert_shows(struct service_world *world, const char *where, const struct png *png)
{
    char request[64], method[32];
    snprintf(request, sizeof request, "{'id':'$%s'}", where);
    snprintf(method, sizeof method, "events.Get%sImage", strcmp(where, "event") == 0 ? "Event" : "Group");
    const Events__File *file = (const void *)service_must(world, &nobody, method, request).reply;
    assert_int_equal(file->body.len, png->len);
    assert_memory_equal(file->body.data, png->bytes, png->len);
}

static void what_is_replaced_goes_after_a_day(void **state)
{
    struct service_world *world = *state;
    const struct png first = png_of(1, 100), second = png_of(2, 100), third = png_of(3, 100);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    must_put(world, "event", &first);
    must_put(world, "event", &second);
    must_put(world, "group", &third);
    world->now_ms += DAY - 1;
    sweep(world);
    assert_kept_images(world, 3);
    world->now_ms += 1;
    sweep(world);
    assert_kept_images(world, 2);
    assert_shows(world, "event", &second);
    assert_shows(world, "group", &third);
}

static void what_was_put_again_stays_a_day_longer(void **state)
{
    struct service_world *world = *state;
    const struct png first = png_of(1, 100), second = png_of(2, 100);
    must_put(world, "group", &first);
    world->now_ms += DAY - 1;
    must_put(world, "group", &first);
    must_put(world, "group", &second);
    world->now_ms += DAY - 1;
    sweep(world);
    assert_kept_images(world, 2);
    world->now_ms += 1;
    sweep(world);
    assert_kept_images(world, 1);
    assert_shows(world, "group", &second);
    must_put(world, "group", &first);
    assert_shows(world, "group", &first);
}

static void an_image_shown_twice_stays_while_one_shows_it(void **state)
{
    struct service_world *world = *state;
    const struct png first = png_of(1, 100), second = png_of(2, 100);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    must_put(world, "event", &first);
    must_put(world, "group", &first);
    must_put(world, "group", &second);
    world->now_ms += DAY;
    sweep(world);
    assert_shows(world, "event", &first);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    sweep(world);
    assert_kept_images(world, 1);
}

static void a_god_has_so_many_images_and_bytes(void **state)
{
    struct service_world *world = *state;
    struct png png = {0};
    for (uint32_t i = 0; i < world->events.settings.god_images; i++) {
        png = png_of(i, 100);
        must_put(world, "group", &png);
    }
    const struct png more = png_of(1000, 100);
    assert_put_refused(world, "group", &more, CONSE__REASON__VALUE__IMAGE_QUOTA);
    assert_kept_images(world, 20);
    assert_shows(world, "group", &png);
    png = png_of(0, 100);
    must_put(world, "group", &png); // again
    assert_true(put(world, &dev, "group", &more).ok);
    world->now_ms += DAY;
    sweep(world);
    world->events.settings.god_image_bytes = 20000;
    const struct png large[] = {png_of(1, 11000), png_of(2, 9000), png_of(3, 9001)};
    must_put(world, "group", &large[0]);
    assert_put_refused(world, "group", &large[2], CONSE__REASON__VALUE__IMAGE_QUOTA);
    must_put(world, "group", &large[1]);
}

static void assert_same_rows(struct service_world *world)
{
    assert_kept_images(world, 0);
    const Events__GroupReply *reply =
        (const void *)service_must(world, &nobody, "events.GetGroup", "{'group_id':'$group'}").reply;
    assert_string_equal(reply->group->image_url, "");
}

static void what_is_refused_leaves_nothing(void **state)
{
    struct service_world *world = *state;
    const struct png png = png_of(1, 100);
    struct png wide = {.len = 0};
    add(&wide, HEAD("\0\0\x20\1"), sizeof HEAD("\0\0\x20\1") - 1);
    add(&wide, png.bytes + wide.len, png.len - wide.len);
    assert_put_refused(world, "group", &wide, CONSE__REASON__VALUE__IMAGE_DIMENSIONS);
    assert_false(put(world, &second_god, "group", &png).ok);
    assert_same_rows(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    world->act = 1000;
    assert_put_refused(world, "event", &png, CONSE__REASON__VALUE__PRECONDITION_FAILED);
    world->act = 0;
    assert_same_rows(world);
}

static struct picture picture_of(struct service_world *world, const struct png *png)
{
    return (struct picture){.god_id = god.user_id,
                            .type = "image/png",
                            .bytes = {png->len, (uint8_t *)png->bytes},
                            .now_ms = world->now_ms};
}

static void what_is_kept_and_then_refused_goes_unless_it_was_there(void **state)
{
    struct service_world *world = *state;
    const struct png png = png_of(1, 100);
    struct picture picture = picture_of(world, &png);
    struct err err;
    AUTO_TURN struct pictures *turn = pictures_enter(&world->events);
    assert_true(picture_keep(turn, &picture, &err));
    assert_kept_images(world, 1);
    picture_drop(turn, &picture);
    assert_kept_images(world, 0);
    picture = picture_of(world, &png);
    assert_true(picture_keep(turn, &picture, &err));
    picture = picture_of(world, &png);
    assert_true(picture_keep(turn, &picture, &err));
    picture_drop(turn, &picture);
    assert_kept_images(world, 1);
}

static void what_does_not_show_is_not_kept(void **state)
{
    struct service_world *world = *state;
    const struct png plain = png_of(1, 100);
    const size_t head = sizeof HEAD("\0\0\0\1") - 1;
    struct png told = {.len = 0};
    add(&told, plain.bytes, head);
    add(&told, TEXT, sizeof TEXT - 1);
    add(&told, plain.bytes + head, plain.len - head);
    must_put(world, "group", &told);
    assert_shows(world, "group", &plain);
    must_put(world, "group", &plain);
    assert_kept_images(world, 1);
}

// ---- What older programs left

static void put_old_image(struct service_world *world, const struct png *png)
{
    uint8_t hash[32];
    char id[PICTURE_ID];
    struct err err;
    Game__ImageRow row = GAME__IMAGE_ROW__INIT;
    crypto_hash_sha256(hash, png->bytes, png->len);
    hex_encode(id, hash, sizeof hash);
    row.id = id;
    row.content_type = "image/png";
    row.body = (ProtobufCBinaryData){png->len, (uint8_t *)png->bytes};
    uint64_t ticket =
        store_put(world->events.store, &events_tables[EVENTS_IMAGES], &row.base, 0, &(struct store_write){0});
    assert_true(store_wait(world->events.store, ticket, &err));
}

static void old_images_are_touched_when_they_are_first_seen(void **state)
{
    struct service_world *world = *state;
    const struct png shown = png_of(1, 100), forgotten = png_of(2, 100), again = png_of(3, 100);
    put_old_image(world, &forgotten);
    put_old_image(world, &again);
    put_old_image(world, &shown);
    must_put(world, "group", &again);
    must_put(world, "group", &shown);
    sweep(world);
    assert_kept_images(world, 3);
    world->now_ms += DAY - 1;
    sweep(world);
    assert_kept_images(world, 3);
    world->now_ms += 1;
    sweep(world);
    assert_kept_images(world, 1);
    assert_shows(world, "group", &shown);
}

// With the rows as they were before they named the image.
static void spoil_row(struct service_world *world)
{
    ProtobufCMessage *found;
    uint64_t version;
    struct err err;
    const struct store_table *events = &events_tables[EVENTS_EVENTS];
    arena_reset(&world->arena);
    assert_true(store_get(world->events.store, events, service_recall(world, "event"), &world->arena, &found,
                          &version, &err));
    Game__EventRow *row = (Game__EventRow *)found;
    assert_string_not_equal(row->image_id, "");
    row->image_id = "";
    row->made_from ^= 1;
    uint64_t ticket = store_put_made(world->events.store, events, &row->base, version, NULL);
    assert_true(store_wait(world->events.store, ticket, &err));
    live_close(world->events.aggregates);
    assert_true(aggregates_open(&world->events, &err));
}

static void old_rows_name_their_image_once_the_projector_has_caught_up(void **state)
{
    struct service_world *world = *state;
    const struct png png = png_of(1, 100);
    struct err err;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    must_put(world, "event", &png);
    service_hand_out(world, service_recall(world, "event"));
    spoil_row(world);
    assert_true(projector_start(&world->events.projector, &world->events, &err));
    while (!projector_caught_up(world->events.projector)) {
        assert_true(clock_mono_ms() < until_ms);
        sched_yield();
    }
    world->now_ms += DAY;
    sweep(world);
    assert_shows(world, "event", &png);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(what_is_replaced_goes_after_a_day),
                                       TEST(what_was_put_again_stays_a_day_longer),
                                       TEST(an_image_shown_twice_stays_while_one_shows_it),
                                       TEST(a_god_has_so_many_images_and_bytes),
                                       TEST(what_is_refused_leaves_nothing),
                                       TEST(what_is_kept_and_then_refused_goes_unless_it_was_there),
                                       TEST(what_does_not_show_is_not_kept),
                                       TEST(old_images_are_touched_when_they_are_first_seen),
                                       TEST(old_rows_name_their_image_once_the_projector_has_caught_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
