#include "lib/schema/passport.h"

#include <string.h>

bool passport_check_asker(const struct schema_method *method, Conse__Asker__Value asker, struct err *err)
{
    unsigned bit = (unsigned)asker;
    return (bit < 32 && method->callers >> bit & 1) ||
           err_fail(err, CALLER_REFUSED, "%s is not for the program that asks", method->name);
}

bool passport_reaches(Conse__Method__Level needed, uint32_t level)
{
    switch (needed) {
    case CONSE__METHOD__LEVEL__DEV:
        return level == LEVEL_DEV;
    case CONSE__METHOD__LEVEL__GOD:
        return level == LEVEL_DEV || level == LEVEL_GOD;
    case CONSE__METHOD__LEVEL__USER:
        return level;
    default:
        return true;
    }
}

bool passport_check_level(const struct schema_method *method, uint32_t level, struct err *err)
{
    if (passport_reaches(method->level, level)) return true;
    if (!level) return err_fail(err, TOKEN_INVALID, "log in first");
    bool dev = method->level == CONSE__METHOD__LEVEL__DEV;
    return err_fail(err, LEVEL_TOO_LOW, "this needs level %s", dev ? "dev" : "god");
}

bool passport_check_key(const struct schema_method *method, bool is_key, struct err *err)
{
    return !is_key || !method->login_only || err_fail(err, KEY_REFUSED, "an API key may not do this; log in");
}

bool passport_is_self(const struct schema_owner *owner, const ProtobufCMessage *request, const char *user_id)
{
    return owner->kind == CONSE__METHOD__OWNER__KIND__SELF && user_id[0] &&
           strcmp(schema_text(request, owner->field), user_id) == 0;
}

bool passport_check_owners(const struct schema_method *method, const ProtobufCMessage *request,
                           const Rpc__Caller *caller, struct err *err)
{
    const struct schema_owner *owner = method->owners;
    bool is_god = caller->level && caller->level <= LEVEL_GOD;
    if (!owner->kind || is_god) return true;
    while (owner->kind && owner->kind != CONSE__METHOD__OWNER__KIND__EVENT_GOD_OR_ASSISTANT &&
           !passport_is_self(owner, request, caller->user_id))
        owner++;
    return owner->kind || err_fail(err, LEVEL_TOO_LOW, "only a god may do this for someone else");
}

bool passport_refuse(const struct schema_method *method, const char *thing, struct err *err)
{
    if (method->existence == CONSE__METHOD__EXISTENCE__HIDDEN)
        return err_fail(err, NOT_FOUND, "there is no such %s", thing);
    return err_fail(err, NOT_OWNER, "this %s is someone else's", thing);
}

bool passport_may_fit(const struct schema_stream *stream, const char *pattern)
{
    size_t len = strcspn(stream->name, "*"), wanted = strcspn(pattern, "*");
    return strncmp(stream->name, pattern, len < wanted ? len : wanted) == 0;
}

bool passport_reads(const struct schema_stream *stream, Conse__Asker__Value asker)
{
    unsigned bit = (unsigned)asker;
    return bit < 32 && (stream->whole | stream->numbers) >> bit & 1;
}

static bool fits_stream(const char *pattern, const char *name)
{
    size_t before = strcspn(pattern, "*");
    if (!pattern[before]) return strcmp(pattern, name) == 0;
    if (strncmp(pattern, name, before) != 0) return false;
    size_t word = strcspn(name + before, ".");
    return word && fits_stream(pattern + before + 1, name + before + word);
}

const struct schema_stream *passport_find_stream(const struct schema_stream *streams, const char *name)
{
    while (streams->name && !fits_stream(streams->name, name)) streams++;
    return streams->name ? streams : NULL;
}

enum stream_right passport_stream(const struct schema_stream *streams, Conse__Asker__Value asker,
                                  const Rpc__Caller *caller, const char *name)
{
    const struct schema_stream *stream = passport_find_stream(streams, name);
    if (!stream || !passport_reads(stream, asker)) return STREAM_ABSENT;
    if (!caller->user_id[0]) return stream->whole >> asker & 1 ? STREAM_WHOLE : STREAM_NUMBERS;
    return stream->level && passport_reaches(stream->level, caller->level) ? STREAM_WHOLE : STREAM_ABSENT;
}
