#include "services/events/live/pictures.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/events/tables.h"

enum {
    PERIOD_MS = 600000,
    FIRST_MS = 10000,
    PAGE = 100,
    OLD_PAGE = 4, // with their bytes
    TOKEN = 512,
    ARENA = 16 << 20,
    MOST_OF_A_GOD = 1000
};

static const struct store_table *const images = &events_tables[EVENTS_IMAGES],
                                       *const touches = &events_tables[EVENTS_IMAGE_TOUCHES];

struct pictures {
    struct events *events;
    struct periodic *thread;
    pthread_mutex_t turn;
    atomic_bool stopping;
};

struct pictures *pictures_enter(struct events *events)
{
    pthread_mutex_lock(&events->pictures->turn);
    return events->pictures;
}

void pictures_leave(struct pictures **pictures) { pthread_mutex_unlock(&(*pictures)->turn); }

// ---- Keeping

static bool check_quota(struct events *events, const struct picture *picture, struct arena *arena,
                        struct err *err)
{
    const struct events_settings *settings = &events->settings;
    const struct store_query query = {.index = "by_god",
                                      .equal = {{.text = picture->god_id}},
                                      .equal_count = 1,
                                      .limit = MOST_OF_A_GOD,
                                      .page_token = ""};
    struct store_rows rows;
    uint64_t bytes = picture->bytes.len;
    if (!store_find(events->store, touches, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) bytes += ((const Game__ImageTouchRow *)rows.messages[i])->bytes;
    if (rows.count >= (size_t)settings->god_images)
        return err_fail(err, IMAGE_QUOTA, "a god may have %lld images", (long long)settings->god_images);
    return bytes <= (uint64_t)settings->god_image_bytes ||
           err_fail(err, IMAGE_QUOTA, "the images of a god may have %lld bytes together",
                    (long long)settings->god_image_bytes);
}

static uint64_t put_touch(struct events *events, const struct picture *picture)
{
    Game__ImageTouchRow row = GAME__IMAGE_TOUCH_ROW__INIT;
    row.id = (char *)picture->id;
    row.god_id = (char *)picture->god_id;
    row.touched_ms = picture->now_ms;
    row.bytes = picture->bytes.len;
    return store_put(events->store, touches, &row.base, picture->touched, &(struct store_write){0});
}

// An image without a touch would stay for ever, so the touch is written first.
static uint64_t put_both(struct events *events, const struct picture *picture, uint64_t version)
{
    const struct store_write write = {.after = put_touch(events, picture)};
    Game__ImageRow row = GAME__IMAGE_ROW__INIT;
    row.id = (char *)picture->id;
    row.content_type = (char *)picture->type;
    row.body = picture->bytes;
    row.listed = true;
    return store_put(events->store, images, &row.base, version, &write);
}

static bool let_go(struct events *events, const char *id, uint64_t image_version, uint64_t touch_version,
                   struct err *err)
{
    struct store_write write = {0};
    if (image_version) write.after = store_delete(events->store, images, id, image_version, &write);
    return store_wait(events->store, store_delete(events->store, touches, id, touch_version, &write), err);
}

// What fails here is swept a day later.
static void pictures_drop(struct events *events, const struct picture *picture)
{
    struct err err;
    if (!picture->known && !let_go(events, picture->id, 1, picture->touched + 1, &err))
        log_err(LOG_WARN, "events.pictures", &err);
}

static bool pictures_keep(struct events *events, struct picture *picture, struct arena *arena,
                          struct err *err)
{
    ProtobufCMessage *touch, *image;
    uint64_t version;
    if (!store_get(events->store, touches, picture->id, arena, &touch, &picture->touched, err) ||
        !store_get(events->store, images, picture->id, arena, &image, &version, err))
        return false;
    bool own = touch && strcmp(((const Game__ImageTouchRow *)touch)->god_id, picture->god_id) == 0;
    if (!own && !check_quota(events, picture, arena, err)) return false;
    picture->known = image;
    bool listed = image && ((const Game__ImageRow *)image)->listed;
    uint64_t ticket = listed ? put_touch(events, picture) : put_both(events, picture, image ? version : 0);
    if (store_wait(events->store, ticket, err)) return true;
    pictures_drop(events, picture);
    return false;
}

bool picture_keep(struct pictures *turn, struct picture *picture, struct err *err)
{
    struct arena arena;
    crypto_hash_sha256(picture->sha256, picture->bytes.data, picture->bytes.len);
    hex_encode(picture->id, picture->sha256, sizeof picture->sha256);
    arena_init(&arena, ARENA);
    bool ok = pictures_keep(turn->events, picture, &arena, err);
    arena_finish(&arena);
    return ok;
}

void picture_drop(struct pictures *turn, const struct picture *picture)
{
    pictures_drop(turn->events, picture);
}

// ---- Letting go

static bool is_named(struct events *events, enum events_table table, const char *id, struct arena *arena,
                     bool *named, struct err *err)
{
    const struct store_query query = {
        .index = "by_image", .equal = {{.text = id}}, .equal_count = 1, .limit = 1, .page_token = ""};
    struct store_rows rows;
    if (*named) return true;
    if (!store_find(events->store, &events_tables[table], &query, arena, &rows, err)) return false;
    *named = rows.count > 0;
    return true;
}

// It may have been put again since the page was read.
static bool look_at(struct events *events, const char *id, int64_t now_ms, struct arena *arena,
                    struct err *err)
{
    AUTO_TURN struct pictures *turn = pictures_enter(events);
    ProtobufCMessage *touch, *image;
    uint64_t touch_version, image_version;
    bool named = false;
    if (!store_get(turn->events->store, touches, id, arena, &touch, &touch_version, err)) return false;
    if (!touch || ((const Game__ImageTouchRow *)touch)->touched_ms > now_ms - PICTURE_KEPT_MS) return true;
    if (!is_named(events, EVENTS_EVENTS, id, arena, &named, err) ||
        !is_named(events, EVENTS_GROUPS, id, arena, &named, err))
        return false;
    if (named) return true;
    return store_get(events->store, images, id, arena, &image, &image_version, err) &&
           let_go(events, id, image ? image_version : 0, touch_version, err);
}

static bool sweep_page(struct events *events, int64_t now_ms, char token[TOKEN], struct err *err)
{
    const struct store_value to = {.number = now_ms - PICTURE_KEPT_MS};
    const struct store_query query = {.index = "by_touch", .to = &to, .limit = PAGE, .page_token = token};
    struct store_rows rows;
    struct arena page, arena;
    arena_init(&page, ARENA);
    arena_init(&arena, ARENA);
    bool ok = store_find(events->store, touches, &query, &page, &rows, err);
    for (size_t i = 0; ok && i < rows.count && !atomic_load(&events->pictures->stopping); i++) {
        struct err of_one; // which does not delay others
        const char *id = ((const Game__ImageTouchRow *)rows.messages[i])->id;
        if (!look_at(events, id, now_ms, &arena, &of_one)) log_err(LOG_WARN, "events.pictures", &of_one);
        arena_reset(&arena);
    }
    if (ok) snprintf(token, TOKEN, "%s", rows.next_page_token);
    arena_finish(&arena);
    arena_finish(&page);
    return ok;
}

// ---- Those of older programs, which no god is known to have put

static bool list_one(struct events *events, const Game__ImageRow *row, uint64_t version, int64_t now_ms,
                     struct err *err)
{
    struct picture picture = {.god_id = "", .type = row->content_type, .bytes = row->body, .now_ms = now_ms};
    snprintf(picture.id, sizeof picture.id, "%s", row->id);
    return store_wait(events->store, put_both(events, &picture, version), err);
}

// Within a turn, so that nobody puts one of them meanwhile.
static bool list_page(struct events *events, int64_t now_ms, size_t *count, struct err *err)
{
    AUTO_TURN struct pictures *turn = pictures_enter(events);
    const struct store_query query = {
        .index = "by_listed", .equal = {{0}}, .equal_count = 1, .limit = OLD_PAGE, .page_token = ""};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(turn->events->store, images, &query, &arena, &rows, err);
    for (size_t i = 0; ok && i < rows.count; i++)
        ok = list_one(events, (const Game__ImageRow *)rows.messages[i], rows.versions[i], now_ms, err);
    *count = ok ? rows.count : 0;
    arena_finish(&arena);
    return ok;
}

bool pictures_sweep(struct events *events, int64_t now_ms, struct err *err)
{
    char token[TOKEN] = "";
    size_t count;
    if (!replica_holds(events->replica, EVENTS_SWEEPS) || !replica_clock_agrees(events->replica)) return true;
    do
        if (!list_page(events, now_ms, &count, err)) return false;
    while (count && !atomic_load(&events->pictures->stopping));
    do
        if (!sweep_page(events, now_ms, token, err)) return false;
    while (token[0] && !atomic_load(&events->pictures->stopping));
    return true;
}

// ---- The thread

// Rows made by older programs do not name the images; the projector rebuilds them at start.
static int64_t pictures_work(void *arg)
{
    struct pictures *pictures = arg;
    struct err err = {0};
    if (!pictures->events->hooks->caught_up(pictures->events) ||
        !store_accepts(pictures->events->store, NULL))
        return FIRST_MS;
    if (!pictures_sweep(pictures->events, clock_unix_ms(), &err)) log_err(LOG_WARN, "events.pictures", &err);
    return PERIOD_MS;
}

bool pictures_open(struct pictures **opened, struct events *events, struct err *err)
{
    struct pictures *pictures = *opened = calloc(1, sizeof *pictures);
    if (!pictures) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pictures->events = events;
    pthread_mutex_init(&pictures->turn, NULL);
    return true;
}

bool pictures_start(struct pictures *pictures, struct err *err)
{
    return periodic_start(&pictures->thread, "pictures thread", FIRST_MS, pictures_work, pictures, err);
}

void pictures_stop(struct pictures *pictures)
{
    if (!pictures) return;
    atomic_store(&pictures->stopping, true);
    periodic_stop(pictures->thread);
    pictures->thread = NULL;
}

void pictures_close(struct pictures *pictures)
{
    if (!pictures) return;
    pthread_mutex_destroy(&pictures->turn);
    free(pictures);
}
