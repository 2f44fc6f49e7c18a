#include "services/events/game/status.h"

bool person_has(const struct person *person, Events__Status__Value status)
{
    return person->statuses.on >> status & 1;
}

bool person_alive(const struct person *person) { return !(person->statuses.on & STATUSES_GONE); }

bool person_silenced(const struct person *person) { return person->statuses.on & STATUSES_SILENT; }

int32_t status_until(const struct game *game, Events__Status__Value status)
{
    int32_t closed = game_closed_phases(game);
    switch (status) {
    case EVENTS__STATUS__VALUE__SILENT_2_PHASES:
        return closed + 2;
    case EVENTS__STATUS__VALUE__DISABLED_3_PHASES:
        return closed + 3;
    case EVENTS__STATUS__VALUE__SILENT_6_PHASES:
        return closed + 6;
    case EVENTS__STATUS__VALUE__PRO_KILLED_9_PHASES:
        return closed + 9;
    default:
        return 0;
    }
}
