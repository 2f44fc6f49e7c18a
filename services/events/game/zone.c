#include "services/events/game/zone.h"

#include <libical/ical.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "services/events/game/game.h"
#include "services/events/game/zone_names.h"

// libical's zones are shared and filled in when first used.
static pthread_mutex_t zones_mutex = PTHREAD_MUTEX_INITIALIZER;

static icaltimezone *find_zone(const char *name)
{
    if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0) return icaltimezone_get_utc_timezone();
    return icaltimezone_get_builtin_timezone(name);
}

static int64_t offset_at(icaltimezone *zone, int64_t utc_s)
{
    int is_daylight;
    struct icaltimetype time =
        icaltime_from_timet_with_zone((time_t)utc_s, 0, icaltimezone_get_utc_timezone());
    return icaltimezone_get_utc_offset_of_utc_time(zone, &time, &is_daylight);
}

// Tries the offsets in force a day before and a day after. Both fit where nothing changes or a time happens
// twice, neither in a gap, where the earlier offset puts the time behind it.
static int64_t zone_resolve(icaltimezone *zone, int64_t wall_s)
{
    enum { DAY_S = 86400 };
    int64_t before = wall_s - offset_at(zone, wall_s - DAY_S),
            after = wall_s - offset_at(zone, wall_s + DAY_S);
    bool before_fits = before + offset_at(zone, before) == wall_s,
         after_fits = after + offset_at(zone, after) == wall_s;
    if (before_fits && after_fits) return before < after ? before : after;
    return after_fits ? after : before;
}

static int64_t wall_seconds(const char *local)
{
    struct icaltimetype time = icaltime_null_time();
    sscanf(local, "%d-%d-%dT%d:%d:%d", &time.year, &time.month, &time.day, &time.hour, &time.minute,
           &time.second);
    return (int64_t)icaltime_as_timet_with_zone(time, icaltimezone_get_utc_timezone());
}

bool zone_to_utc(const char *local, const char *name, int64_t *unix_ms, struct err *err)
{
    if (!zone_names_has(name))
        return err_field(err, INVALID_FIELD, "starts_at.zone", "there is no time zone of this name");
    pthread_mutex_lock(&zones_mutex);
    icaltimezone *zone = find_zone(name);
    if (zone) *unix_ms = zone_resolve(zone, wall_seconds(local)) * 1000;
    pthread_mutex_unlock(&zones_mutex);
    return zone || err_field(err, INVALID_FIELD, "starts_at.zone", "there is no time zone of this name");
}

static void add_zone(icalcomponent *calendar, icaltimezone *zone, const char *name)
{
    icalcomponent *component = icaltimezone_get_component(zone);
    if (!component) return;
    component = icalcomponent_new_clone(component);
    icalproperty *id = icalcomponent_get_first_property(component, ICAL_TZID_PROPERTY);
    if (id) icalproperty_set_tzid(id, name);
    icalcomponent_add_component(calendar, component);
}

static icalproperty *start_property(const struct terms *terms, bool zoned)
{
    struct icaltimetype start = icaltime_null_time();
    sscanf(terms->local, "%d-%d-%dT%d:%d:%d", &start.year, &start.month, &start.day, &start.hour,
           &start.minute, &start.second);
    if (!zoned)
        return icalproperty_new_dtstart(
            icaltime_from_timet_with_zone(terms->starts_ms / 1000, 0, icaltimezone_get_utc_timezone()));
    icalproperty *property = icalproperty_new_dtstart(start);
    icalproperty_add_parameter(property, icalparameter_new_tzid(terms->zone));
    return property;
}

// What stands for a revision must not change without one: others would learn from it what happens in the
// game.
static icalcomponent *event_component(const struct game *game, bool zoned)
{
    icaltimezone *utc = icaltimezone_get_utc_timezone();
    bool off = game->state == EVENTS__EVENT__STATE__CANCELLED || game->state == EVENTS__EVENT__STATE__EXPIRED;
    char uid[UUID_LEN + 8];
    snprintf(uid, sizeof uid, "%s@conse", game->id.text);
    return icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid(uid),
        icalproperty_new_dtstamp(icaltime_from_timet_with_zone(game->revised_ms / 1000, 0, utc)),
        start_property(&game->terms, zoned), icalproperty_new_duration(icaldurationtype_from_int(3 * 3600)),
        icalproperty_new_summary(game->terms.title), icalproperty_new_description(game->terms.content),
        icalproperty_new_status(off ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED),
        icalproperty_new_sequence((int)game->revision), (void *)0);
}

char *calendar_write(const struct game *game, const char *name, struct arena *arena)
{
    pthread_mutex_lock(&zones_mutex);
    icaltimezone *zone = find_zone(game->terms.zone);
    bool zoned = zone && zone != icaltimezone_get_utc_timezone();
    icalcomponent *calendar = icalcomponent_vanew(ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"),
                                                  icalproperty_new_prodid(name), (void *)0);
    if (zoned) add_zone(calendar, zone, game->terms.zone);
    icalcomponent_add_component(calendar, event_component(game, zoned));
    char *text = icalcomponent_as_ical_string_r(calendar);
    char *copy = text ? arena_str(arena, text) : NULL;
    icalmemory_free_buffer(text);
    icalcomponent_free(calendar);
    pthread_mutex_unlock(&zones_mutex);
    return copy;
}
