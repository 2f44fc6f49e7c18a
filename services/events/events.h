// The events service's state, shared by its handlers and threads.
#ifndef EVENTS_EVENTS_H
#define EVENTS_EVENTS_H

#include "game.pb-c.h"
#include "lib/audit/audit.h"
#include "lib/bus/bus.h"
#include "lib/service/config.h"
#include "lib/keys/keyring.h"
#include "lib/store/store.h"
#include "services/events/game/rules/rules.h"
#include "services/events/live/quota.h"

struct bells;
struct catalogue;
struct bus_listener;
struct edited;
struct eraser;
struct commit;
struct group_names;
struct live;
struct metrics;
struct names;
struct notices;
struct pictures;
struct projector;
struct push;
struct replica;
struct room_news;
struct signer;
struct timers;
struct typing;
struct vapid;

// The leases of the works that one process at a time does.
#define EVENTS_TIMERS "timers"
#define EVENTS_SWEEPS "sweeps"
#define EVENTS_PUSH "push"

struct events_settings {
    int64_t memory_bytes;                // of games kept loaded
    const char *reminders;               // "1d,1h,10m"
    int64_t idle_ms;                     // after which a running game expires
    const char *public_url;              // of the gateway, without a slash at its end
    int64_t god_images, god_image_bytes; // that one god may have
    int64_t chat_days;                   // how long rooms' texts are kept after the end
    int64_t deleted_text_ms;             // and those that were deleted or replaced
    bool push_loopback;                  // webhooks may be on this machine
    int64_t push_retry_ms;               // until a delivery that failed is tried again, at first
    int64_t push_give_up_ms;             // and no more
    const char *push_redis;              // where topics are published, too; "": nowhere
};

struct events;

// The parts of topics that live calls, by hooks.
struct events_hooks {
    void (*stored)(struct events *events, const struct commit *commit);        // in the commit thread
    void (*behind)(struct events *events, const char *event_id, bool at_once); // its rows are to be rebuilt
    void (*tick)(struct events *events);                                       // every 100 ms
    bool (*caught_up)(
        const struct events *events); // the remains of an older program or a crash have been rebuilt
};

// What topics call of push.
struct push_hooks {
    void (*wake)(struct push *push, const char *event_id);  // the event has an entry
    void (*told)(struct bells *bells, const char *user_id); // the user was told something
};

struct events {
    struct events_settings settings;
    struct reminders reminders;
    struct store *store;
    struct replica *replica;         // NULL in tools and tests
    struct bus_publisher *publisher; // NULL in tools and tests
    struct bus_listener *peers;      // NULL too, and on an exclusive store
    struct bus_consumer *payments;   // of chain.payments; NULL in tools and tests
    struct catalogue *catalogue;
    struct names *names;
    struct group_names *group_names;
    struct edited *edited; // NULL on an exclusive store
    struct live *aggregates;
    struct live *rooms; // of aggregates, and locked after them
    struct typing *typing;
    struct eraser *eraser;       // NULL in tools
    struct room_news *room_news; // NULL in tools
    const struct events_hooks *hooks;
    struct push *push;
    struct bells *bells;
    struct vapid *vapid;
    const struct push_hooks *push_hooks;
    struct notices *notices;
    struct pictures *pictures;
    struct projector *projector; // NULL in tools
    struct timers *timers;       // NULL in tools
    struct metrics *metrics;     // or NULL
    struct quotas quotas;
    struct audit *audit;
    struct keyring *keys;
    struct signer *signer;
};

struct events_options {
    const struct events_settings *settings;
    const char *data_dir;
    const char *store_url;
    const char *self;        // where others call this process; NULL in tools
    struct metrics *metrics; // or NULL
    const char *master_keys; // CONSE_MASTER_KEY_FILE; NULL: none, keys are files
};

#define EVENTS_KEY_DEAL                                                                                      \
    "deal" // in the ring: seals deal secrets, and tickets of guests' seats are made from it

extern const struct config_var events_vars[]; // fill a struct events_settings

// Opens keys, store, catalogue. It starts no threads.
MUST_CHECK bool events_open(struct events *events, const struct events_options *options, struct err *err);
MUST_CHECK bool events_start(struct events *events, struct err *err);
void events_close(struct events *events); // stops the threads too

#endif
