// Pages of the lists that are made from a game. A token is the number of the page's first one, among what the
// viewer sees. Private to the room.
#ifndef EVENTS_HANDLERS_PAGES_H
#define EVENTS_HANDLERS_PAGES_H

#include "services/events/handlers/handlers.h"

// count: how many the viewer sees. BAD_PAGE_TOKEN.
MUST_CHECK bool page_choose(struct view_page *page, int32_t size, const char *token, size_t count,
                            struct err *err);
// The token of the page that follows; "" after the last.
MUST_CHECK bool page_token(const struct view_page *page, const char **token, struct arena *arena,
                           struct err *err);

#endif
