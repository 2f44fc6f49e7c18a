// Subscription, from the kinds of streams: each tells what is seen now, then what happens, entry by entry.
#include <ctype.h>
#include <string.h>

#include "events.pb-c.h"
#include "services/gateway/api/streams.h"
#include "services/gateway/graphql/make/making.h"

enum { COST = 1 };

static const char cursor_doc[] = "Of who has seen it and all before; to be given as `after`.";

static struct gql_field told_field(const char *name, const char *doc, enum gql_told what, struct gql_ref of)
{
    return (struct gql_field){.name = name, .doc = doc, .of = of, .source = GQL_TOLD, .told = what};
}

static struct gql_field told_cursor(struct making *making)
{
    return told_field("cursor", cursor_doc, GQL_TOLD_CURSOR,
                      (struct gql_ref){making_scalar(making, "String"), GQL_REQUIRED});
}

// ---- What all streams tell

static struct gql_type *making_live(struct making *making)
{
    struct gql_type *type = making_add(making, GQL_OBJECT, "StreamLive", NULL);
    type->doc = "All that was missed has come.";
    type->fields = making_alloc(making, 2, sizeof *type->fields);
    type->fields_count = 2;
    type->fields[0] = told_cursor(making);
    type->fields[1] = told_field("serverTime", NULL, GQL_TOLD_TIME,
                                 (struct gql_ref){making_scalar(making, "DateTime"), GQL_REQUIRED});
    return type;
}

static struct gql_type *making_reset(struct making *making)
{
    struct gql_type *type = making_add(making, GQL_OBJECT, "StreamReset", NULL);
    type->doc = "The cursor is no more good: what is seen now follows.";
    type->fields = making_alloc(making, 1, sizeof *type->fields);
    type->fields_count = 1;
    type->fields[0] = told_field("reason", NULL, GQL_TOLD_REASON,
                                 making_value(making, &events__reset__descriptor.fields[0], false));
    return type;
}

// ---- What one tells

static const char *noun_of(const struct stream_kind *kind) { return kind->noun ? kind->noun : kind->topic; }

static const char *with_word(struct making *making, const struct stream_kind *kind, const char *word)
{
    const char *noun = noun_of(kind);
    return arena_printf(making->arena, "%c%s%s", toupper((unsigned char)noun[0]), noun + 1, word);
}

static struct gql_type *making_snapshot(struct making *making, const struct stream_kind *kind)
{
    struct gql_type *type = making_add(making, GQL_OBJECT, with_word(making, kind, "Snapshot"), NULL);
    type->doc = "What is seen now: told first when there is no cursor, or after a reset.";
    type->fields = making_alloc(making, 3, sizeof *type->fields);
    type->fields[type->fields_count++] = told_cursor(making);
    type->fields[type->fields_count++] =
        told_field("state", NULL, GQL_TOLD_STATE,
                   (struct gql_ref){making_object(making, kind->state, NULL), GQL_REQUIRED});
    if (kind->mine)
        type->fields[type->fields_count++] =
            told_field("mine", "What is the viewer's own; null for nobody in particular.", GQL_TOLD_MINE,
                       (struct gql_ref){making_object(making, kind->mine, NULL), 0});
    return type;
}

// By enum gql_member.
static const struct gql_type **making_tells(struct making *making, const struct stream_kind *kind,
                                            const struct gql_type *live, const struct gql_type *reset)
{
    const struct gql_type **tells = making_alloc(making, GQL_MEMBERS, sizeof *tells);
    tells[GQL_SNAPSHOT] = making_snapshot(making, kind);
    if (kind->entry) tells[GQL_ENTRY] = making_object(making, kind->entry, NULL);
    tells[GQL_LIVE] = live;
    tells[GQL_RESET] = reset;
    if (kind->typing) tells[GQL_TYPING] = making_object(making, kind->typing, NULL);
    return tells;
}

static const struct gql_type *making_update(struct making *making, const struct stream_kind *kind,
                                            const struct gql_type **tells)
{
    struct gql_type *type = making_add(making, GQL_UNION, with_word(making, kind, "Update"), NULL);
    type->members = making_alloc(making, GQL_MEMBERS, sizeof *type->members);
    for (int what = 0; what < GQL_MEMBERS; what++)
        if (tells[what]) type->members[type->members_count++] = (struct gql_type *)tells[what];
    return type;
}

// ---- The root

static const char *name_of_id(struct making *making, const struct stream_kind *kind)
{
    size_t len = strlen(kind->topic);
    bool own = strncmp(kind->about, kind->topic, len) == 0 && strcmp(kind->about + len, "_id") == 0;
    return own ? "id" : name_camel(making, kind->about);
}

static struct gql_field root_stream(struct making *making, const struct stream_kind *kind,
                                    struct gql_type *live, struct gql_type *reset)
{
    const struct gql_type **tells = making_tells(making, kind, live, reset);
    struct gql_field field = {.name = noun_of(kind),
                              .doc = kind->doc,
                              .of = {making_update(making, kind, tells), GQL_REQUIRED},
                              .cost = COST,
                              .source = GQL_STREAM,
                              .stream = kind,
                              .tells = tells};
    struct gql_input *inputs = making_alloc(making, 2, sizeof *inputs);
    const char *scalar = kind->about && name_is_id(kind->about) ? "ID" : "String";
    if (kind->about)
        inputs[field.args_count++] = (struct gql_input){.name = name_of_id(making, kind),
                                                        .of = {making_scalar(making, scalar), GQL_REQUIRED}};
    inputs[field.args_count++] =
        (struct gql_input){.name = "after",
                           .doc = "A cursor: what happened since then comes first, without what is seen now.",
                           .of = {making_scalar(making, "String"), 0}};
    field.args = inputs;
    return field;
}

void making_streams(struct making *making, struct gql_schema *schema)
{
    size_t count;
    const struct stream_kind *kinds = streams_all(&count);
    struct gql_type *root = making_add(making, GQL_OBJECT, "Subscription", NULL), *live = making_live(making),
                    *reset = making_reset(making);
    root->fields = making_alloc(making, count, sizeof *root->fields);
    for (size_t i = 0; i < count; i++)
        root->fields[root->fields_count++] = root_stream(making, &kinds[i], live, reset);
    schema->subscription = root;
}
