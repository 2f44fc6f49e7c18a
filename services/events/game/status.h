// The statuses of players: what each does, how long it lasts, and who sees it. A new one gets its bit in a
// set below and, when it ends by itself, its row in status_until.
#ifndef EVENTS_GAME_STATUS_H
#define EVENTS_GAME_STATUS_H

#include "services/events/game/game.h"

#define STATUS_BIT(status) (1U << EVENTS__STATUS__VALUE__##status)

enum {
    STATUSES_GONE = STATUS_BIT(KICKED) | STATUS_BIT(DEAD) | STATUS_BIT(EXITED) | STATUS_BIT(DEVOTED),
    STATUSES_SILENT = STATUS_BIT(SILENT_2_PHASES) | STATUS_BIT(SILENT_6_PHASES),
    STATUSES_MUTE =
        STATUSES_SILENT | STATUS_BIT(DISABLED_3_PHASES) | STATUS_BIT(DISABLED), // they do not vote

    STATUSES_PUBLIC = STATUSES_GONE | STATUSES_SILENT, // seen by everyone
    STATUSES_OWN =
        STATUS_BIT(DISABLED_3_PHASES) | STATUS_BIT(DISABLED) | STATUS_BIT(CHAINED), // by the player
    STATUSES_HIDDEN = STATUS_BIT(PRO_KILLED_9_PHASES) | STATUS_BIT(ROLE_CHANGED) | STATUS_BIT(SIDE_CHANGED),
    STATUSES_CHANGES = STATUS_BIT(ROLE_CHANGED) | STATUS_BIT(SIDE_CHANGED), // seen by the player once told
};

bool person_has(const struct person *person, Events__Status__Value status);
bool person_alive(const struct person *person);
bool person_silenced(const struct person *person);
// The phase up to which a status set now lasts; 0: no end.
int32_t status_until(const struct game *game, Events__Status__Value status);

#endif
