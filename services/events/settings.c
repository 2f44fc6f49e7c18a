// The events service's settings, as --help lists them.
#include <stddef.h>

#include "services/events/events.h"

#define AT(field) offsetof(struct events_settings, field)

const struct config_var events_vars[] = {
    {"CONSE_GAMES_MEMORY", CONFIG_SIZE, AT(memory_bytes), "64M",
     "games kept loaded; the least recently used leave first", 1 << 20, 1LL << 36, 0},
    {"CONSE_REMINDERS", CONFIG_TEXT, AT(reminders), "1d,1h,10m",
     "times of reminders before the start; at most eight, or empty", 0, 0, 0},
    {"CONSE_IDLE_EXPIRES", CONFIG_DURATION, AT(idle_ms), "72h",
     "a running game expires when who leads it did nothing for so long", 60000, 3650LL * 86400000, 0},
    {"CONSE_PUBLIC_URL", CONFIG_TEXT, AT(public_url), "http://localhost:7438",
     "where people reach it; in wallet sign-in messages, QR codes and links", 0, 0, 0},
    {"CONSE_CHAT_DAYS", CONFIG_INT, AT(chat_days), "365",
     "days after an event's end until what was said in its rooms is erased", 1, 36500, 0},
    {"CONSE_CHAT_DELETED", CONFIG_DURATION, AT(deleted_text_ms), "7d",
     "how long who leads an event can still read a text that was deleted or replaced", 1000, 365LL * 86400000,
     0},
    {"CONSE_GOD_IMAGES", CONFIG_INT, AT(god_images), "200", "images that one god may have", 1, 1000, 0},
    {"CONSE_GOD_IMAGE_BYTES", CONFIG_SIZE, AT(god_image_bytes), "128M",
     "bytes of the images of one god together", 1 << 10, 1LL << 40, 0},
    {"CONSE_PUSH_LOOPBACK", CONFIG_BOOL, AT(push_loopback), "no",
     "webhooks may be on this machine, by http and on any port: for tests", 0, 0, 0},
    {"CONSE_PUSH_RETRY", CONFIG_DURATION, AT(push_retry_ms), "5s",
     "until a webhook that failed is tried again; twice as long after each failure", 10, 3600 * 1000, 0},
    {"CONSE_PUSH_GIVE_UP", CONFIG_DURATION, AT(push_give_up_ms), "24h",
     "how long an entry is tried at a webhook", 1000, 30LL * 86400000, 0},
    {"CONSE_PUSH_REDIS", CONFIG_SECRET, AT(push_redis), "",
     "where topics are published too, each in the channel conse.<topic>: redis://..., as CONSE_CACHE; empty: "
     "nowhere",
     0, 0, 0},
    {0},
};
