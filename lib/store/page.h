// Page tokens: where a find stopped, with a checksum over the table, index and bounds it was given for, as
// base64url.
#ifndef LIB_STORE_PAGE_H
#define LIB_STORE_PAGE_H

#include "lib/store/backend.h"

// The token that continues after `message`; NULL when the arena is full.
const char *store_page_token(const struct store_scan *scan, const ProtobufCMessage *message,
                             struct arena *arena);
// The token of a position in its encoded form.
const char *store_page_seal(const struct store_scan *scan, const void *position, size_t len,
                            struct arena *arena);
// Fills scan->after and after_id from scan->query's token; BAD_PAGE_TOKEN when it was not given for this
// query.
MUST_CHECK bool store_page_parse(struct store_scan *scan, struct arena *arena, struct err *err);

#endif
