// Tickets by which an account takes over a guest's seat: shown by the god, on a screen or as a QR code, for
// some minutes. Nothing is stored. Thread-safe.
#ifndef EVENTS_LIVE_TICKET_H
#define EVENTS_LIVE_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/ids.h"

enum { TICKET_KEY = 32, TICKET_TEXT = 49, TICKET_LIFE_MS = 15 * 60 * 1000 };

// event_id and guest_id are ids in canonical form; key is the installation's.
void ticket_make(char out[TICKET_TEXT], const uint8_t key[TICKET_KEY], const char *event_id,
                 const char *guest_id, int64_t now_ms);
// False for a text that is no ticket of this event, and when its time is over.
bool ticket_read(struct uuid *guest_id, const uint8_t key[TICKET_KEY], const char *event_id, const char *text,
                 int64_t now_ms);

#endif
