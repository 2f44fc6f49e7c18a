#include "services/gateway/api/routes.h"

static bool owned_by(const struct schema_method *method, Conse__Method__Owner__Kind kind)
{
    const struct schema_owner *owner = method->owners;
    while (owner->kind && owner->kind != kind) owner++;
    return owner->kind;
}

const char *route_who(const struct route *route)
{
    const struct schema_method *method = route->method;
    if (!method) return "Anybody.";
    if (owned_by(method, CONSE__METHOD__OWNER__KIND__SELF))
        return "The user named, the god of the event, or a dev.";
    if (owned_by(method, CONSE__METHOD__OWNER__KIND__EVENT_GOD_OR_ASSISTANT))
        return "The god of the event, one of their assistants, or a dev.";
    switch (route->level) {
    case CONSE__METHOD__LEVEL__DEV:
        return "A dev.";
    case CONSE__METHOD__LEVEL__GOD:
        return method->owners->kind ? "The god who owns it, or a dev." : "A god, or a dev.";
    case CONSE__METHOD__LEVEL__USER:
        return "Any user.";
    case CONSE__METHOD__LEVEL__OPTIONAL:
        return "Anybody; with a token the reply is for its user.";
    default:
        return "Anybody.";
    }
}
