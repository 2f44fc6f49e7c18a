// Roles that the catalogue switches off, and on again.
#include <stdio.h>

#include "lib/base/clock.h"
#include "services/events/money/parts.h"
#include "services/events/tables.h"

enum { PAGE = 100, TOKEN = 512 };

// A row of the first version that is not off never was.
static bool says_nothing(const Events__Role *role, uint64_t version)
{
    return version == 1 && !role->disabled;
}

static uint64_t tell_role(struct events *events, const Events__Role *role, uint64_t version,
                          struct arena *arena)
{
    Money__RoleSwitched switched = MONEY__ROLE_SWITCHED__INIT;
    Money__FromEvents said = MONEY__FROM_EVENTS__INIT;
    const struct store_write write = {.source = {role->id, version, 0}};
    switched.role_id = role->id;
    switched.disabled = role->disabled;
    switched.version = version;
    switched.generation = store_generation(events->store);
    said.time_ms = clock_unix_ms();
    said.body_case = MONEY__FROM_EVENTS__BODY_ROLE_SWITCHED;
    said.role_switched = &switched;
    return money_append(events, &said, arena, &write);
}

static bool tell_page(struct events *events, const struct store_rows *rows, struct arena *arena, bool *any,
                      struct err *err)
{
    uint64_t ticket = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const Events__Role *role = (const Events__Role *)rows->messages[i];
        if (says_nothing(role, rows->versions[i])) continue;
        ticket = tell_role(events, role, rows->versions[i], arena);
        if (!ticket) return err_fail(err, INTERNAL_ERROR, "no memory for roles that are switched");
    }
    *any |= ticket;
    return !ticket || store_wait(events->store, ticket, err);
}

bool money_tell_roles(struct events *events, struct arena *arena, struct err *err)
{
    char token[TOKEN] = "";
    bool any = false, more = true;
    while (more) {
        const struct store_query query = {.limit = PAGE, .page_token = token};
        struct store_rows rows;
        if (!store_find(events->store, &events_tables[EVENTS_ROLES], &query, arena, &rows, err) ||
            !tell_page(events, &rows, arena, &any, err))
            return false;
        snprintf(token, sizeof token, "%s", rows.next_page_token);
        more = *token;
    }
    return !any || money_publish(events, err);
}
