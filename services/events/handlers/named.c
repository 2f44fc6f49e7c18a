#include "services/events/handlers/named.h"

bool named_once(const char *id, const char *id_field, const char *username, bool *by_name, struct err *err)
{
    *by_name = username[0];
    return *by_name != (id[0] != 0) ||
           err_field(err, INVALID_FIELD, id_field, "give %s or username, and not both", id_field);
}

bool named_find(struct events *events, const char *username, struct name_told *told, struct err *err)
{
    return names_look_up(events->names, username, told) ||
           err_field(err, NOT_FOUND, "username", "nobody has this username");
}

bool named_check_open(const struct name_told *told, int64_t now_ms, const char *field, struct err *err)
{
    return told->suspended_until_ms <= now_ms ||
           err_field(err, PERSON_SUSPENDED, field, "this person is suspended");
}
