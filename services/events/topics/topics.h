// What the topics do when live says that something happened.
#ifndef EVENTS_TOPICS_TOPICS_H
#define EVENTS_TOPICS_TOPICS_H

#include "services/events/events.h"

extern const struct events_hooks topics_hooks;

#endif
