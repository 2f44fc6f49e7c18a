// Follows the topics of events and people, and tells every loop's parked reads of what comes.
#ifndef GATEWAY_STREAM_NEWS_H
#define GATEWAY_STREAM_NEWS_H

#include "lib/base/err.h"

struct gateway;
struct news;

// The loops must be open, and stay so until news_stop.
MUST_CHECK bool news_start(struct news **news, struct gateway *gateway, struct err *err);
void news_stop(struct news *news); // NULL is fine

#endif
