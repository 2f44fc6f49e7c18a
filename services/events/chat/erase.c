#include "services/events/chat/erase.h"

#include <stdio.h>
#include <string.h>

#include "services/events/tables.h"

static const int64_t DAY_MS = 24 * 3600 * INT64_C(1000);

int64_t erase_due_ms(const struct events *events, const struct game *game)
{
    return game->ended_ms ? game->ended_ms + events->settings.chat_days * DAY_MS : 0;
}

bool erase_is_due(const struct events *events, const struct game *game, int64_t now_ms)
{
    int64_t due_ms = erase_due_ms(events, game);
    return due_ms && now_ms >= due_ms;
}

// Whoever puts it puts the same.
static uint64_t put_writer(struct open_room *open, const struct writer *by)
{
    char id[UUID_LEN + 1 + ROOM_ID];
    Chat__WriterRow row = CHAT__WRITER_ROW__INIT;
    const struct store_write write = {.after = open->live.ticket};
    snprintf(id, sizeof id, "%s/%s", by->user_id.text, open->live.id.text);
    row.id = id;
    return store_put_made(open->events->store, &events_tables[EVENTS_ROOM_WRITERS], &row.base, 1, &write);
}

uint64_t erase_note(struct open_room *open)
{
    const struct talk *talk = &open->talk;
    const struct deed *newest = &talk->deeds[talk->deeds_count - 1];
    const struct writer *writer = &talk->writers[talk->messages[newest->message].writer];
    bool first = newest->which == CHAT__ENTRY__BODY_SAID && writer->said == 1;
    return first ? put_writer(open, writer) : 0;
}
