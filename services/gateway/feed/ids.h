// The text by which a client of several streams says how far it is in each: `Last-Event-ID`, `?after=`. For
// one topic its cursor; for several "topic=cursor" for each that has one, in the topics' order, joined by
// commas; behind it, when the stream was opened by a ticket, "." and the stream's secret. Pure.
#ifndef GATEWAY_FEED_IDS_H
#define GATEWAY_FEED_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/cursor.h"
#include "services/gateway/feed/feed.h"

enum { IDS_SECRET = 26, IDS_MOST = 4096 };

struct ids {
    char after[FEED_TOPICS_MOST][CURSOR_TEXT]; // by topic; "" for none
    char secret[IDS_SECRET + 1];               // "" for none
};

// False for anything that ids_write does not write for these topics.
bool ids_parse(const char *text, const char *const *topics, size_t count, struct ids *ids);
// Cuts the secret off: returns the length of what is before it. *secret: where it begins; NULL: there is
// none.
size_t ids_split(const char *text, const char **secret);
// Returns the length; 0 when nothing has been seen, or it would be too long.
size_t ids_write(const struct ids *ids, const char *const *topics, size_t count, char out[IDS_MOST + 1]);

#endif
