// The images of events and groups, stored under the hash of their bytes, each with the god that put it last
// and the time. An image that no row of an event or group names is removed a day after that. All steps
// between two looks at the stored rows happen in one turn; turns come one at a time and wait for the disk.
#ifndef EVENTS_LIVE_PICTURES_H
#define EVENTS_LIVE_PICTURES_H

#include "services/events/events.h"

struct pictures;

enum { PICTURE_ID = 65, PICTURE_KEPT_MS = 24 * 3600 * 1000 };

struct picture {
    const char *god_id, *type;
    ProtobufCBinaryData bytes;
    int64_t now_ms;
    uint8_t sha256[32];
    char id[PICTURE_ID];
    uint64_t touched; // version of its touch before it was kept; 0: there was none
    bool known;       // it existed before it was kept
};

MUST_CHECK bool pictures_open(struct pictures **pictures, struct events *events, struct err *err);
// The thread that removes old ones.
MUST_CHECK bool pictures_start(struct pictures *pictures, struct err *err);
void pictures_stop(struct pictures *pictures); // NULL is fine
void pictures_close(struct pictures *pictures);

// Taken before an event's lock, never under it.
struct pictures *pictures_enter(struct events *events);
void pictures_leave(struct pictures **pictures);
#define AUTO_TURN __attribute__((cleanup(pictures_leave)))

// Within a turn. Stores and touches the image that the god puts, and fills in its hash. IMAGE_QUOTA.
MUST_CHECK bool picture_keep(struct pictures *turn, struct picture *picture, struct err *err);
// Within the same turn: the image is not shown after all, so it is removed if it was not there before.
void picture_drop(struct pictures *turn, const struct picture *picture);

// One look at all images, each in a turn of its own: those that nothing shows and that were last touched a
// day ago are removed. Those of older programs are touched first. Nothing when another process has the lease.
MUST_CHECK bool pictures_sweep(struct events *events, int64_t now_ms, struct err *err);

#endif
