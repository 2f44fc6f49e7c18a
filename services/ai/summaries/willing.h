// Whether a language model may read what people said.
#ifndef AI_SUMMARIES_WILLING_H
#define AI_SUMMARIES_WILLING_H

#include "ai.pb-c.h"
#include "services/ai/summaries/window.h"

// Of an account, by struct names; not of one that is gone, or that nobody knows. SERVICE_AWAY while news from
// auth is late: what people want may be another by now.
window_may willing_account;
// Why no model is asked, when messages could not be picked by that.
Ai__Summary__Because willing_why_not(const struct err *err);

#endif
