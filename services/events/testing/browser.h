// Browsers of people for tests of the service. Nobody answers at their endpoints, so telling them fails.
#ifndef EVENTS_TESTING_BROWSER_H
#define EVENTS_TESTING_BROWSER_H

#include "services/events/testing/table.h"

// The keys of RFC 8291's example.
static inline void browser_request(char request[WORLD_REQUEST], const struct asker *who, unsigned number)
{
    snprintf(request, WORLD_REQUEST,
             "{'endpoint':'http://127.0.0.1:1/%s/%u','keys':{'auth':'BTBZMqHH6r4Tts7J_aSIgg','p256dh':"
             "'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'}}",
             who->user_id, number);
}

static inline void register_browser(struct service_world *world, const struct asker *who, unsigned number)
{
    char request[WORLD_REQUEST];
    browser_request(request, who, number);
    service_must(world, who, "events.AddBrowser", request);
}

#endif
