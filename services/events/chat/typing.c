#include "services/events/chat/typing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/events/chat/room.h"

struct typist {
    char room_id[ROOM_ID];
    struct uuid user_id;
    int64_t until_ms; // monotonic; 0: free
};

struct typing {
    pthread_mutex_t mutex;
    struct typist typists[TYPING_MOST];
};

bool typing_open(struct typing **typing, struct err *err)
{
    *typing = calloc(1, sizeof **typing);
    if (!*typing) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&(*typing)->mutex, NULL);
    return true;
}

void typing_close(struct typing *typing)
{
    if (!typing) return;
    pthread_mutex_destroy(&typing->mutex);
    free(typing);
}

static bool is_at(const struct typist *typist, const char *room_id, const char *user_id)
{
    return strcmp(typist->user_id.text, user_id) == 0 && strcmp(typist->room_id, room_id) == 0;
}

// Their own place, or that of whom is forgotten first.
static struct typist *place_for(struct typing *typing, const char *room_id, const char *user_id)
{
    struct typist *oldest = typing->typists;
    for (size_t i = 0; i < TYPING_MOST; i++) {
        struct typist *typist = &typing->typists[i];
        if (is_at(typist, room_id, user_id)) return typist;
        if (typist->until_ms < oldest->until_ms) oldest = typist;
    }
    return oldest;
}

bool typing_note(struct typing *typing, const char *room_id, const char *user_id, int64_t mono_ms)
{
    pthread_mutex_lock(&typing->mutex);
    struct typist *typist = place_for(typing, room_id, user_id);
    bool known = is_at(typist, room_id, user_id) && typist->until_ms > mono_ms;
    snprintf(typist->room_id, sizeof typist->room_id, "%s", room_id);
    snprintf(typist->user_id.text, sizeof typist->user_id.text, "%s", user_id);
    typist->until_ms = mono_ms + TYPING_MS;
    pthread_mutex_unlock(&typing->mutex);
    return !known;
}

void typing_end(struct typing *typing, const char *room_id, const char *user_id)
{
    pthread_mutex_lock(&typing->mutex);
    for (size_t i = 0; i < TYPING_MOST; i++)
        if (is_at(&typing->typists[i], room_id, user_id)) typing->typists[i].until_ms = 0;
    pthread_mutex_unlock(&typing->mutex);
}

size_t typing_in(struct typing *typing, const char *room_id, int64_t mono_ms,
                 struct uuid users[TYPING_IN_ROOM], int64_t *next_ms)
{
    size_t count = 0;
    *next_ms = 0;
    pthread_mutex_lock(&typing->mutex);
    for (size_t i = 0; i < TYPING_MOST && count < TYPING_IN_ROOM; i++) {
        const struct typist *typist = &typing->typists[i];
        if (typist->until_ms <= mono_ms || strcmp(typist->room_id, room_id) != 0) continue;
        users[count++] = typist->user_id;
        if (!*next_ms || typist->until_ms < *next_ms) *next_ms = typist->until_ms;
    }
    pthread_mutex_unlock(&typing->mutex);
    return count;
}
