// Objects for tests of lib/live: a jar is the sum of the beans in its stream's entries.
#ifndef LIB_LIVE_TESTING_JARS_H
#define LIB_LIVE_TESTING_JARS_H

#include "lib/base/clock.h"
#include "lib/live/live.h"
#include "lib/store/testing/world.h"

enum { JAR_BYTES = 5000, ROOM = 4 * JAR_BYTES };

struct jar {
    struct live_object live;
    struct place *place;
    uint64_t seq, beans;
};

// A process, or one of several on a shared store.
struct place {
    struct store *store;
    struct arena arena;
    struct live *live;
    unsigned loads, catch_ups, forgets, destroyed;
    bool corrupt, older; // what is stored does not verify; was written by a newer program
    int64_t load_ms;     // how far the held clock goes while one is loaded
};

static inline struct jar *jar_of(const struct live_object *object) { return (struct jar *)object; }

static inline bool add_beans(void *fold, const ProtobufCBinaryData *entry, struct err *err)
{
    struct jar *jar = fold;
    if (jar->place->corrupt) return err_fail(err, STORE_CORRUPT, "mould");
    if (jar->place->older) return err_fail(err, STORE_NEWER, "beans of tomorrow");
    jar->seq++;
    jar->beans += entry->data[0];
    return true;
}

static inline void begin_jar(struct live_object *object, void *place)
{
    struct jar *jar = jar_of(object);
    jar->place = place;
    jar->seq = jar->beans = 0;
}

static inline bool load_jar(struct live_object *object, void *context, struct err *err)
{
    struct place *place = context;
    place->loads++;
    if (place->load_ms) clock_hold_mono(clock_mono_ms() + place->load_ms);
    begin_jar(object, place);
    return live_catch_up(object, place->store, object->id.text, 1, add_beans, object, &place->arena, err);
}

static inline bool catch_up_jar(struct live_object *object, void *context, struct err *err)
{
    struct place *place = context;
    place->catch_ups++;
    return live_catch_up(object, place->store, object->id.text, jar_of(object)->seq + 1, add_beans, object,
                         &place->arena, err);
}

static inline uint64_t seq_of_jar(const struct live_object *object) { return jar_of(object)->seq; }

static inline void name_jar(const struct live_object *object, char out[LIVE_STREAM])
{
    snprintf(out, LIVE_STREAM, "%s", object->id.text);
}

static inline void forget_jar(struct live_object *object)
{
    if (jar_of(object)->place) jar_of(object)->place->forgets++;
}

static inline void destroy_jar(struct live_object *object)
{
    if (jar_of(object)->place) jar_of(object)->place->destroyed++;
}

static inline bool has_beans(const struct live_object *object) { return jar_of(object)->seq; }
static inline size_t weigh_jar(const struct live_object *object) { return has_beans(object) ? JAR_BYTES : 0; }

static const struct live_kind jars = {.name = "jar",
                                      .log = "jars.load",
                                      .size = sizeof(struct jar),
                                      .load = load_jar,
                                      .catch_up = catch_up_jar,
                                      .seq = seq_of_jar,
                                      .stream = name_jar,
                                      .begin = begin_jar,
                                      .forget = forget_jar,
                                      .destroy = destroy_jar,
                                      .exists = has_beans,
                                      .weigh = weigh_jar};

static inline struct uuid jar_id(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%012u", number);
    return id;
}

static inline void add(struct place *place, struct jar *jar, uint64_t first_seq, uint8_t beans)
{
    ProtobufCBinaryData entry = {1, &beans};
    struct store_write write = {.done = live_written, .arg = &jar->live};
    live_append(&jar->live, place->store, jar->live.id.text, first_seq, &entry, 1, write);
    jar->seq++;
    jar->beans += beans;
}

static inline void place_open(struct place *place, struct store *store)
{
    struct err err;
    place->store = store;
    arena_init(&place->arena, 64 << 20);
    assert_true(live_open(&place->live, &jars, place, store, ROOM, &err));
}

// After its store.
static inline void place_close(struct place *place)
{
    live_close(place->live);
    arena_finish(&place->arena);
}

static inline struct jar *enter_as(struct place *place, unsigned number, struct live_need *need)
{
    struct live_object *object;
    struct err err;
    if (!live_enter(place->live, jar_id(number).text, need, &object, &err)) fail_msg("%s", err.message);
    return jar_of(object);
}

static inline struct jar *enter(struct place *place, unsigned number)
{
    return enter_as(place, number, NULL);
}

static inline struct err refusal_of(struct place *place, unsigned number, struct live_need *need)
{
    struct live_object *object;
    struct err err = {0};
    assert_false(live_enter(place->live, jar_id(number).text, need, &object, &err));
    assert_null(object);
    return err;
}

static inline Conse__Reason__Value refusal(struct place *place, unsigned number)
{
    return refusal_of(place, number, NULL).reason;
}

static inline void make_jar(struct place *place, unsigned number, uint8_t beans)
{
    struct live_object *object;
    struct err err;
    assert_true(live_enter_new(place->live, jar_id(number).text, NULL, &object, &err));
    struct jar *jar = jar_of(object);
    add(place, jar, 1, beans);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_true(store_wait(place->store, ticket, &err));
}

#endif
