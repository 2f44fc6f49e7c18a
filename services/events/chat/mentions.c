#include "services/events/chat/mentions.h"

#include <string.h>

#include "lib/schema/passport.h"

enum { NAME_LEAST = 3, NAME_MOST = 32 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool may_be_of_name(char c) { return is_letter(c) || c == '.' || c == '-'; }

static bool is_named(const struct mentions *mentions, const char *user_id)
{
    for (size_t i = 0; i < mentions->count; i++)
        if (strcmp(mentions->users[i].text, user_id) == 0) return true;
    return false;
}

static void add_member(struct mentions *mentions, const struct game *game, const struct room *room,
                       int64_t now_ms, const struct name_told *told)
{
    const struct room_viewer viewer = {told->user_id.text, told->level == LEVEL_DEV,
                                       told->level && told->level <= LEVEL_GOD};
    if (mentions->count == TALK_MAX_MENTIONS || is_named(mentions, told->user_id.text)) return;
    const struct room_right right = room_right(game, &viewer, room, now_ms);
    if (!right.read || right.behind_ms) return; // who sees it late would learn of it at once
    mentions->users[mentions->count] = told->user_id;
    mentions->ids[mentions->count] = mentions->users[mentions->count].text;
    mentions->count++;
}

// A name may end with a dot or a dash, and a sentence too: the longest that somebody has counts.
static bool find_name(struct names *names, const char *text, size_t len, struct name_told *told)
{
    char name[NAME_MOST + 1];
    for (; len >= NAME_LEAST; len--) {
        memcpy(name, text, len);
        name[len] = 0;
        if (names_look_up(names, name, told)) return true;
        if (is_letter(text[len - 1])) return false;
    }
    return false;
}

void mentions_find(struct mentions *mentions, struct names *names, const struct game *game,
                   const struct room *room, int64_t now_ms, const char *text)
{
    struct name_told told;
    mentions->count = 0;
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@')) {
        size_t len = 0;
        if (at > text && may_be_of_name(at[-1])) continue; // an address of mail
        while (len <= NAME_MOST && may_be_of_name(at[1 + len])) len++;
        if (len >= NAME_LEAST && len <= NAME_MOST && find_name(names, at + 1, len, &told))
            add_member(mentions, game, room, now_ms, &told);
    }
}
