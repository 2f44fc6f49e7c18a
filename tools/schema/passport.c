#include "tools/schema/passport.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/schema/named.h"
#include "tools/schema/stream.h"

#define OWNER(kind_) CONSE__METHOD__OWNER__KIND__##kind_
#define LEVEL(level_) CONSE__METHOD__LEVEL__##level_
#define TYPE(type_) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##type_

enum { MOST_OWNERS = 2, MOST_LISTENS = 3, MOST_HEADERS = 4 };

// A method with its passport and the messages that it names.
struct reading {
    const struct method *method;
    const Conse__Method *says;
    const Message *request, *reply; // NULL when nested in another message
};

static _Noreturn __attribute__((format(printf, 2, 3))) void passport_die(const struct reading *r,
                                                                         const char *fault, ...)
{
    va_list arguments;
    va_start(arguments, fault);
    fprintf(stderr, "schema: %s.%s: ", r->method->package, r->method->proto->name);
    vfprintf(stderr, fault, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

static _Noreturn void refuse_without(const struct reading *r)
{
    passport_die(
        r,
        "no passport. A method says what it is, between the braces after it:\n"
        "    option (conse.method) = { class: WRITE level: USER callers: GATEWAY limit: OTHER "
        "owner: { kind: NONE } };\n"
        "and when the object it names is somebody's, instead of NONE:\n"
        "    owner: { kind: EVENT_GOD field: \"event_id\" } existence: KNOWN keyed: { stream: \"events\" }\n"
        "proto/options.proto has every word, CONTRIBUTING.md (Adding a method) how to choose");
}

// ---- Checks

static bool passport_repeated(const Field *field)
{
    return field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
}

static bool is_one(const Message *message, const char *name,
                   Google__Protobuf__FieldDescriptorProto__Type type)
{
    const Field *field = named_field(message, name);
    return field && field->type == type && !passport_repeated(field);
}

static bool is_required(const Message *message, const char *name, Conse__Rule__Format format)
{
    if (!is_one(message, name, TYPE(STRING))) return false;
    const Conse__Rule *rule = option_rule(named_field(message, name));
    return rule && rule->required && rule->format == format;
}

static bool is_required_id(const Message *message, const char *name)
{
    return is_required(message, name, CONSE__RULE__FORMAT__UUID);
}

static void check_said(const struct reading *r)
{
    const Conse__Method *says = r->says;
    if (!r->method->commented) passport_die(r, "no comment above it: documents are made of it");
    if (!says->class_) passport_die(r, "class is not said");
    if (!says->level) passport_die(r, "level is not said");
    if (!says->limit) passport_die(r, "limit is not said");
    if (!says->n_callers && !says->feed) passport_die(r, "callers is not said");
    if (says->n_callers && says->feed) passport_die(r, "callers: of a feed they follow from the streams");
    for (size_t i = 0; i < says->n_callers; i++)
        if (!says->callers[i]) passport_die(r, "callers names nobody");
    if (!says->n_owner) passport_die(r, "owner is not said; of nobody's object: owner: { kind: NONE }");
}

static size_t owners_of(const Conse__Method *says, Conse__Method__Owner__Kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < says->n_owner; i++) count += says->owner[i]->kind == kind;
    return count;
}

static bool of_event(Conse__Method__Owner__Kind kind)
{
    return kind == OWNER(EVENT_GOD) || kind == OWNER(EVENT_GOD_OR_ASSISTANT);
}

static void check_owner(const struct reading *r, const Conse__Method__Owner *owner)
{
    const Conse__Method *says = r->says;
    if (!owner->kind) passport_die(r, "an owner without a kind");
    if (owner->kind == OWNER(NONE)) return;
    if (!is_required_id(r->request, owner->field))
        passport_die(r, "owner.field: the request has no \"%s\" that is required and a UUID", owner->field);
    bool beside_self = owners_of(says, OWNER(SELF));
    bool assisted = owner->kind == OWNER(EVENT_GOD_OR_ASSISTANT);
    if (assisted && says->level != LEVEL(USER)) passport_die(r, "level: an assistant is any USER");
    if (assisted && says->n_owner > 1) passport_die(r, "owner: EVENT_GOD_OR_ASSISTANT stands alone");
    if (owner->kind != OWNER(SELF) && !assisted && says->level < LEVEL(GOD) && !beside_self)
        passport_die(r, "level: a god's object needs GOD or more");
    if (owner->kind == OWNER(SELF) && says->level != LEVEL(USER))
        passport_die(r, "level: one's own object needs USER");
}

static void check_owners(const struct reading *r)
{
    const Conse__Method *says = r->says;
    bool nobodys = owners_of(says, OWNER(NONE));
    if (says->n_owner > MOST_OWNERS) passport_die(r, "owner: %d at most", MOST_OWNERS);
    if (nobodys && says->n_owner > 1) passport_die(r, "owner: NONE stands alone");
    if (nobodys && says->existence) passport_die(r, "existence: of nobody's object it is not said");
    if (!nobodys && !says->existence)
        passport_die(r, "existence is not said: KNOWN or HIDDEN from strangers");
    for (size_t i = 0; i < says->n_owner; i++) check_owner(r, says->owner[i]);
}

static void check_route(const struct reading *r)
{
    const Conse__Method *says = r->says;
    if (*says->object && (*says->route_key || !owners_of(says, OWNER(NONE))))
        passport_die(r, "object: the request names another one");
    if (!*says->route_key) return;
    for (size_t i = 0; i < says->n_owner; i++)
        if (of_event(says->owner[i]->kind)) passport_die(r, "route_key: follows from EVENT_GOD");
    if (!is_required_id(r->request, says->route_key) &&
        !is_required(r->request, says->route_key, CONSE__RULE__FORMAT__ROOM))
        passport_die(r, "route_key: the request has no \"%s\" that is required and a UUID", says->route_key);
}

static const char *route_key_of(const Conse__Method *says)
{
    for (size_t i = 0; i < says->n_owner; i++)
        if (of_event(says->owner[i]->kind)) return says->owner[i]->field;
    return says->route_key;
}

static bool names_itself(const Message *message)
{
    for (size_t i = 0; message && i < message->n_field; i++)
        if (option_number(message->field[i]->options, OPTION_NAMES)) return true;
    return false;
}

static bool shows_what_it_makes(const struct reading *r)
{
    for (size_t i = 0; r->reply && i < r->reply->n_field; i++) {
        const char *type = r->reply->field[i]->type_name;
        if (type && names_itself(named_message(r->method->set, type))) return true;
    }
    return names_itself(r->reply);
}

// A repetition must come to the same stream, whatever happened since: a shared store looks for the command
// there alone. So the request names it by its id, or the command makes it, under an id of the command's own.
static void check_keyed_stream(const struct reading *r)
{
    if (!*route_key_of(r->says) && !*r->says->object && !shows_what_it_makes(r))
        passport_die(r, "keyed.stream: the request names no event (owner, route_key or object), the reply "
                        "none that was made (conse.names)");
}

static void check_keyed(const struct reading *r)
{
    const Conse__Method__Keyed *keyed = r->says->keyed;
    if (!keyed) return;
    if (!*keyed->table == !*keyed->stream) passport_die(r, "keyed: a table or a stream");
    if (r->says->class_ != CONSE__CLASS__WRITE) passport_die(r, "keyed: only of WRITE");
    if (*keyed->stream) check_keyed_stream(r);
}

static void check_raw_body(const struct reading *r)
{
    const Conse__Method__Raw *raw = r->says->raw_body;
    if (!raw) return;
    if (!is_one(r->request, raw->body, TYPE(BYTES)))
        passport_die(r, "raw_body.body: the request has no bytes \"%s\"", raw->body);
    if (*raw->type) passport_die(r, "raw_body.type: a body's type is not kept");
    if (!raw->n_media) passport_die(r, "raw_body.media is not said");
    if (raw->n_headers > MOST_HEADERS) passport_die(r, "raw_body.headers: at most %d", MOST_HEADERS);
    for (size_t i = 0; i < raw->n_headers; i++)
        if (!is_one(r->request, raw->headers[i]->field, TYPE(STRING)))
            passport_die(r, "raw_body.headers: the request has no string \"%s\"", raw->headers[i]->field);
}

static void check_raw_reply(const struct reading *r)
{
    const Conse__Method__Raw *raw = r->says->raw_reply;
    if (!raw) return;
    if (!is_one(r->reply, raw->body, TYPE(BYTES)))
        passport_die(r, "raw_reply.body: the reply has no bytes \"%s\"", raw->body);
    if (!is_one(r->reply, raw->type, TYPE(STRING)))
        passport_die(r, "raw_reply.type: the reply has no string \"%s\"", raw->type);
    if (!raw->n_media) passport_die(r, "raw_reply.media is not said");
    if (raw->n_headers) passport_die(r, "raw_reply.headers: a reply has none");
}

// "events.{event_id}.god" taken apart.
struct listen {
    char before[MAX_NAME], field[MAX_NAME], after[MAX_NAME], stream[MAX_NAME];
};

static bool read_listen(const char *text, struct listen *listen)
{
    const char *open = strchr(text, '{'), *close = open ? strchr(open, '}') : NULL;
    if (!close || strlen(text) >= MAX_NAME) return false;
    snprintf(listen->before, MAX_NAME, "%.*s", (int)(open - text), text);
    snprintf(listen->field, MAX_NAME, "%.*s", (int)(close - open - 1), open + 1);
    snprintf(listen->after, MAX_NAME, "%s", close + 1);
    snprintf(listen->stream, sizeof listen->stream, "%.*s*%s", (int)(open - text), text, close + 1);
    return true;
}

static void check_listen(const struct reading *r, const char *text)
{
    struct listen listen;
    if (!read_listen(text, &listen)) passport_die(r, "waits.streams: \"%s\" has no {field}", text);
    const Conse__Stream *stream = stream_find(r->method->set, listen.stream);
    if (!stream || !stream->level)
        passport_die(r, "waits.streams: users have no stream \"%s\"", listen.stream);
    if (*listen.field && !is_one(r->request, listen.field, TYPE(STRING)))
        passport_die(r, "waits.streams: the request has no string \"%s\"", listen.field);
}

static void check_waits(const struct reading *r)
{
    const Conse__Method__Waits *waits = r->says->waits;
    if (!waits) return;
    const Field *field = named_field(r->request, waits->field), *news = named_field(r->reply, waits->news);
    if (!field || !field->type_name || strcmp(field->type_name, ".google.protobuf.Duration") != 0)
        passport_die(r, "waits.field: the request has no Duration \"%s\"", waits->field);
    if (!news || !passport_repeated(news))
        passport_die(r, "waits.news: the reply has no list \"%s\"", waits->news);
    if (r->says->class_ != CONSE__CLASS__READ && r->says->class_ != CONSE__CLASS__BULK)
        passport_die(r, "waits: only of READ and BULK");
    size_t listens = waits->n_streams + (*waits->leaders != 0) + (*waits->stream != 0);
    if ((!waits->n_streams && !*waits->stream) || listens > MOST_LISTENS)
        passport_die(r, "waits.streams: 1 to %d, with that of leaders", MOST_LISTENS);
    if (*waits->stream && !is_one(r->reply, waits->stream, TYPE(STRING)))
        passport_die(r, "waits.stream: the reply has no string \"%s\"", waits->stream);
    for (size_t i = 0; i < waits->n_streams; i++) check_listen(r, waits->streams[i]);
    if (*waits->leaders) check_listen(r, waits->leaders);
    if (*waits->leads ? !is_one(r->reply, waits->leads, TYPE(BOOL)) : *waits->leaders)
        passport_die(r, "waits.leads: the reply has no bool \"%s\"", waits->leads);
    if (*waits->breaks && !is_one(r->reply, waits->breaks, TYPE(MESSAGE)))
        passport_die(r, "waits.breaks: the reply has no message \"%s\"", waits->breaks);
}

static void check_turns(const struct reading *r)
{
    const Conse__Method__Turns *turns = r->says->turns;
    if (!turns) return;
    if (r->says->class_ != CONSE__CLASS__SLOW) passport_die(r, "turns: only said of SLOW");
    if (*turns->by && !is_one(r->request, turns->by, TYPE(STRING)))
        passport_die(r, "turns.by: the request has no string \"%s\"", turns->by);
    if (turns->caller && *turns->by) passport_die(r, "turns: by a text or by the caller");
    if (turns->caller && r->says->level < LEVEL(USER))
        passport_die(r, "turns.caller: only of USER and above");
}

static void check_rest(const struct reading *r)
{
    const Conse__Method *says = r->says;
    if (*says->existing && !is_one(r->reply, says->existing, TYPE(BOOL)))
        passport_die(r, "existing: the reply has no bool \"%s\"", says->existing);
    if (says->repeatable && says->class_ != CONSE__CLASS__SLOW)
        passport_die(r, "repeatable: only said of SLOW");
    if (says->reads && says->class_ != CONSE__CLASS__SLOW) passport_die(r, "reads: only said of SLOW");
    if (says->reads && says->repeatable) passport_die(r, "repeatable: what reads is");
    if (*says->noun && says->class_ != CONSE__CLASS__READ && says->class_ != CONSE__CLASS__BULK)
        passport_die(r, "noun: only of READ and BULK");
    if (says->login_only && says->level == LEVEL(PUBLIC))
        passport_die(r, "login_only: a token is ignored by PUBLIC");
}

// ---- Its row

static void print_number(const char *name, unsigned value)
{
    if (value) printf(", .%s = %u", name, value);
}

static void print_text(const char *name, const char *text)
{
    if (*text) printf(", .%s = \"%s\"", name, text);
}

static void print_owners(const struct reading *r)
{
    printf(", .owners = (const struct schema_owner[]){");
    for (size_t i = 0; i < r->says->n_owner; i++) {
        const Conse__Method__Owner *owner = r->says->owner[i];
        if (owner->kind != OWNER(NONE))
            printf("{%d, %u}, ", (int)owner->kind, named_place(r->request, owner->field));
    }
    printf("{0, 0}}");
}

static void print_callers(const struct reading *r)
{
    const Conse__Method *says = r->says;
    print_number("callers",
                 says->feed ? stream_readers(r->method->set) : stream_bits(says->callers, says->n_callers));
}

static void print_raw(const char *name, const Conse__Method__Raw *raw, const Message *message)
{
    if (!raw) return;
    printf(", .%s = {%u, %u, (const char *const[]){", name, named_place(message, raw->body),
           named_place(message, raw->type));
    for (size_t i = 0; i < raw->n_media; i++) printf("\"%s\", ", raw->media[i]);
    printf("NULL}, ");
    if (!raw->n_headers) return (void)printf("NULL}");
    printf("(const struct schema_header[]){");
    for (size_t i = 0; i < raw->n_headers; i++)
        printf("{\"%s\", %u}, ", raw->headers[i]->name, named_place(message, raw->headers[i]->field));
    printf("{NULL, 0}}}");
}

static void print_listen(const struct reading *r, const char *text, bool leaders)
{
    struct listen listen;
    read_listen(text, &listen);
    printf("{\"%s\", \"%s\", %u, %d, %d}, ", listen.before, listen.after,
           named_place(r->request, listen.field), (int)stream_find(r->method->set, listen.stream)->level,
           leaders);
}

static void print_listens(const struct reading *r)
{
    const Conse__Method__Waits *waits = r->says->waits;
    printf(", .listens = (const struct schema_listen[]){");
    for (size_t i = 0; i < waits->n_streams; i++) print_listen(r, waits->streams[i], false);
    if (*waits->leaders) print_listen(r, waits->leaders, true);
    printf("{NULL, NULL, 0, 0, 0}}");
}

static void print_row(const struct reading *r)
{
    const Conse__Method *says = r->says;
    bool reads = says->class_ == CONSE__CLASS__READ || says->class_ == CONSE__CLASS__BULK || says->reads;
    printf(".class = %d, .level = %d, .limit = %d", (int)says->class_, (int)says->level, (int)says->limit);
    print_number("existence", says->existence);
    print_callers(r);
    print_owners(r);
    print_number("route_key", named_place(r->request, route_key_of(says)));
    if (says->keyed) {
        print_text("keyed_table", says->keyed->table);
        print_text("keyed_stream", says->keyed->stream);
    }
    print_raw("raw_body", says->raw_body, r->request);
    print_raw("raw_reply", says->raw_reply, r->reply);
    if (says->waits) {
        print_number("wait", named_place(r->request, says->waits->field));
        print_number("news", named_place(r->reply, says->waits->news));
        print_number("leads", named_place(r->reply, says->waits->leads));
        print_number("breaks", named_place(r->reply, says->waits->breaks));
        print_number("news_stream", named_place(r->reply, says->waits->stream));
        print_listens(r);
    }
    if (says->turns) {
        print_number("turns_by", named_place(r->request, says->turns->by));
        print_number("turns_caller", says->turns->caller);
        print_number("outside", says->turns->outside);
    }
    print_number("existing", named_place(r->reply, says->existing));
    print_number("repeatable", reads || says->repeatable);
    print_number("slow_read", says->reads);
    print_number("login_only", says->login_only);
    print_text("object", says->object);
    print_text("noun", says->noun);
    print_number("fresh_feed", says->level >= LEVEL(GOD) || owners_of(says, OWNER(EVENT_GOD_OR_ASSISTANT)));
}

void passport_print(const struct method *method)
{
    struct reading r = {.method = method, .says = option_passport(method->proto)};
    r.request = named_message(method->set, method->proto->input_type);
    r.reply = named_message(method->set, method->proto->output_type);
    if (!r.says) refuse_without(&r);
    if (option_passports(method->proto) > 1)
        passport_die(&r, "its passport is said in pieces; say it in one");
    check_said(&r);
    check_owners(&r);
    check_route(&r);
    check_keyed(&r);
    check_raw_body(&r);
    check_raw_reply(&r);
    check_waits(&r);
    check_turns(&r);
    check_rest(&r);
    print_row(&r);
}
