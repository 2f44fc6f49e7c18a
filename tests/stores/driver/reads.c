// Reads, answered at once.
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/clock.h"
#include "tests/stores/driver/driver.h"

static json_t *entries_json(const struct store_entries *entries)
{
    json_t *texts = json_array();
    for (size_t i = 0; i < entries->count; i++)
        json_array_append_new(texts,
                              json_stringn((const char *)entries->entries[i].data, entries->entries[i].len));
    return texts;
}

static json_t *read_stream(const struct asked *asked, struct err *err)
{
    struct store_entries entries;
    if (!store_read(asked->store, asked_text(asked, "stream"), asked_number(asked, "from"),
                    asked_number(asked, "limit"), asked->arena, &entries, err))
        return NULL;
    return json_pack("{s:o, s:I, s:b, s:b}", "texts", entries_json(&entries), "first",
                     (json_int_t)entries.first_seq, "more", entries.more, "ended", entries.ended);
}

static json_t *read_head(const struct asked *asked, struct err *err)
{
    uint64_t seq;
    if (!store_head(asked->store, asked_text(asked, "stream"), &seq, err)) return NULL;
    return json_pack("{s:I}", "seq", (json_int_t)seq);
}

static json_t *read_probe(const struct asked *asked, struct err *err)
{
    bool current;
    if (!store_probe(asked->store, asked_text(asked, "stream"), asked_number(asked, "seq"), &current, err))
        return NULL;
    return json_pack("{s:b}", "current", current);
}

static json_t *read_barrier(const struct asked *asked, struct err *err)
{
    int64_t at_ms;
    if (!store_barrier(asked->store, clock_mono_ms(), &at_ms, err)) return NULL;
    return json_pack("{s:I}", "at_ms", (json_int_t)at_ms);
}

static json_t *read_row(const struct asked *asked, struct err *err)
{
    ProtobufCMessage *message;
    uint64_t version;
    if (!store_get(asked->store, driver_users, asked_text(asked, "row"), asked->arena, &message, &version,
                   err))
        return NULL;
    if (!message) return json_pack("{s:n, s:I}", "name", "version", (json_int_t)0);
    return json_pack("{s:s, s:I}", "name", ((Auth__User *)message)->username, "version", (json_int_t)version);
}

static json_t *read_accepts(const struct asked *asked, struct err *err)
{
    return store_accepts(asked->store, err) ? json_pack("{s:b}", "accepts", true) : NULL;
}

static json_t *read_trim(const struct asked *asked, struct err *err)
{
    if (!store_trim_stream(asked->store, asked_text(asked, "stream"), asked_number(asked, "seq"), err))
        return NULL;
    return json_object();
}

// Rows of a name by an index.
static json_t *read_find(const struct asked *asked, struct err *err)
{
    struct store_rows rows;
    const struct store_query query = {.index = asked_text(asked, "index"),
                                      .equal = {{.text = asked_text(asked, "name")}},
                                      .equal_count = 1};
    if (!store_find(asked->store, driver_users, &query, asked->arena, &rows, err)) return NULL;
    json_t *ids = json_array();
    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(ids, json_string(((Auth__User *)rows.messages[i])->id));
    return json_pack("{s:o}", "rows", ids);
}

static json_t *read_sweep(const struct asked *asked, struct err *err)
{
    return store_expire_commands(asked->store, (int64_t)asked_number(asked, "now_ms"), err) ? json_object()
                                                                                            : NULL;
}

static json_t *read_sleep(const struct asked *asked, struct err *err)
{
    (void)err;
    driver_sleep((int64_t)asked_number(asked, "seconds"));
    return json_object();
}

static const struct {
    const char *verb;
    json_t *(*read)(const struct asked *asked, struct err *err); // NULL: it failed
} VERBS[] = {{"read", read_stream},     {"head", read_head}, {"probe", read_probe},
             {"barrier", read_barrier}, {"get", read_row},   {"accepts", read_accepts},
             {"trim", read_trim},       {"find", read_find}, {"sweep", read_sweep},
             {"sleep", read_sleep}};

bool driver_read(const struct asked *asked, const char *verb)
{
    struct err err;
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(VERBS[i].verb, verb) != 0) continue;
        json_t *answer = VERBS[i].read(asked, &err);
        answer_print(asked_text(asked, "id"),
                     answer ? answer
                            : json_pack("{s:s, s:s}", "error", err_name(&err), "message", err.message));
        return true;
    }
    return false;
}
