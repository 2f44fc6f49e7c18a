// What the topics do when live reports an event's change.
#ifndef EVENTS_TOPICS_TOPICS_H
#define EVENTS_TOPICS_TOPICS_H

#include "services/events/events.h"

extern const struct events_hooks topics_hooks;

#endif
